"""What pasted texts are answered: words, probabilities, and a film of several reviews."""

from pathlib import Path

import numpy as np
import pytest
from support.random_classifier import LABELS, RECORD, RandomClassifier, read_text
from support.run_records import run_record

from core.classification.predictor import Predictor
from core.errors import BadInput
from core.inference.encoding import LONGEST, OpenRun, encode
from core.inference.film import over_reviews, place


def test_an_answer_counts_words_and_names_those_not_known(random_classifier: RandomClassifier) -> None:
    reading = read_text(Predictor(random_classifier.folder), RECORD, "The film, the STORY and a zyzzyva!")
    assert (
        reading["words"] == 7 and reading["unknown"] == ["a", "zyzzyva"] and reading["unknown_share"] == 2 / 7
    )
    assert [row["factor"] for row in reading["factors"]] == [
        row["factor"] for row in sorted(reading["factors"], key=lambda row: -row["probability"])
    ]
    assert {(row["name"], row["verdict"]) for row in reading["factors"]} == {("", "shaky")}


def test_another_language_is_all_unknown(random_classifier: RandomClassifier) -> None:
    assert (
        read_text(Predictor(random_classifier.folder), RECORD, "Ein schlechtes Stück ohne Witz")[
            "unknown_share"
        ]
        == 1
    )


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
def test_a_text_without_words_is_refused(random_classifier: RandomClassifier, text: str) -> None:
    with pytest.raises(BadInput, match="no words in the text"):
        read_text(Predictor(random_classifier.folder), {}, text)


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
def test_only_words_are_read(random_classifier: RandomClassifier, text: str) -> None:
    reading = read_text(Predictor(random_classifier.folder), RECORD, text)
    assert reading["words"] == 2 and not reading["unknown"]
    phrases = {" ".join(row["word"].split()) for row in reading["highlights"]}
    assert phrases <= {"Good", "film", "Good film"} and {"Good", "film"} <= set(" ".join(phrases).split())


def test_a_huge_text_is_cut(random_classifier: RandomClassifier) -> None:
    reader = Predictor(random_classifier.folder)
    reading = read_text(reader, RECORD, "good film " * 50_000)
    assert reading["cut"] and reading["words"] == 2 * LONGEST // len("good film ")
    assert not read_text(reader, RECORD, "A good film.")["cut"]


@pytest.mark.parametrize(
    "text", ["film" * 25_000, "<a" * 25_000, "&#" + "9" * 40_000 + " film", "film " * 9_000]
)
def test_whatever_is_pasted_is_answered(random_classifier: RandomClassifier, text: str) -> None:
    for row in read_text(Predictor(random_classifier.folder), RECORD, text)["highlights"]:
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
    random_classifier: RandomClassifier, tmp_path: Path
) -> None:
    reader, texts = Predictor(random_classifier.folder), ["The film was good.", "🎬", "A zyzzyva.", "<p></p>"]
    few = {"unmeasured": "too few films"}
    record = run_record(**LABELS, placing=few, readability={"per_label": []})
    film = place(OpenRun(tmp_path, record, reader), encode(reader, texts))
    assert film["reviews"] == 2 and film["left_out"] == [2, 4] and (film["words"], film["known"]) == (6, 2)
    assert film["unmeasured"] == "too few films" and "factors" not in film
    assert [row["text"] for row in film["each"]] == [1, 3]
    alone = [read_text(reader, record, text)["factors"] for text in (texts[0], texts[2])]
    for row in film["reading"]:
        of_factor = [next(r for r in rows if r["factor"] == row["factor"]) for rows in alone]
        assert row["probability"] == pytest.approx(np.mean([r["probability"] for r in of_factor]), abs=1e-5)
        assert row["predicted"] == sum(r["predicted"] for r in of_factor)
    with pytest.raises(BadInput, match="no words in the text"):
        encode(reader, ["🎬", ""])
