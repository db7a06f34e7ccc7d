"""Parquet files as pandas and others write them."""

import decimal
import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from core.data.tables import UserTable, first_rows, open_table
from core.errors import BadInput


def table(content: pd.DataFrame | pa.Table, **options: Any) -> UserTable:
    stream = io.BytesIO()
    if isinstance(content, pd.DataFrame):
        content.to_parquet(stream)
    else:
        pa.parquet.write_table(content, stream, **options)
    return open_table("mine.parquet", lambda: io.BytesIO(stream.getvalue()))


def rows(found: UserTable) -> list[dict[str, str | None]]:
    wanted = {column: column for column in found.columns if column not in found.unreadable}
    whole = found.columns_as(wanted, found.columns[:1]).to_pylist()
    assert whole == [row for batch in found.batches(wanted) for row in batch.to_pylist()]
    return whole


@pytest.mark.parametrize("users", [["01", "1", "01"], [7, 8, 7], [0, 1, 2]])
def test_the_index_is_a_column(users: list[Any]) -> None:
    frame = pd.DataFrame({"user": users, "item": ["a", "b", "c"], "rating": [4.0, 5.0, 3.5]})
    found = rows(table(frame.set_index("user")))
    assert [row["user"] for row in found] == [str(user) for user in users]
    assert [row["rating"] for row in found] == ["4", "5", "3.5"]
    both = table(frame.set_index(["user", "item"]))
    assert set(both.columns) == {"user", "item", "rating"}
    assert "index" in table(frame.set_index(pd.Index([5, 9, 7]))).columns
    assert table(frame).columns == ("user", "item", "rating")


def test_values_of_all_kinds_are_text() -> None:
    found = table(
        pd.DataFrame(
            {
                "user": pd.Categorical(["01", "1"]),
                "number": pd.array([117364758374659283, None], "Int64"),
                "price": [decimal.Decimal("4.50"), None],
                "liked": [True, None],
                "day": [pd.Timestamp("2001-02-03").date(), None],
                "genres": [["Drama", "Crime"], None],
                "bytes": [b"Heat", None],
            }
        )
    )
    assert rows(found) == [
        {
            "user": "01",
            "number": "117364758374659283",
            "price": "4.50",
            "liked": "true",
            "day": "2001-02-03",
            "genres": "Drama|Crime",
            "bytes": "Heat",
        },
        {"user": "1"} | dict.fromkeys(["number", "price", "liked", "day", "genres", "bytes"]),
    ]


def test_ids_that_a_missing_value_made_fractions_are_digits_again() -> None:
    found = table(pd.DataFrame({"item": [862.0, None, 949.0], "rating": [4.0, 5.0, 3.0]}))
    assert [row["item"] for row in rows(found)] == ["862", None, "949"]
    assert found.notes == (
        "mine.parquet: 'item' holds whole numbers as fractions (7.0); they are read without them.",
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pa.array([2.0**60, 1.0]), "too long for double, which lost their last digits; write them as text"),
        (pa.array([{"a": 1}, {"a": 2}]), "holds struct<a: int64>, which is no plain value; write it as text"),
        (pa.array([b"\xff", b"x"]), "no text in UTF-8; write it as text"),
    ],
)
def test_a_column_that_cannot_be_read_blocks_only_those_who_want_it(values: pa.Array, said: str) -> None:
    found = table(pa.table({"user": ["1", "2"], "odd": values}))
    assert first_rows(found, 2).isna().values.tolist() == [[False, True], [False, True]]
    assert [row["user"] for row in rows(found)] == ["1", "2"]
    with pytest.raises(BadInput, match=said) as caught:
        next(found.batches({"film": "odd"}))
    assert "'odd'" in str(caught.value)
    # The remedy.
    assert len(rows(table(pa.table({"user": ["1", "2"], "odd": ["a", "b"]})))) == 2


def test_doubled_empty_and_dotted_names_are_told_apart() -> None:
    found = table(pa.table([[1, 2], ["a", "b"], [3, 4], [5, 6]], names=["a", "a", "", "a.b"]))
    assert found.columns == ("a", "a (2)", "column 3", "a.b")
    assert rows(found)[0] == {"a": "1", "a (2)": "a", "column 3": "3", "a.b": "5"}


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.tables.bounds.FREE_BYTES", 10_000)
    monkeypatch.setattr("core.data.tables.bounds.RATIO", 1)
    with pytest.raises(BadInput, match="unpacks to more than"):
        table(pa.table({"a": [str(n) * 20 for n in range(3000)]}), use_dictionary=False, compression="zstd")
    with pytest.raises(BadInput, match="unpacks to more than"):
        table(pa.table({"a": pa.array([1] * 5000, pa.int8())}))


def repeated(letters: int, count: int) -> pa.Array:
    """Return equal texts that are stored once."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array(["x" * letters]))


@pytest.mark.parametrize(
    ("letters", "count", "said"),
    [
        (5_000_000, 2, "row 1 has more than 4 MB of text; shorten it"),
        (2_000_000, 2, "row 1: a has more than 1 MB of text; shorten it"),
        (900_000, 100, "unpacks to more than 64 MB"),
    ],
)
def test_equal_texts_that_are_stored_once_are_not_all_written_out(
    letters: int, count: int, said: str
) -> None:
    for values in (
        repeated(letters, count),
        pa.ListArray.from_arrays(pa.array(range(count + 1), pa.int32()), repeated(letters, count)),
    ):
        found = table(pa.table({"a": values}), compression="zstd")
        with pytest.raises(BadInput, match=said):
            [*found.batches({"a": "a"})]


def test_long_rows_come_in_smaller_pieces() -> None:
    found = table(pa.table({"a": repeated(500_000, 100)}), compression="zstd")
    pieces = [piece.num_rows for piece in found.batches({"a": "a"})]
    assert sum(pieces) == 100 and max(pieces) <= 35
