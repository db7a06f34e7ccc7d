"""Small files that hold, or seem to hold, very much: each is refused, or read, in little memory."""

import gzip
import io
import lzma
import resource
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.layouts import zipped

from core.data.layouts.aliases import Holds
from core.data.ratings.read import read_ratings
from core.data.reviews.registry import open_source
from core.data.tables import open_table
from core.data.tables.records.nesting import flat
from core.errors import BadInput
from core.inference.uploaded_texts import uploaded_reviews
from core.progress import silent
from core.store import Store
from core.uploads.inspection import GivenFile, inspect, inspect_here

MEGABYTE = 1 << 20
ROWS = b"user,film,rating\n" + b"1,1,4\n2,2,3\n3,1,5\n" * (100 * MEGABYTE // 18)
MOVIELENS = b"userId,movieId,rating,timestamp\n" + b"1,1,4.0,1\n2,1,3.0,1\n1,2,3.5,1\n2,2,1.0,1\n" * (
    100 * MEGABYTE // 40
)
TOO_MUCH = "unpacks to more than .* MB, too much for its size; give smaller tables"


def parquet(**columns: object) -> bytes:
    """Return columns as Parquet."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


def equal(letters: int, rows: int) -> pa.Array:
    """Return equal texts, which are stored once."""
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array(["x" * letters]))


def workbook(rows: str, doctype: bytes = b"") -> bytes:
    """Return an Excel file of two columns with further rows, as XML, after a DOCTYPE."""
    openpyxl = pytest.importorskip("openpyxl")
    book, buffer, changed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["title", "review"])
    book.active.append(["Heat", "Good."])
    book.save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = doctype + content.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            new.writestr(name, content)
    return changed.getvalue()


def bomb(kind: str) -> tuple[str, Holds, bytes, str]:
    """Return the name of a small file that holds much, what it should hold, its content and its refusal."""
    return BOMBS[kind]()


def movielens() -> bytes:
    return zipped({"ml/ratings.csv": MOVIELENS, "ml/movies.csv": b"movieId,title,genres\n1,Heat (1995),\n"})


def twice() -> bytes:
    return gzip.compress(gzip.compress(b"title,review\n" + b"Heat,good\n" * (9 * MEGABYTE), 1))


def lists() -> bytes:
    ends = pa.array(np.arange(51, dtype=np.int32) * 10)
    return parquet(title=["Heat"] * 50, review=pa.ListArray.from_arrays(ends, equal(1_000_000, 500)))


def same_rows() -> bytes:
    many = np.zeros(20_000_000, np.int8)
    return parquet(user=many, film=many, rating=many)


def tarred() -> bytes:
    """Return an archive as the Large Movie Review Dataset's, with a review of 80 MB."""
    packed, review = io.BytesIO(), tarfile.TarInfo("aclImdb/train/pos/0_9.txt")
    review.size = 80 * MEGABYTE
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as archive:
        archive.addfile(review, io.BytesIO(bytes(review.size)))
    return packed.getvalue()


def fixed() -> bytes:
    return parquet(title=["Heat"] * 100, review=pa.array([b"x" * 900_000] * 100, pa.binary(900_000)))


def prefixed() -> bytes:
    buffer = io.BytesIO()
    rows = pa.table({"title": ["Heat"] * 400, "review": ["x" * 400_000] * 400})
    pq.write_table(rows, buffer, compression="zstd", use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY")
    return buffer.getvalue()


def entities() -> bytes:
    nested = [b'<!ENTITY b "' + b"&a;" * 1000 + b'">', b'<!ENTITY c "' + b"&b;" * 1000 + b'">']
    laughs = b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 1000 + b'">' + b"".join(nested) + b"]>"
    return workbook('<row r="3"><c r="A3" t="inlineStr"><is><t>&c;</t></is></c></row>', laughs)


FAR_BELOW = '<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>Heat</t></is></c></row>'
EMPTY = b"title,review\n" + b"\n" * (80 * MEGABYTE)
LONG_ROW, LONG_VALUE = "row 1 has more than 4 MB of text", "more than 1 MB of text; shorten it"
BOMBS: dict[str, Callable[[], tuple[str, Holds, bytes, str]]] = {
    "zip": lambda: ("mine.zip", "ratings", zipped({"ratings.csv": ROWS}), TOO_MUCH),
    "gz": lambda: ("mine.csv.gz", "ratings", gzip.compress(ROWS, 6), TOO_MUCH),
    "xz": lambda: ("mine.csv.xz", "ratings", lzma.compress(ROWS, preset=0), TOO_MUCH),
    "zst": lambda: ("mine.csv.zst", "ratings", pa.compress(ROWS, "zstd", asbytes=True), TOO_MUCH),
    "movielens": lambda: ("ml.zip", "ratings", movielens(), TOO_MUCH),
    "blank lines": lambda: ("mine.csv.gz", "reviews", gzip.compress(EMPTY, 6), TOO_MUCH),
    "packed twice": lambda: ("mine.csv.gz", "reviews", twice(), TOO_MUCH),
    "dictionary": lambda: (
        "mine.parquet",
        "reviews",
        parquet(title=["Heat"] * 60, review=equal(11_000_000, 60)),
        LONG_ROW,
    ),
    "dictionary of many rows": lambda: (
        "mine.parquet",
        "reviews",
        parquet(title=["Heat"] * 20_000, review=equal(100_000, 20_000)),
        TOO_MUCH,
    ),
    "tar": lambda: ("mine.tar.gz", "reviews", tarred(), TOO_MUCH),
    "equal rows": lambda: ("mine.parquet", "ratings", same_rows(), TOO_MUCH),
    "lists": lambda: ("mine.parquet", "reviews", lists(), LONG_ROW),
    "values of fixed length": lambda: ("mine.parquet", "reviews", fixed(), TOO_MUCH),
    "values by their prefix": lambda: ("mine.parquet", "reviews", prefixed(), TOO_MUCH),
    "depth": lambda: (
        "mine.json",
        "reviews",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "nested too deeply|not JSON",
    ),
    "row far below": lambda: ("mine.xlsx", "reviews", workbook(FAR_BELOW), "more than 1,048,576 rows"),
    "entities": lambda: ("mine.xlsx", "reviews", entities(), "is not a whole Excel file"),
    "backslashes": lambda: (
        "mine.csv",
        "reviews",
        b'title,review\n"Heat' + b"\\" * 1_500_000 + b'","x"\n',
        LONG_VALUE,
    ),
    "spaces": lambda: (
        "mine.csv",
        "ratings",
        b"user film rating\n" + (b" " * 20_000 + b"1 2 3\n") * 50,
        "ratings of one user alone",
    ),
    "columns": lambda: (
        "mine.csv",
        "ratings",
        b"," * 300_000 + b"\n",
        "300,001 columns; give a table with at most",
    ),
}
KINDS = [*BOMBS]
MEMORY = 700 * MEGABYTE
"""What reading any of them may take here, beyond what this process has."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_that_holds_much_is_refused_in_little_memory(
    kind: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, holds, content, said = bomb(kind)
    assert len(content) < 2_000_000
    monkeypatch.setattr("core.memory.LEAST_MEMORY", MEMORY)
    (tmp_path / name).write_bytes(content)
    question = {"aspect": "contents", "path": str(tmp_path / name), "holds": holds}
    # Where the memory were not enough, it would be said of that.
    with pytest.raises(BadInput, match=said):
        inspect_here(question, None, store)


@pytest.mark.parametrize("place", ["ratings.read", "reviews.sources.user_file.source"])
def test_memory_is_bounded_while_a_run_reads(
    place: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the bounds of its content did not hold.
    monkeypatch.setattr(f"core.data.{place}.complete_table", lambda *_: bytearray(4 << 30))
    (tmp_path / "mine.csv").write_text("user,film,rating\n")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(BadInput, match="mine.csv takes too much memory for its size; give a smaller file"):
        if place == "ratings.read":
            read_ratings(str(tmp_path / "mine.csv"), store, silent)
        else:
            open_source(str(tmp_path / "mine.csv"), store, silent)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zip", "dictionary", "equal rows", "row far below"])
def test_so_it_is_on_the_page(kind: str, store: Store) -> None:
    name, holds, content, said = bomb(kind)
    with pytest.raises(BadInput, match=said):
        inspect("contents", GivenFile(name, content), holds, store)
    with pytest.raises(BadInput, match=said):
        uploaded_reviews(name, content, store.root)


def test_many_values_in_a_list_take_no_time_that_grows_with_their_square() -> None:
    record = {"review": ["x"] * 300_000, "cast": [{"name": "X"}] * 100_000}
    texts = flat(record)
    assert (len(texts["review"] or ""), len(texts["cast.name"] or "")) == (599_999, 199_999)


def test_texts_by_what_they_share_with_the_one_before_are_read(tmp_path: Path) -> None:
    # As Spark and others write them; Arrow cannot leave these as they are stored.
    names = [f"user {number}" for number in range(3000)]
    for encoding in ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"):
        buffer = io.BytesIO()
        pq.write_table(pa.table({"user": names}), buffer, use_dictionary=False, column_encoding=encoding)
        table = open_table("mine.parquet", lambda buffer=buffer: io.BytesIO(buffer.getvalue()))
        assert table.columns_as({"user": "user"}, ["user"])["user"].to_pylist() == names
