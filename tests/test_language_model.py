"""The language model and the classifier: what they keep, refuse and repeat."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import classifier, language_model
from core.errors import BadInput, DegenerateResult
from core.language_model import Numbers, load_encoder
from core.planted import planted
from core.predict import LONGEST, answer
from core.predictions import Reader
from core.progress import Report, silent
from core.settings import Phase, preset
from core.tokens import tokenise

QUICK = preset("quick")
SMALL = replace(QUICK.language_model, embedding_size=12, hidden_size=12, epochs=1, max_reviews=150)
CLASSIFIER = replace(QUICK.classifier, phases=(Phase(1, 1, 1e-2), Phase(0, 1, 1e-2)))


@pytest.fixture(scope="module")
def tokens() -> list[list[str]]:
    return tokenise(planted(films=20).reviews.review, silent, "")


def fitted(tokens: list[list[str]], folder: Path, report: Report) -> tuple[Path, Path]:
    """Train both small models; give their folders."""
    encoder, reader = folder / "encoder", folder / "classifier"
    encoder.mkdir(parents=True)
    reader.mkdir()
    language_model.fine_tune(tokens, SMALL, 1, report, encoder)
    labels = [[3] if i % 2 else [5, 8] for i in range(len(tokens))]
    held_out = np.arange(len(tokens)) % 5 == 0
    classifier.train(tokens, labels, [3, 5, 8], held_out, encoder, CLASSIFIER, 1, report, reader)
    return encoder, reader


@pytest.fixture(scope="module")
def folders(tokens: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return fitted(tokens, tmp_path_factory.mktemp("text"), silent)


def test_the_encoder_is_kept_with_its_words(folders: tuple[Path, Path]) -> None:
    weights, vocabulary, info = load_encoder(folders[0])
    assert info["vocabulary"] == len(vocabulary) == weights["encoder.weight"].shape[0]
    assert vocabulary[0] == "xxunk" and "film" in vocabulary
    assert 1 < info["perplexity"] < len(vocabulary) and info["perplexity_unigram"] < len(vocabulary)


def test_nothing_is_pickled(folders: tuple[Path, Path]) -> None:
    kept = {path.suffix for folder in folders for path in folder.iterdir()}
    assert kept == {".safetensors", ".json"}


def test_the_same_seed_repeats_it_whatever_others_draw(
    tokens: list[list[str]], folders: tuple[Path, Path], tmp_path: Path
) -> None:
    again = fitted(tokens, tmp_path, lambda *_: random.seed())
    first, second = (Reader(f[1]).probabilities(tokens, silent) for f in (folders, again))
    assert np.array_equal(first, second)


def test_probabilities_do_not_depend_on_the_batch(
    tokens: list[list[str]], folders: tuple[Path, Path]
) -> None:
    reader = Reader(folders[1])
    together = reader.probabilities(tokens[:70], silent)
    assert together.shape == (70, 3) and ((together > 0) & (together < 1)).all()
    alone = np.concatenate([reader.probabilities([t], silent) for t in tokens[:70]])
    assert np.abs(together - alone).max() < 1e-4


def test_the_reader_knows_its_labels_and_counts_words(folders: tuple[Path, Path]) -> None:
    reader = Reader(folders[1])
    probabilities, words, unknown = reader.read("The film, the STORY and a zyzzyva!")
    assert reader.labels == [3, 5, 8] and probabilities.shape == (3,)
    assert words == 7 and unknown == ["zyzzyva"]


def test_a_huge_text_is_cut(folders: tuple[Path, Path]) -> None:
    record = {
        "stability": {"unmeasured": "too few films"},
        "factor_model": {"factors": 9},
        "classifier": {"per_label": [{"factor": k, "base_rate": 0.5} for k in (3, 5, 8)], "threshold": 0.5},
    }
    said = answer(Reader(folders[1]), record, "good film " * 50_000)
    assert {row["stability"] for row in said["factors"]} == {"not measured"}
    assert said["cut"] and said["words"] == 2 * LONGEST // len("good film ")
    assert not answer(Reader(folders[1]), record, "A good film.")["cut"]


def test_a_text_without_words_is_refused(folders: tuple[Path, Path]) -> None:
    for text in ("", " \n", "😀 🎬", "?!", "\ud83d"):
        with pytest.raises(BadInput, match="no words in the text"):
            answer(Reader(folders[1]), {}, text)


def test_a_missing_classifier_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path)


def test_too_little_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DegenerateResult, match="too little text"):
        language_model.fine_tune([["xxbos", "good"]] * 3, SMALL, 1, silent, tmp_path)


def test_words_that_are_not_known_have_number_zero() -> None:
    numbers = Numbers(["xxunk", "xxpad", "film", "xxfake"])
    assert numbers(["film", "zyzzyva", "xxfake"]) == [2, 0, 0]


def test_losses_are_kept_an_epoch_each(folders: tuple[Path, Path]) -> None:
    losses = json.loads((folders[1] / "info.json").read_text())["losses"]
    assert len(losses) == 2 and set(losses[0]) == {"train", "valid"}
