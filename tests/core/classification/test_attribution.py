"""Highlights: phrases that stand where the words stand, and without them the text says less."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from fastai.text.all import AWD_LSTM
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier

from core.classification.attribution import (
    LENGTH_POWER,
    PARTS,
    PHRASE,
    SHOWN,
    phrases_in,
    read_with_highlights,
    visible,
    words_in,
)
from core.classification.head import train_head
from core.classification.predictor import ENCODER, HEAD, Predictor
from core.data.ratings.synthetic import THEMES, synthetic_world
from core.language_model.encoder import Encoder
from core.language_model.tokenizer import tokenise
from core.language_model.weights import save_weights
from core.meaning.vocabulary import function_words
from core.progress import silent
from core.settings import preset
from core.training.fit import FitContext

WORLD = synthetic_world(films=60)
PLANTED = list(THEMES)[:4]


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """An encoder as it was drawn at random, and a head that learnt the planted factors from it."""
    folder = tmp_path_factory.mktemp("classifier")
    tokens = tokenise(WORLD.reviews.review, silent, "")
    words = ["xxunk", "xxpad", *(word for word in tokens.words if word != "xxunk")]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = awd_lstm_clas_config | {"emb_sz": 60, "n_hid": 60, "n_layers": 1}
        model = get_text_classifier(AWD_LSTM, len(words), 4, config=config)
        model.load_state_dict({name: 3 * weights for name, weights in model.state_dict().items()})
    state = {ENCODER + name: weights for name, weights in model[0].module.state_dict().items()}
    save_weights(model[0].module.state_dict(), folder / "encoder.safetensors")
    (folder / "vocab.json").write_text(json.dumps(words))
    info = {"labels": [0, 1, 2, 3], "sequence_length": 72, "max_length": 1440}
    (folder / "info.json").write_text(json.dumps(info))
    head = train_head(
        Encoder(folder).features(tokens, silent),
        WORLD.labels[WORLD.reviews.film_id.astype(int) - 1],
        preset("quick").classifier,
        FitContext(0, silent),
    )
    state |= {HEAD + name: weights for name, weights in head.items()}
    save_weights(state, folder / "classifier.safetensors")
    return Predictor(folder)


def highlights(predictor: Predictor, text: str, factor: int) -> list[dict[str, Any]]:
    tokens = tokenise([text], silent, "")
    _, rows = read_with_highlights(predictor, text, tokens, predictor.trace(tokens), function_words("en"))
    return [row for row in rows if row["factor"] == factor]


def test_the_strongest_phrases_hold_the_planted_words(predictor: Predictor) -> None:
    planted = THEMES[PLANTED[0]].split()
    text = "I watched this and the plot was quick. The " + ". The ".join(planted) + " again."
    strongest = [row["word"] for row in highlights(predictor, text, 0) if row["effect"] > 0]
    assert len(strongest) >= 4 and all(set(phrase.split()) & set(planted) for phrase in strongest[:4])


def test_a_phrase_of_unknown_words_alone_is_no_evidence(predictor: Predictor) -> None:
    ghost = THEMES[PLANTED[0]].split()[0]
    rows = highlights(predictor, f"The qwerty zxcv. A {ghost} zyzzyva. I watched the qwerty.", 0)
    assert rows and not any(row["word"] in ("qwerty", "zxcv", "qwerty zxcv", "zyzzyva") for row in rows)
    assert not highlights(predictor, "The qwerty of a zxcv.", 0)


def test_neighbours_that_say_the_same_are_one_phrase(predictor: Predictor) -> None:
    text = f"I watched this. {' '.join(THEMES[PLANTED[0]].split()[:3])}. The plot was quick."
    first, *_ = highlights(predictor, text, 0)
    assert first["word"] in " ".join(THEMES[PLANTED[0]].split()[:3]) and " " in first["word"]


def test_a_function_word_is_never_marked_alone_nor_at_the_end_of_a_phrase(predictor: Predictor) -> None:
    assert highlights(predictor, "It was the one of it, and they are not.", 0) == []
    stop = function_words("en")
    for text in WORLD.reviews.review[:20]:
        for row in highlights(predictor, text, 0):
            words = row["word"].lower().split()
            assert words[0] not in stop and words[-1] not in stop and len(words) <= PHRASE


def test_phrases_do_not_overlap(predictor: Predictor) -> None:
    places = sorted((row["start"], row["end"]) for row in highlights(predictor, WORLD.reviews.review[0], 1))
    assert len(places) > 2
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


def test_removing_the_highlights_lowers_the_score_more_than_removing_others(predictor: Predictor) -> None:
    rng = np.random.default_rng(0)
    lower, others = [], []
    for text, film in zip(WORLD.reviews.review[:40], WORLD.reviews.film_id.astype(int), strict=False):
        label = int(WORLD.labels[film - 1].argmax())
        highlighted = [
            (row["start"], row["end"]) for row in highlights(predictor, text, label)[:5] if row["effect"] > 0
        ]
        words = [(part.start, part.end) for part in words_in(text, tokenise([text], silent, "").words_of(0))]
        drawn = [words[i] for i in rng.choice(len(words), len(highlighted), replace=False)]
        tokens = tokenise([text, without(text, highlighted), without(text, drawn)], silent, "")
        whole, less, other = predictor.read(predictor.features(tokens))[:, label]
        lower.append(whole - less)
        others.append(whole - other)
    assert np.mean(lower) > 3 * max(0.0, float(np.mean(others)))
    assert np.mean(np.array(lower) > np.array(others)) > 0.9


def without(text: str, places: list[tuple[int, int]]) -> str:
    for start, end in sorted(places, reverse=True):
        text = text[:start] + text[end:]
    return text


def test_an_effect_is_what_the_logit_loses_without_the_phrase(predictor: Predictor) -> None:
    text = "We saw it. The rocket again"
    tokens = tokenise([text, "We saw it. The again"], silent, "")
    logits = predictor.read(predictor.features(tokens))[:, 0]
    (row,) = [row for row in highlights(predictor, text, 0) if row["word"] == "rocket"]
    assert (row["start"], row["end"]) == (15, 21)
    assert row["effect"] == pytest.approx(float(logits[0] - logits[1]), abs=1e-5)
    probabilities = predictor.probabilities(tokens, silent)[:, 0]
    assert row["fall"] == pytest.approx(float(probabilities[0] - probabilities[1]), abs=1e-5)


def test_each_label_has_its_strongest_few(predictor: Predictor) -> None:
    for factor in range(4):
        rows = highlights(predictor, " ".join(WORLD.reviews.review[:3]), factor)
        sizes = [abs(row["effect"]) / len(row["word"].split()) ** LENGTH_POWER for row in rows]
        assert len(sizes) == 2 * SHOWN and sizes == sorted(sizes, reverse=True)
        assert sum(row["effect"] > 0 for row in rows) == SHOWN


def test_no_words_have_no_highlights(predictor: Predictor) -> None:
    assert highlights(predictor, "?! 😀", 0) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's soooo good, isn't it?", ["It's", "soooo", "good", "isn't", "it"]),
        ("very very very well", ["very very very", "well"]),
        ("<i>Good</i> A &amp; B caf&eacute; end", ["Good", "A", "B", "end"]),
        ("a half-hearted film/book", ["a", "half", "hearted", "film", "book"]),
        ("İstanbul GOOD Straße", ["GOOD", "Straße"]),
        ("xxrep foo", ["foo"]),
        ("A film. <img src=x onerror=alert(1)>  I like you", ["A", "film", "I", "like", "you"]),
    ],
)
def test_words_are_found_where_they_are_written(text: str, words: list[str]) -> None:
    parts = words_in(visible(text), tokenise([visible(text)], silent, "").words_of(0))
    assert [text[part.start : part.end] for part in parts] == words


@pytest.mark.parametrize("text", ["film story " * PARTS, "Film. Story! " * 3 * PARTS])
def test_a_long_text_is_cut_into_pieces_that_do_not_overlap(text: str) -> None:
    phrases = phrases_in(text, tokenise([text], silent, "").words_of(0), frozenset())
    assert PARTS / 4 < len(phrases) <= PARTS and phrases[-1].end == len(text.rstrip(" !"))
    assert all(one.after <= other.first for one, other in pairwise(phrases))


def test_a_phrase_stays_within_its_clause() -> None:
    text = "A ghost, a house. Cold\nsea (fog) and rock'n'roll"
    phrases = phrases_in(text, tokenise([text], silent, "").words_of(0), function_words("en"))
    written = [text[phrase.start : phrase.end] for phrase in phrases]
    assert written == ["ghost", "house", "Cold", "sea", "fog", "rock'n'roll"]
