"""A table of the user's, whatever its kind -> its columns, its first rows, and all rows as text, in pieces.

Reads delimited text and JSONL in any of the encodings of `encodings`, Parquet, and a zip of these. Nothing is
unpacked to disk, and no more than a piece is in memory at once.
"""

import codecs
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from core.data.tables.delimited import options
from core.data.tables.encodings import encoding_of, title_of
from core.data.tables.faults import line_of, raise_first_fault
from core.data.tables.text import (
    MOST_LINE,
    SAVE_AS,
    Opener,
    TextFile,
    delimited,
    header,
    lines,
    opened,
    undecodable_line,
)
from core.data.tables.zipped import members
from core.errors import BadInput

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson")
"""Endings of the files that can be read, alone or in a zip."""
PIECE = MOST_LINE
"""Bytes of a text that are read together; a record must fit into them."""
MOST_COLUMNS = 1000
ROWS = 4000
"""Rows of another kind of table that are read together."""
BUFFER = 1 << 20
"""Bytes of a Parquet file that are read ahead."""
SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}


@dataclass(frozen=True)
class UserTable:
    """A table that can be read, not read yet."""

    name: str
    columns: tuple[str, ...]
    """All different: a second one of a name has " (2)" behind it, one without a name is called by its place."""
    said: str
    """What was detected, for people: "UTF-16, separated by tabs"."""
    pieces: Callable[[Mapping[str, str]], Iterator[pa.Table]]
    """New names and the columns that stand for them -> all rows under the new names, as text; a missing value is
    null. Raises BadInput with the line that is at fault."""
    place: Callable[[int], str]
    """Where a row stands in its file, for messages: "mine.csv, line 7"."""
    quoted: bool = False
    """Whether quotation marks enclose values, so that one that is left open swallows rows."""


def open_table(name: str, open_: Opener) -> UserTable:
    """Return the table in a file of this name. Raises BadInput where it is of no known kind, empty or damaged."""
    if name.lower().endswith(".zip"):
        return together(name, [open_table(*member) for member in members(name, open_, ENDINGS)])
    ending = PurePosixPath(name.lower()).suffix
    with opened(TextFile(name, open_)) as stream:
        start = stream.read(4)
    if start == b"PAR1" or ending == ".parquet":
        return _parquet(name, open_)
    if ending not in ENDINGS:
        raise BadInput(f"{name} is of no known kind; give a file that ends in {', '.join(ENDINGS)} or .zip")
    if not start:
        what = "a JSON object a line" if "json" in ending else "a table with a header line and rows"
        raise BadInput(f"{name} is empty; give {what}")
    return _jsonl(name, open_) if ending in (".jsonl", ".ndjson") else _text(name, open_)


def together(name: str, tables: list[UserTable]) -> UserTable:
    """Return tables of the same columns as one, their rows one after the other; BadInput where columns differ."""
    first, *others = tables
    for other in others:
        if set(other.columns) != set(first.columns):
            raise BadInput(
                f"{other.name} has other columns ({', '.join(other.columns)[:80]}) than {first.name} "
                f"({', '.join(first.columns)[:80]}); pack tables of the same columns"
            )
    if not others:
        return first

    def pieces(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        for table in tables:
            yield from table.pieces(wanted)

    def place(row: int) -> str:
        column = first.columns[0]
        for table in tables:
            rows = sum(map(len, table.pieces({column: column})))
            if row < rows:
                return table.place(row)
            row -= rows
        raise IndexError(row)

    said = " and ".join(dict.fromkeys(table.said for table in tables))
    quoted = any(table.quoted for table in tables)
    return UserTable(name, first.columns, f"{len(tables)} tables, {said}", pieces, place, quoted)


def first_rows(table: UserTable, many: int) -> pd.DataFrame:
    """Return the first rows of all columns, as text."""
    pieces = table.pieces({column: column for column in table.columns})
    first = next(pieces, None)
    return pd.DataFrame(columns=list(table.columns)) if first is None else first.slice(0, many).to_pandas()


def _text(name: str, open_: Opener) -> UserTable:
    with opened(TextFile(name, open_)) as stream:
        encoding = encoding_of(stream)
    with opened(TextFile(name, open_)) as stream:
        # Decoded, since half a letter of UTF-16 may look like a mark.
        text = codecs.getreader(encoding)(stream, "replace")
        marks = sum(block.count('"') for block in iter(lambda: text.read(PIECE), ""))
    file = delimited(TextFile(name, open_, encoding=encoding, multiline=True))
    columns = _different(name, header(file))
    return UserTable(
        name,
        tuple(columns),
        f"{title_of(encoding)}, separated by {SEPARATORS[file.delimiter]}",
        partial(_text_pieces, file, columns, marks % 2 == 1),
        lambda row: f"{name}, line {line_of(file, row)}",
        quoted=True,
    )


def _text_pieces(
    file: TextFile, columns: list[str], odd: bool, wanted: Mapping[str, str]
) -> Iterator[pa.Table]:
    """Return the rows; with an odd number of quotation marks, one left open may be in a column that nobody wants."""
    kind = dict.fromkeys(columns if odd else wanted.values(), pa.string())
    try:
        with (
            opened(file) as stream,
            pa.csv.open_csv(stream, *options(file, columns, kind, PIECE)) as reader,
        ):
            rows, piece = 0, pa.table({})
            for batch in reader:
                piece = pa.Table.from_batches([batch])
                rows += len(piece)
                yield pa.table({new: piece[old] for new, old in wanted.items()})
        last = piece.slice(max(0, len(piece) - 1)).to_pylist()
        if odd and any("\n" in (value or "") for row in last for value in row.values()):
            raise BadInput(
                f"{file.name}, line {line_of(file, rows - 1)} has a quotation mark that is never closed; close it"
            )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise_first_fault(replace(file, columns=()), columns, kind)
        raise BadInput(f"{file.name} cannot be read as a table ({str(error)[:100]}); {SAVE_AS}") from error


def _jsonl(name: str, open_: Opener) -> UserTable:
    with opened(TextFile(name, open_)) as stream:
        encoding = encoding_of(stream)
    rows = partial(_objects, TextFile(name, open_, encoding=encoding))
    columns = _different(name, list(dict.fromkeys(key for _, row in islice(rows(), ROWS) for key in row)))
    if not columns:
        raise BadInput(f"{name} is empty; give a JSON object a line")

    def pieces(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        left = rows()
        while batch := [row for _, row in islice(left, ROWS)]:
            yield pa.table(
                {
                    new: pa.array([_as_text(row.get(old)) for row in batch], pa.string())
                    for new, old in wanted.items()
                }
            )

    def place(row: int) -> str:
        return f"{name}, line {next(islice(rows(), row, None))[0]}"

    return UserTable(name, tuple(columns), f"{title_of(encoding)}, a JSON object a line", pieces, place)


def _objects(file: TextFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return each line's number and object; blank lines are passed over."""
    name = file.name
    with opened(file) as stream, io.TextIOWrapper(stream, file.encoding, newline="\n") as text:
        number = 0
        try:
            for number, line in enumerate(lines(file, text), 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise BadInput(f"{name}, line {number} is not a JSON object; mend or delete it")
                    yield number, row
        except UnicodeDecodeError as error:
            raise BadInput(
                f"{name}, line {undecodable_line(file)} is not in {file.encoding.upper()}; save it in UTF-8"
            ) from error
        except json.JSONDecodeError as error:
            raise BadInput(f"{name}, line {number} is not JSON ({error.msg}); mend or delete it") from error
        except ValueError as error:
            # A number of more digits than Python takes.
            raise BadInput(f"{name}, line {number} cannot be read ({error}); mend or delete it") from error
        except RecursionError as error:
            raise BadInput(f"{name}, line {number} is nested too deeply; mend or delete it") from error


def _as_text(value: Any) -> str | None:
    # Halves of letters, which JSON can name and no file can hold, become question marks.
    return None if value is None else str(value).encode("utf-8", "replace").decode()


def _parquet(name: str, open_: Opener) -> UserTable:
    try:
        with open_() as stream:
            columns = pa.parquet.read_schema(pa.PythonFile(stream, "r")).names
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{name} is not a whole Parquet file; write it again") from error

    def pieces(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        try:
            with open_() as stream:
                # Page by page, though all rows were written as one group.
                source = pa.PythonFile(stream, "r")
                file = pa.parquet.ParquetFile(source, pre_buffer=False, buffer_size=BUFFER)
                for batch in file.iter_batches(ROWS, columns=list(dict.fromkeys(wanted.values()))):
                    piece = pa.Table.from_batches([batch])
                    yield pa.table({new: _cast(piece[old]) for new, old in wanted.items()})
        except (pa.ArrowInvalid, OSError) as error:
            raise BadInput(f"{name} is not a whole Parquet file; write it again") from error
        except (pa.ArrowNotImplementedError, KeyError) as error:
            raise BadInput(
                f"{name} has a column that holds no plain values ({error}); write it as text"
            ) from error

    return UserTable(name, tuple(columns), "Parquet", pieces, lambda row: f"{name}, row {row + 1}")


def _cast(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values as text; what is not a number is missing."""
    if pa.types.is_floating(column.type):
        column = pa.compute.if_else(pa.compute.is_nan(column), None, column)
    return column.cast(pa.string())


def _different(name: str, columns: list[str]) -> list[str]:
    """Return the columns' names, all different.

    >>> _different("mine.csv", ["a", "", "a"])
    ['a', 'column 2', 'a (2)']
    """
    if len(columns) > MOST_COLUMNS:
        raise BadInput(f"{name} has {len(columns):,} columns; give a table with at most {MOST_COLUMNS:,}")
    found: list[str] = []
    for place, column in enumerate(columns, 1):
        plain = different = column or f"column {place}"
        times = 1
        while different in found:
            times += 1
            different = f"{plain} ({times})"
        found.append(different)
    return found
