"""How a delimited text is written, from its beginning: its preamble, its separator, and whether it has a header.

A separator is chosen by how consistently it parts the first lines, since a header or a title may hold any of them.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.data.tables.delimited.dialect import Dialect
from core.data.tables.delimited.rewriting import FIELD_MARK, RUN_OF_SPACES, parted
from core.data.tables.delimited.text import TextFile, head

SAMPLE_BYTES = 1 << 18
SAMPLE_RECORDS = 500
SEPARATORS = {
    ",": "commas",
    "\t": "tabs",
    ";": "semicolons",
    "|": "bars",
    "::": "double colons",
    ", ": "commas and spaces",
    "^": "carets",
    " ": "spaces",
    RUN_OF_SPACES: "runs of spaces",
}
"""Separators -> their names for people."""
LAST_CHOICE = ("^", " ", RUN_OF_SPACES)
"""Separators that are taken only where no other one fits."""
UNQUOTED = ("\t", "|", "::", "^", " ", RUN_OF_SPACES)
"""Separators of files in which a quotation mark is often a plain letter."""
MOSTLY = 0.8
"""Share of a column's values that are numbers, from which on it is a column of numbers."""
_SEP_LINE = re.compile(r'"?sep=([!-/:-@^|~\t ])"?[ \t]*(\r\n|\r|\n)', re.IGNORECASE)
_COMMENT = re.compile(r"[#%](?![,;\t|^]).*(\r\n|\r|\n|$)|[#%](\r\n|\r|\n|$)")
_MATRIX_MARKET = re.compile(r"%%MatrixMarket +matrix +coordinate", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*(\r\n|\r|\n|$)")
_NUMBER = re.compile(
    r"\s*[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?\s*|\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}.*)?\s*",
    re.IGNORECASE,
)
"""A number, a date or a time."""
_NO_NAME = re.compile(r"[^\w\s]|\d.*\s|\s.*\d")
"""A sign or a number among words, as a value has and a column's name hardly ever."""


@dataclass(frozen=True)
class Detected:
    """How a text is written."""

    file: TextFile
    """Its `columns` are set where the first line is no header."""
    header: bool
    numbers: tuple[int, ...]
    """Positions of the columns of numbers."""
    notes: tuple[str, ...] = ()


def detect(file: TextFile, dialect: Dialect) -> Detected:
    """Return how a text of known encoding is written; what the dialect tells is taken as it is.

    Raises BadInput where it is empty or not text.
    """
    text = head(file, SAMPLE_BYTES)
    whole = len(text.encode("utf-8", "ignore")) < SAMPLE_BYTES // 2
    preamble, comments, rest, named = _preamble(text)
    separator, quoted = dialect.separator or named, True
    if dialect.rest_in_last:
        quoted = False
    elif separator:
        quoted = dialect.quoted is not False
    else:
        separator, quoted = choose_separator(rest, whole)
    if dialect.quoted is not None:
        quoted = dialect.quoted
    file = replace(
        file, delimiter=separator, quoted=quoted, preamble=preamble, rest_in_last=dialect.rest_in_last
    )
    rows = sample(rest, separator, quoted, whole)
    if dialect.rest_in_last:
        rows = [[*row[: dialect.rest_in_last]] for row in rows]
    lines = "1 line of comment, which is" if comments == 1 else f"{comments} lines of comment, which are"
    notes = [f"{file.name} begins with {lines} left out."] if comments else []
    has_header = header_in(rows) if dialect.header is None else dialect.header
    numbers = numeric_columns(rows[1:] or rows)
    if has_header:
        return Detected(file, True, numbers, tuple(notes))
    if file.columns:
        return Detected(file, False, numbers, tuple(notes))
    width = _width(rows)
    names = _commented_names(text, preamble, separator, width)
    if names:
        notes = [f"The comment before the first row of {file.name} names its columns."]
    columns = names or [f"column {position}" for position in range(1, width + 1)]
    return Detected(replace(file, columns=tuple(columns)), bool(names), numbers, tuple(notes))


def choose_separator(text: str, whole: bool) -> tuple[str, bool]:
    """Return the separator that parts the lines most consistently, and whether quotation marks enclose fields.

    >>> choose_separator("user;title\\n1;Good, bad, ugly\\n2;Heat\\n", True)
    (';', True)
    """
    options = []
    for separator in SEPARATORS:
        if _cannot_part(separator, text):
            continue
        choices = (True, False) if len(separator) == 1 else (False,)
        for quoted in choices if separator in UNQUOTED else choices[:1]:
            rows = sample(text, separator, quoted, whole)
            width = _width(rows)
            # Of a header, the name of the first column may be missing.
            if width < 2 or len(rows[0]) not in (width, max(2, width - 1)):
                continue
            agreeing = sum(len(row) == width for row in rows) / len(rows)
            if not separator.strip(" ") and not _is_table_of_spaces(rows):
                continue
            rank = (separator not in LAST_CHOICE, round(agreeing, 2), width, len(separator), quoted)
            options.append((rank, separator, quoted))
    if options:
        rank, separator, quoted = max(options)
        if rank[1] >= 0.5:
            return separator, quoted
    first = re.split(r"[\r\n]", text.lstrip("\r\n"))[0]
    for separator in (",", "\t", ";", "|"):
        if separator in first:
            return max(",\t;|", key=first.count), True
    # One column, whose texts may hold all separators but one.
    return next((separator for separator in "\t|^;" if separator not in text), ","), True


def _cannot_part(separator: str, text: str) -> bool:
    """Return whether a separator with spaces is none: those between quotation marks are of the fields."""
    runs = re.search(r"  |^ | $", text, re.MULTILINE) is not None
    if separator in (", ", RUN_OF_SPACES) and '"' in text:
        return True
    return (separator == " " and runs) or (separator == RUN_OF_SPACES and not runs)


def sample(text: str, separator: str, quoted: bool, whole: bool) -> list[list[str]]:
    """Return the first records that are not blank."""
    if len(separator) > 1:
        text, separator = parted(text, separator), FIELD_MARK
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting):
            if row:
                rows.append(row)
            if len(rows) > SAMPLE_RECORDS:
                break
    except csv.Error:
        # A field that never ends; what came before it counts.
        return rows
    # The last one may be cut off.
    return rows if whole or len(rows) < 2 else rows[:-1]


def numeric_columns(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the positions of the columns whose values are numbers or dates."""
    width = _width(rows)
    numbers = []
    for position in range(width):
        values = [row[position] for row in rows if len(row) == width and row[position].strip()]
        if values and sum(map(is_number, values)) >= MOSTLY * len(values):
            numbers.append(position)
    return tuple(numbers)


def is_number(value: str) -> bool:
    """Return whether a value is a number, a date or a time."""
    return len(value) < 40 and _NUMBER.fullmatch(value) is not None


def header_in(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns, as seen from the rows below.

    >>> header_in([["user", "rating"], ["1", "4"]]), header_in([["1", "4"], ["2", "3"]])
    (True, False)
    """
    first, below = [value.strip() for value in rows[0]], rows[1:]
    if not below:
        return not all(map(is_number, first))
    numbers = [position for position in numeric_columns(below) if position < len(first)]
    values = [first[position] for position in numbers]
    if numbers:
        # A frame of pandas without names has columns named by numbers that count up.
        counted_up = [str(number) for number in range(len(first))]
        if not first[0] and first[1:] in (counted_up[:-1], counted_up[1:]):
            return True
        return not any(map(is_number, values))
    # Words alone: a value that comes again below is none of a header.
    width = len(first)
    columns = [{row[position].strip() for row in below if len(row) == width} for position in range(width)]
    again = [value in column for value, column in zip(first, columns, strict=True) if value]
    recurring = any(
        value in column and _NO_NAME.search(value) for value, column in zip(first, columns, strict=True)
    )
    return not recurring or all(again)


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many fields most rows have."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 1


def _is_table_of_spaces(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether rows parted by spaces are a table, rather than lines of words."""
    numbers = len(numeric_columns(rows[1:] or rows))
    return len(set(map(len, rows[1:]))) <= 1 and numbers >= (1 if _width(rows) > 2 else 2)


def _preamble(text: str) -> tuple[int, int, str, str]:
    """Return the lines to skip, how many of them are comments, the text after them, and the separator they name."""
    separator = ""
    lines = comments = start = 0
    if found := _SEP_LINE.match(text):
        separator, lines, start = found[1], 1, found.end()
    market = _MATRIX_MARKET.match(text, start)
    while start < len(text) and (found := _COMMENT.match(text, start)):
        lines, comments, start = lines + 1, comments + 1, found.end()
    if market and (found := _LINE.match(text, start)):
        # The size of the matrix.
        lines, comments, start = lines + 1, comments + 1, found.end()
    if not text[start:].strip():
        return 0, 0, text, ""
    return lines, comments, text[start:], separator


def _commented_names(text: str, preamble: int, separator: str, width: int) -> list[str]:
    """Return the names of the columns where the last comment holds them, as numpy writes it, else none."""
    if not preamble:
        return []
    line = re.split(r"\r\n|\r|\n", text)[preamble - 1].lstrip("#% ").strip()
    names = line.split() if not separator.strip(" ") else [name.strip() for name in line.split(separator)]
    return names if len(names) == width > 1 and not any(map(is_number, names)) else []
