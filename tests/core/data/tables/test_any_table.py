"""Random tables, written in any way that people write them: what is written is what is read, or it is refused."""

import csv
import io
import json

import openpyxl
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.layouts import compressed, zipped

from core.data.tables import UserTable, first_rows, open_table
from core.errors import BadInput

QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
IDS = st.one_of(
    st.integers(0, 10**21).map(str),
    st.integers(0, 999).map("{:07d}".format),
    st.sampled_from(
        ["01", "1", "1e2", "100", "1.0", "tt0114709", "B00005JLXH", "117364758374659283000", "-1"]
    ),
    st.text("abcXYZ0189_-.", min_size=1, max_size=8),
)
RATINGS = st.sampled_from(["1", "2", "3.5", "4", "5.0"])
LETTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n\t\r\x0b\x0c\x1f\x85"
)
TITLES = st.text(st.one_of(LETTERS, st.sampled_from(list(' ,;|\t\n\r\u2028"\\:^é東'))), max_size=30)
NOT_IN_EXCEL = set("\r\x0b\x0c\x1f")
HEADER = ("userId", "movieId", "rating", "title")
ROWS = st.lists(st.tuples(IDS, IDS, RATINGS, TITLES), min_size=3, max_size=12)


def read(content: bytes, name: str = "mine.csv") -> list[list[str]]:
    """Return the header and the rows of a table; a missing value is ""."""
    table = open_table(name, lambda: io.BytesIO(content))
    rows = table.columns_as({column: column for column in table.columns}, table.columns[:2])
    in_batches = [
        row for part in table.batches({name: name for name in table.columns}) for row in part.to_pylist()
    ]
    assert rows.to_pylist() == in_batches
    names = list(table.columns) if table.header else []
    return [names, *([value or "" for value in row.values()] for row in in_batches)]


@given(
    rows=ROWS,
    separator=st.sampled_from(list(",;\t|")),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    header=st.booleans(),
)
@QUICK
def test_what_is_written_with_separators_is_read(
    rows: list[tuple[str, ...]], separator: str, encoding: str, end: str, quoting: int, header: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([HEADER, *rows] if header else rows)
    content = text.getvalue().encode(encoding)
    try:
        assert read(content) == [list(HEADER) if header else [], *map(list, rows)]
    except BadInput as error:
        assert "\n" not in str(error)


@given(rows=ROWS, separator=st.sampled_from(["::", " ", "   ", "^", "\t"]))
@QUICK
def test_what_is_written_without_quotation_marks_is_read(rows: list[tuple[str, ...]], separator: str) -> None:
    plain = [list(row[:3]) for row in rows]
    content = "".join(separator.join(row) + "\n" for row in plain).encode()
    try:
        assert read(content, "ratings.dat") == [[], *plain]
    except BadInput as error:
        assert "\n" not in str(error)


@given(
    rows=ROWS, ending=st.sampled_from([".gz", ".bz2", ".xz", ".zst", ".zip"]), shape=st.sampled_from("las")
)
@QUICK
def test_what_is_written_as_json_is_read(rows: list[tuple[str, ...]], ending: str, shape: str) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in rows]
    if shape == "l":
        content = "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()
    else:
        content = json.dumps(
            records if shape == "a" else {"ratings": records}, indent=shape == "s" or None
        ).encode()
    packed = zipped({"mine.json": content}) if ending == ".zip" else compressed(content, ending)
    assert read(packed, f"mine.json{ending}") == [list(HEADER), *map(list, rows)]


@given(rows=ROWS)
@QUICK
def test_what_is_written_as_parquet_and_excel_is_read(rows: list[tuple[str, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=list(HEADER))
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    assert read(parquet.getvalue()) == [list(HEADER), *map(list, rows)]
    # Excel holds no control characters, and takes "=…" for a formula.
    if any(title.startswith("=") or set(title) & NOT_IN_EXCEL for *_, title in rows):
        return
    workbook, sheet = openpyxl.Workbook(), io.BytesIO()
    assert workbook.active is not None
    for row in [HEADER, *rows]:
        workbook.active.append(row)
    workbook.save(sheet)
    assert read(sheet.getvalue(), "mine.xlsx") == [list(HEADER), *map(list, rows)]


@given(
    content=st.binary(max_size=300),
    name=st.sampled_from(["a.csv", "a.json", "a.parquet", "a.xlsx", "a"]),
)
@settings(QUICK, max_examples=200)
def test_random_bytes_are_refused_or_read(content: bytes, name: str) -> None:
    _readable_or_refused(content, name)


@given(
    text=st.text(st.sampled_from(list("{}[]\"':,;\t\n\r\\|#% 0129aA.-é")), max_size=120),
    start=st.sampled_from(["", "{", "[{", "{'a':", "a/b: ", "1:\n", "sep=", "%", "\ufeff"]),
)
@settings(QUICK, max_examples=400)
def test_random_texts_are_refused_or_read(text: str, start: str) -> None:
    _readable_or_refused((start + text).encode(), "mine.txt")


@given(
    form=st.sampled_from(["parquet", "xlsx", "gz", "bz2", "xz", "zst", "zip", "csv"]),
    at=st.integers(0, 10_000),
    other=st.binary(min_size=1, max_size=4),
    cut=st.booleans(),
)
@settings(QUICK, max_examples=200)
def test_damaged_files_are_refused_or_read(form: str, at: int, other: bytes, cut: bool) -> None:
    content = DAMAGEABLE[form]
    at %= len(content)
    damaged = content[:at] if cut else content[:at] + other + content[at + len(other) :]
    _readable_or_refused(damaged, f"mine.{form}")


def _readable_or_refused(content: bytes, name: str) -> None:
    try:
        table: UserTable = open_table(name, lambda: io.BytesIO(content))
        first_rows(table, 5)
        wanted = {column: column for column in table.columns if column not in table.unreadable}
        table.columns_as(wanted, [])
        assert sum(map(len, table.batches(wanted))) >= 0
        table.location(0)
    except BadInput as error:
        assert "\n" not in str(error) and len(str(error)) < 400
    except StopIteration:
        pass


def _damageable() -> dict[str, bytes]:
    rows = [HEADER, *((str(n % 7), f"{n:04d}", "4", f"Film, {n}") for n in range(200))]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    plain = text.getvalue().encode()
    parquet, sheet, workbook = io.BytesIO(), io.BytesIO(), openpyxl.Workbook()
    pd.DataFrame(rows[1:], columns=list(HEADER)).to_parquet(parquet)
    assert workbook.active is not None
    for row in rows:
        workbook.active.append(row)
    workbook.save(sheet)
    return {
        "parquet": parquet.getvalue(),
        "xlsx": sheet.getvalue(),
        "zip": zipped({"mine.csv": plain}),
        "csv": plain,
        **{ending: compressed(plain, f".{ending}") for ending in ("gz", "bz2", "xz", "zst")},
    }


DAMAGEABLE = _damageable()
