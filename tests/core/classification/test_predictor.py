"""The reader: the same numbers as fastai's classifier, one text at a time, and a clear answer to any text."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.text.all import AWD_LSTM
from fastai.text.models.awdlstm import awd_lstm_clas_config
from fastai.text.models.core import get_text_classifier, masked_concat_pool
from support.run_records import run_record

from core.classification.predictor import Predictor
from core.data.ratings.synthetic import PLAIN_WORDS
from core.errors import BadInput
from core.inference.encoding import LONGEST, OpenRun, encode
from core.inference.film import over_reviews, place
from core.inference.predict import TextReading, answer
from core.language_model.encoder import AFTER, Encoder
from core.language_model.tokenizer import tokenise
from core.language_model.weights import save_weights
from core.progress import silent
from core.results.caveats import caveats, farthest, highest_above

WORDS = ["xxunk", "xxpad", "xxbos", "xxmaj", "xxup", ".", *PLAIN_WORDS]
CHUNK, POOLED = 4, 10
"""Small enough for texts of a few words to have more than are pooled."""
SCALE = {
    "calibration": {"slope": [2.0, 0.0, 1.0], "intercept": [0.0, 1.0, 0.0]},
    "thresholds": [0.1, 0.9, 0.5],
}


@dataclass(frozen=True)
class Made:
    """A classifier of fastai's with weights drawn at random, and the folder that has it."""

    model: Any
    folder: Path

    def features(self, numbers: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return masked_concat_pool(*self.model[0](torch.as_tensor(numbers)[None]), CHUNK)[0].numpy()

    def logits(self, numbers: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return self.model(torch.as_tensor(numbers)[None])[0][0].numpy()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("classifier")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = awd_lstm_clas_config | {"emb_sz": 6, "n_hid": 10, "n_layers": 3}
        model = get_text_classifier(
            AWD_LSTM, len(WORDS), 3, seq_len=CHUNK, max_len=POOLED, config=config
        ).eval()
        # As drawn they are so small that every text is read alike.
        model.load_state_dict({name: 3 * weights for name, weights in model.state_dict().items()})
    save_weights(model.state_dict(), folder / "classifier.safetensors")
    save_weights(model[0].module.state_dict(), folder / "encoder.safetensors")
    (folder / "vocab.json").write_text(json.dumps(WORDS))
    (folder / "info.json").write_text(
        json.dumps({"labels": [3, 5, 8], "sequence_length": CHUNK, "max_length": POOLED})
    )
    return Made(model, folder)


def texts(lengths: list[int]) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [np.append(2, rng.integers(3, len(WORDS), length - 1)) for length in lengths]


def test_features_are_those_of_fastai_for_each_text_alone(made: Made) -> None:
    # Around a chunk, around what is pooled, and as long as is read.
    numbers = texts([1, 4, 5, 40, 9, 10, 11, 12, 13, 30, 2])
    features = Encoder(made.folder).pooled(numbers, silent, POOLED, CHUNK)
    assert np.abs(features - [made.features(text) for text in numbers]).max() < 1e-6


def test_what_lies_far_back_is_not_read(made: Made) -> None:
    (long,) = texts([4000])
    changed = np.concatenate([long[:-48][::-1], long[-48:]])
    features = Encoder(made.folder).pooled([long, changed], silent, POOLED, CHUNK)
    assert np.abs(features[0] - features[1]).max() < 1e-6


def test_a_text_without_a_part_is_read_as_if_it_had_never_had_it(made: Made) -> None:
    (text,) = texts([POOLED])
    parts = [(1, 2), (3, 6), (7, 8), (9, 10)]
    encoder = Encoder(made.folder)
    rows = encoder.without(encoder.trace(text, POOLED, CHUNK), parts)
    assert max(end - start for start, end in parts) < AFTER
    alone = [made.features(np.delete(text, slice(*part))) for part in [(0, 0), *parts]]
    assert np.abs(rows - alone).max() < 1e-6


def test_a_part_that_is_not_read_changes_nothing(made: Made) -> None:
    encoder = Encoder(made.folder)
    trace = encoder.trace(*texts([100]), POOLED, CHUNK)
    whole, far, before, inside = encoder.without(trace, [(5, 7), (85, 87), (97, 98)])
    assert np.array_equal(whole, far)
    # What comes before all that is pooled is remembered there.
    assert np.abs(whole - before).max() > 1e-3 and np.abs(whole - inside).max() > 1e-3


def test_probabilities_are_those_of_fastai_one_at_a_time(made: Made) -> None:
    reader = Predictor(made.folder)
    tokens = tokenise(
        ["The film was good.", "Bad", "", "the story " * 19, "Never again a zyzzyva."], silent, ""
    )
    alone = torch.sigmoid(
        torch.as_tensor(np.array([made.logits(text) for text in tokens.numbered(WORDS)]))
    ).numpy()
    assert np.abs(reader.probabilities(tokens, silent) - alone).max() < 1e-4
    assert np.ptp(alone, axis=0).min() > 0.01
    assert reader.thresholds == [0.5] * 3


def test_probabilities_are_calibrated_where_the_folder_says_how(made: Made, tmp_path: Path) -> None:
    for path in made.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    info = json.loads((tmp_path / "info.json").read_text())
    (tmp_path / "info.json").write_text(json.dumps(info | SCALE))
    tokens = tokenise(["The film was good."], silent, "")
    reader = Predictor(tmp_path)
    twice, same, plain = reader.probabilities(tokens, silent)[0]
    logits = reader.logits(tokens, silent)[0]
    assert twice == pytest.approx(1 / (1 + np.exp(-2 * logits[0])))
    assert same == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert plain == pytest.approx(1 / (1 + np.exp(-logits[2])))
    reading = read_text(reader, RECORD, "The film was good.")
    assert {row["factor"]: row["threshold"] for row in reading["factors"]} == {3: 0.1, 5: 0.9, 8: 0.5}
    assert not next(row["predicted"] for row in reading["factors"] if row["factor"] == 5)


def test_a_missing_classifier_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Predictor(tmp_path)


def test_no_texts_have_no_probabilities(made: Made) -> None:
    assert Predictor(made.folder).probabilities(tokenise([], silent, ""), silent).shape == (0, 3)


def read_text(reader: Predictor, record: Any, text: str) -> TextReading:
    return answer(OpenRun(Path(), record, reader), encode(reader, [text]))


LABELS: dict[str, Any] = {
    "stability": {"unmeasured": "too few films"},
    "factor_model": {"factors": 9},
    "classifier": {"per_label": [{"factor": k, "base_rate": 0.5} for k in (3, 5, 8)]},
}
RECORD = run_record(**LABELS)


def test_an_answer_counts_words_and_names_those_not_known(made: Made) -> None:
    reading = read_text(Predictor(made.folder), RECORD, "The film, the STORY and a zyzzyva!")
    assert (
        reading["words"] == 7 and reading["unknown"] == ["a", "zyzzyva"] and reading["unknown_share"] == 2 / 7
    )
    assert [row["factor"] for row in reading["factors"]] == [
        row["factor"] for row in sorted(reading["factors"], key=lambda row: -row["probability"])
    ]
    assert {row["stability"] for row in reading["factors"]} == {"not measured"}


def test_another_language_is_all_unknown(made: Made) -> None:
    assert read_text(Predictor(made.folder), RECORD, "Ein schlechtes Stück ohne Witz")["unknown_share"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "😀 🎬",
        "?!!!!!",
        "\ud83d",
        "\0\x1b\u202e",
        "<p></p><br />",
        "<!-- good film",
        "<style>film{}",
    ],
)
def test_a_text_without_words_is_refused(made: Made, text: str) -> None:
    with pytest.raises(BadInput, match="no words in the text"):
        read_text(Predictor(made.folder), {}, text)


@pytest.mark.parametrize(
    "text",
    [
        "<p>Good <b class='bad'>film</b></p>",
        "Good<!-- bad --> film<script>bad()</script>",
        "\x00Good\x07 film\u202e",
        "Good \ud83d film \ud83d\ude00",
        "Good &amp; film &lt;",
        "<br />Good<br>film",
    ],
)
def test_only_words_are_read(made: Made, text: str) -> None:
    reading = read_text(Predictor(made.folder), RECORD, text)
    assert reading["words"] == 2 and not reading["unknown"]
    assert {text[row["start"] : row["end"]] for row in reading["highlights"]} == {"Good", "film"}


def test_a_huge_text_is_cut(made: Made) -> None:
    reader = Predictor(made.folder)
    reading = read_text(reader, RECORD, "good film " * 50_000)
    assert reading["cut"] and reading["words"] == 2 * LONGEST // len("good film ")
    assert not read_text(reader, RECORD, "A good film.")["cut"]


@pytest.mark.parametrize(
    "text", ["film" * 25_000, "<a" * 25_000, "&#" + "9" * 40_000 + " film", "film " * 9_000]
)
def test_whatever_is_pasted_is_answered(made: Made, text: str) -> None:
    for row in read_text(Predictor(made.folder), RECORD, text)["highlights"]:
        assert 0 <= row["start"] < row["end"] <= LONGEST


def test_the_mean_over_reviews_has_students_interval() -> None:
    """Of 0.2, 0.4 and 0.6 the mean is 0.4, its error 0.2 / root of 3, and Student's factor for two 4.303."""
    probabilities = np.array([[0.2, 0.9], [0.4, 0.9], [0.6, 0.9]])
    sure, open_ = over_reviews(probabilities, [3, 8], [0.4, 0.5], {3: 0.3, 8: 0.5})
    assert sure == {
        "factor": 8,
        "probability": pytest.approx(0.9),
        "low": pytest.approx(0.9),
        "high": pytest.approx(0.9),
        "base_rate": 0.5,
        "clear": True,
        "predicted": 3,
    }
    assert open_["probability"] == pytest.approx(0.4) and open_["predicted"] == 2 and not open_["clear"]
    assert open_["low"] == 0 and open_["high"] == pytest.approx(0.4 + 4.303 * 0.2 / 3**0.5, abs=1e-3)
    (alone,) = over_reviews(probabilities[:1, :1], [3], [0.4], {3: 0.3})
    assert alone["low"] is None and alone["high"] is None and not alone["clear"]


def test_a_set_of_reviews_is_read_as_each_alone_and_those_without_words_are_left_out(
    made: Made, tmp_path: Path
) -> None:
    reader, texts = Predictor(made.folder), ["The film was good.", "🎬", "A zyzzyva.", "<p></p>"]
    few = {"unmeasured": "too few films"}
    record = run_record(**LABELS, placing=few, readability={"per_label": []})
    film = place(OpenRun(tmp_path, record, reader), encode(reader, texts))
    assert film["reviews"] == 2 and film["left_out"] == [2, 4] and film["words"] == 6
    assert film["unmeasured"] == "too few films" and "factors" not in film
    assert [row["text"] for row in film["each"]] == [1, 3]
    alone = [read_text(reader, record, text)["factors"] for text in (texts[0], texts[2])]
    for row in film["reading"]:
        of_factor = [next(r for r in rows if r["factor"] == row["factor"]) for rows in alone]
        assert row["probability"] == pytest.approx(np.mean([r["probability"] for r in of_factor]), abs=1e-5)
        assert row["predicted"] == sum(r["predicted"] for r in of_factor)
    with pytest.raises(BadInput, match="no words in the text"):
        encode(reader, ["🎬", ""])


FILM = {
    "words": 100,
    "unknown_share": 0.0,
    "reviews": 4,
    "nearest": [{"title": "Near", "likeness": 0.5}],
}
FEW = [{"reviews": n, "rmse": rmse, "nearest_low": 0.3} for n, rmse in ((1, 1.1), (3, 1.04), (10, 1.01))]
OLDER_PLACING = {"rmse": None, "few_reviews": [], "nearest_low": None}
MEASURED = {
    "placing": {"rmse": {"users_means": 1.1, "left_out": 1.0}, "few_reviews": FEW},
    "readability": {"per_label": [{"factor": 0, "readable": True}]},
}


@pytest.mark.parametrize(
    ("film", "record", "sentences"),
    [
        # 3 of at most so many reviews win 0.06 of the 0.1 that all win; 1 wins nothing.
        ({}, {}, []),
        ({"reviews": 1}, {}, ["from 1 review, less than half"]),
        ({"reviews": 500}, {}, []),
        ({"words": 19}, {}, ["fewer than 20 words"]),
        ({"unknown_share": 0.31}, {}, ["does not know 31%"]),
        ({"nearest": [{"title": "Near", "likeness": 0.29}]}, {}, ["likeness to the nearest is 0.29"]),
        ({}, {"readability": {"per_label": [{"factor": 0, "readable": False}]}}, ["No factor of this run"]),
        ({}, {"readability": {"per_label": [{"factor": 0, "readable": None}]}}, ["factor cannot be said"]),
        ({}, {"readability": {"unmeasured": "older"}}, []),
        ({"unmeasured": "why"}, {"placing": {"unmeasured": "why"}}, []),
        (
            {"words": 1, "reviews": 1},
            {"placing": {"rmse": None, "few_reviews": [], "nearest_low": None}},
            ["fewer than 20 words"],
        ),
    ],
)
def test_thin_evidence_is_told_by_rule(film: Any, record: Any, sentences: list[str]) -> None:
    found = caveats(FILM | film, run_record(**MEASURED | record))
    assert len(found) == len(sentences) and all(
        part in caveat for part, caveat in zip(sentences, found, strict=True)
    )


def test_the_labels_drawn_first_are_those_that_reviews_move_most() -> None:
    table = pd.DataFrame(
        {
            "factor": [0, 1, 2, 3],
            "probability": [0.9, 0.5, 0.3, 0.1],
            "base_rate": [0.8, 0.1, 0.3, 0.4],
            "predicted": [True, False, False, False],
        }
    )
    # Farthest are 1 (0.4 above) and 3 (0.3 below); 0 is predicted.
    assert farthest(table, 2).factor.tolist() == [0, 1, 3]
    assert farthest(table.assign(predicted=[3, 0, 0, 0]), 2).factor.tolist() == [1, 3]
    assert highest_above(table) == [1, 0, 2, 3]
