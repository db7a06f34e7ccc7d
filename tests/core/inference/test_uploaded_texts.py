"""Uploaded files of reviews: read in a process of its own, whose memory is bounded."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from core.inference.uploaded_texts import uploaded_reviews

pytestmark = pytest.mark.slow


def packed(tmp_path: Path, letters: int, rows: int) -> bytes:
    """Return a small Parquet file of many equal reviews of so many letters."""
    reviews = pa.array(["x" * letters]).dictionary_encode()
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), reviews.dictionary)
    pq.write_table(pa.table({"title": ["Heat"] * rows, "review": column}), tmp_path / "a", compression="zstd")
    return (tmp_path / "a").read_bytes()


def test_reviews_are_read_as_in_this_process(tmp_path: Path) -> None:
    assert uploaded_reviews("mine.csv", "title,review\nHeat,Good é.\n,Bad.\n".encode(), tmp_path) == [
        ("Heat", "Good é."),
        ("", "Bad."),
    ]
    assert uploaded_reviews("mine.txt", b"One.\n\nTwo.\n", tmp_path) == [("", "One."), ("", "Two.")]
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no column for the review"):
        uploaded_reviews("mine.csv", b"title,stars\nHeat,1\n", tmp_path)


@pytest.mark.parametrize(("letters", "rows"), [(11_000_000, 60), (2_000_000, 1000), (100_000, 4000)])
def test_a_small_file_that_holds_gigabytes_is_refused(tmp_path: Path, letters: int, rows: int) -> None:
    content = packed(tmp_path, letters, rows)
    assert len(content) < 60_000
    with pytest.raises(BadInput, match="too much for its size|more than 4 MB of text"):
        uploaded_reviews("mine.parquet", content, tmp_path)
