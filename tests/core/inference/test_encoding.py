"""A text is encoded once, however much is read in it, and to the same numbers as each part alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.inference.__main__ import reading_of
from core.inference.encoding import LONGEST, OpenRun, encode, open_reader
from core.inference.film import place
from core.inference.predict import answer, read_run
from core.language_model.encoder import AFTER, Encoder
from core.results.run_record import read_record

TEXT = "A rocket to a planet, and a ghost in the cellar. <b>Never again</b> a zyzzyva."


@pytest.fixture
def words_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The texts that each step of an encoder moves one word on."""
    steps: list[int] = []
    step = Encoder._step

    def counted(self: Encoder, sums: Any, states: Any) -> Any:
        steps.append(len(sums))
        return step(self, sums, states)

    monkeypatch.setattr(Encoder, "_step", counted)
    yield steps


@pytest.fixture(scope="module")
def run(small_run: Path) -> OpenRun:
    return OpenRun(small_run, read_record(small_run), open_reader(small_run))


def test_one_text_is_encoded_once_for_film_and_answer(run: OpenRun, words_read: list[int]) -> None:
    words = len(encode(run.reader, [TEXT]).tokens.numbers)
    words_read.clear()
    for read in (
        lambda: read_run(run.folder, [TEXT]),
        lambda: reading_of({"run": str(run.folder), "texts": [TEXT], "what": "answers and film"}),
    ):
        assert set(read()) >= {"answers", "film"}
        # The text a word at a time, then all of its parts side by side.
        assert words_read[:words] == [1] * words and len(words_read) <= words + AFTER
        words_read.clear()


def test_both_at_once_are_what_each_is_alone(run: OpenRun) -> None:
    question = {"run": str(run.folder), "texts": [TEXT]}
    answers, film = (reading_of(question | {"what": what}) for what in ("answers", "film"))
    assert reading_of(question | {"what": "answers and film"}) == {**answers, **film}


def test_a_text_alone_has_the_features_of_a_text_among_others(run: OpenRun) -> None:
    alone = encode(run.reader, [TEXT])
    assert alone.trace is not None
    assert np.abs(alone.features - run.reader.features(alone.tokens)).max() < 1e-6
    among = encode(run.reader, ["🎬", TEXT, "A slow romance."])
    assert among.rows == [1, 2] and among.trace is None
    assert np.abs(among.features[0] - alone.features[0]).max() < 1e-6


def test_texts_without_words_leave_one_that_is_encoded_once(run: OpenRun, words_read: list[int]) -> None:
    encoded = encode(run.reader, ["🎬", TEXT])
    assert (encoded.rows, place(run, encoded)["left_out"]) == ([1], [1])
    words_read.clear()
    assert answer(run, encoded, 1)["words"] == 15 and len(words_read) <= AFTER


def test_a_long_text_is_cut_between_words_and_marks_keep_their_places(run: OpenRun) -> None:
    start = "<i>A rocket</i> to a planet.\n"
    text = start + "saloon " * (LONGEST // 7)
    assert text[LONGEST - 1 : LONGEST + 1].isalpha()
    encoded = encode(run.reader, [text])
    (read,) = encoded.visible
    assert read == "   A rocket    " + text[15 : len(read)] and encoded.is_cut(0)
    assert LONGEST - 7 < len(read) <= LONGEST and read.endswith("saloon") and text[len(read)] == " "
    reading = answer(run, encoded)
    assert reading["highlights"]
    for row in reading["highlights"]:
        assert reading["read"][row["start"] : row["end"]] == row["word"]
