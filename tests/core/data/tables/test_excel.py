"""Excel sheets."""

import datetime
import io
import sys

import openpyxl
import pytest
from support.layouts import delimited

from core.data.tables import UserTable, open_table
from core.errors import BadInput


def workbook(rows: list[list[object]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.create_sheet("notes").append(["not", "this"])
    book.save(stream)
    return stream.getvalue()


def table(rows: list[list[object]]) -> UserTable:
    content = workbook(rows)
    return open_table("mine.xlsx", lambda: io.BytesIO(content))


def values(found: UserTable) -> list[list[str | None]]:
    whole = found.columns_as({column: column for column in found.columns}, found.columns[:1])
    return [list(row.values()) for row in whole.to_pylist()]


def test_the_first_sheet_is_read_as_text() -> None:
    found = table(
        [
            ["user", "item", "rating", "seen", "title"],
            [1.0, "0042", 4.5, datetime.datetime(2001, 2, 3), "Heat"],
            [None, None, None, None, None],
            [2, "0043", 5.0, datetime.datetime(2001, 2, 3, 4, 5), None],
        ]
    )
    assert found.format == "Excel, its first sheet" and found.header
    assert values(found) == [
        ["1", "0042", "4.5", "2001-02-03", "Heat"],
        ["2", "0043", "5", "2001-02-03 04:05:00", None],
    ]
    assert found.location(1) == "mine.xlsx, row 4"


def test_a_sheet_without_a_header_is_recognised() -> None:
    found = table([[1, 10, 4], [2, 20, 5]])
    assert (found.header, found.columns) == (False, ("column 1", "column 2", "column 3"))
    assert values(found) == [["1", "10", "4"], ["2", "20", "5"]]


def test_jesters_matrix_in_a_sheet_becomes_ratings() -> None:
    found = table([[2, -7.82, 99, 3.5, *[99] * 97], [1, *[99] * 99, 8.5]])
    assert values(found) == [["1", "1", "-7.82"], ["1", "3", "3.5"], ["2", "100", "8.5"]]


def test_without_openpyxl_the_remedy_is_named_and_works(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[object]] = [["user", "item"], ["1", "2"]]
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    content = workbook(rows)
    with pytest.raises(BadInput, match="install requirements-excel.txt, or save it as CSV in UTF-8"):
        open_table("mine.xlsx", lambda: io.BytesIO(content))
    csv = delimited(rows).encode()
    assert values(open_table("mine.csv", lambda: io.BytesIO(csv))) == [["1", "2"]]


def test_an_empty_or_damaged_sheet_is_refused() -> None:
    with pytest.raises(BadInput, match="mine.xlsx is empty"):
        table([])
    content = workbook([["a", "b"], ["1", "2"]])
    for damaged in (content[:-100], content[:600] + bytes(400) + content[1000:]):
        with pytest.raises(BadInput, match="mine.xlsx"):
            open_table("mine.xlsx", lambda damaged=damaged: io.BytesIO(damaged))  # type: ignore[misc]


def test_an_id_that_lost_digits_is_refused_and_as_text_it_is_read() -> None:
    with pytest.raises(BadInput, match="row 2 holds a number too long for Excel.*Make its column text"):
        table([["user", "item"], [1.17364758374659e20, 2]])
    assert values(table([["user", "item"], ["117364758374659283000", 2]])) == [["117364758374659283000", "2"]]
