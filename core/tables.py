"""Table files as the user has them -> data frames; refuses what is not a table, with file and line.

Reads delimited text and Parquet. What the columns mean is left to those who call.
"""

import contextlib
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from core.errors import BadInput

HEAD = 1 << 16
"""Bytes looked at to tell text from something else."""
PARQUET_MAGIC = b"PAR1"
SAVE_AS = "save it as CSV in UTF-8"


@dataclass(frozen=True)
class TextFile:
    """A delimited text, which may be a member of an archive."""

    name: str
    """For messages, as in "ml-100k.zip: u.data"."""
    open: Callable[[], IO[bytes]]
    delimiter: str = ","
    encoding: str = "utf-8"
    quoted: bool = True
    """Whether quotation marks enclose fields; without, they are plain characters."""
    multiline: bool = False
    """Whether a quoted field may contain line breaks."""
    columns: tuple[str, ...] = ()
    """Column names, where the first line is not a header."""


@dataclass(frozen=True)
class Rows:
    """The wanted columns of a table file; a missing value is NaN or NA."""

    name: str
    frame: pd.DataFrame
    place: Callable[[int], str]
    """Where a row of the frame stands in its file, for messages: "ratings.csv, line 7"."""


def text_file(path: Path, multiline: bool = False) -> TextFile:
    """Give a text with the delimiter that its first line uses most."""
    file = TextFile(path.name, lambda: path.open("rb"))
    first = _head(file).splitlines()[0]
    return TextFile(
        file.name, file.open, max(",\t;|", key=first.decode("utf-8", "replace").count), multiline=multiline
    )


def is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == PARQUET_MAGIC


def header(file: TextFile) -> list[str]:
    """Give the column names. Raises BadInput where the file is empty, not text, or in another encoding."""
    if file.columns:
        _head(file)
        return list(file.columns)
    return _first_record(file)[1]


def read_text(file: TextFile, *kinds: Mapping[str, pa.DataType]) -> Rows:
    """Give the columns named by `kinds`, by the first of the kinds that all values fit.

    Raises BadInput with the first line that does not fit the last of them.
    """
    columns = header(file)
    for name in kinds[0]:
        if columns.count(name) > 1:
            raise BadInput(f"{file.name} has several columns called {name!r}; rename all but one")
    first_line = 0 if file.columns else _first_record(file)[0]
    for kind in kinds:
        try:
            with _opened(file) as stream:
                table = pa.csv.read_csv(
                    stream,
                    pa.csv.ReadOptions(column_names=columns, skip_rows=first_line, encoding=file.encoding),
                    pa.csv.ParseOptions(
                        delimiter=file.delimiter,
                        quote_char='"' if file.quoted else False,
                        newlines_in_values=file.multiline,
                    ),
                    pa.csv.ConvertOptions(
                        include_columns=list(kind),
                        column_types=kind,
                        null_values=[""],
                        strings_can_be_null=True,
                    ),
                )
            frame = table.to_pandas(split_blocks=True, self_destruct=True)
            rows = Rows(file.name, frame, lambda row: f"{file.name}, line {_line_of(file, row)}")
            if not file.multiline:
                _refuse_open_quotes(rows)
            return rows
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            reason = error
    _raise_first_fault(file, columns, kinds[-1])
    raise BadInput(f"{file.name} cannot be read as a table ({reason}); {SAVE_AS}") from reason


def read_parquet(path: Path, columns: Sequence[str]) -> Rows:
    """Give the named columns of a Parquet file. Raises BadInput where it is damaged."""
    try:
        frame = pa.parquet.read_table(path, columns=list(columns)).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path.name} is not a whole Parquet file; write it again") from error
    return Rows(path.name, frame, lambda row: f"{path.name}, row {row + 1}")


def parquet_header(path: Path) -> list[str]:
    try:
        return list(pa.parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path.name} is not a whole Parquet file; write it again") from error


def pick(columns: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give, for each wanted name that is there, the column that stands for it; case and marks do not count.

    >>> pick(["userId", "Movie ID"], {"user": ["user", "user_id"], "film": ["movie_id"], "stars": ["stars"]})
    {'user': 'userId', 'film': 'Movie ID'}
    """
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in reversed(columns)}
    found = {
        name: next(
            (plain[alias.replace("_", "")] for alias in names if alias.replace("_", "") in plain), None
        )
        for name, names in aliases.items()
    }
    return {name: column for name, column in found.items() if column is not None}


@contextlib.contextmanager
def _opened(file: TextFile) -> Iterator[IO[bytes]]:
    """Open the file; a damaged member of an archive shows only while it is read."""
    try:
        with file.open() as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadInput(f"{file.name} is damaged ({error}); fetch it again") from error


def _head(file: TextFile) -> bytes:
    """Give the first bytes of the file, or refuse what is empty or not text."""
    with _opened(file) as stream:
        head = stream.read(HEAD)
    if not head.strip():
        raise BadInput(f"{file.name} is empty; give a table with a header line and rows")
    # Text has next to no control characters; packed data has one in nine, UTF-16 one in two.
    control = sum(head.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\f")
    if control > len(head) / 20:
        raise BadInput(f"{file.name} is not a text in UTF-8 but binary data; {SAVE_AS}, or as Parquet")
    return head


def _first_record(file: TextFile) -> tuple[int, list[str]]:
    """Give the header and the number of the line on which it ends."""
    _head(file)
    line, record = next(_records(file))
    return line, [column.removeprefix("\ufeff").strip() for column in record]


def _records(file: TextFile) -> Iterator[tuple[int, list[str]]]:
    """Give each record that is not a blank line, with the number of its first line."""
    with _opened(file) as stream, io.TextIOWrapper(stream, file.encoding, newline="") as text:
        reader = csv.reader(
            text, delimiter=file.delimiter, quoting=csv.QUOTE_MINIMAL if file.quoted else csv.QUOTE_NONE
        )
        line = 1
        try:
            for record in reader:
                if record:
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            raise BadInput(
                f"{file.name}, line {line} cannot be read as a table ({error}); {SAVE_AS}"
            ) from error
        except UnicodeDecodeError as error:
            bad = _undecodable_line(file)
            raise BadInput(f"{file.name}, line {bad} is not in {file.encoding.upper()}; {SAVE_AS}") from error


def _line_of(file: TextFile, row: int) -> int:
    """Give the line on which a data row begins; slow, for messages alone."""
    wanted = row + (0 if file.columns else 1)
    return next(line for number, (line, _) in enumerate(_records(file)) if number == wanted)


def _undecodable_line(file: TextFile) -> int:
    with _opened(file) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode(file.encoding)
            except UnicodeDecodeError:
                return number
    raise AssertionError("every line can be decoded")


def _raise_first_fault(file: TextFile, columns: list[str], kind: Mapping[str, pa.DataType]) -> None:
    """Name the first line that has the wrong number of columns or no number where one is due."""
    numbers = [
        (columns.index(name), name, _WHOLE if pa.types.is_integer(of) else _DECIMAL)
        for name, of in kind.items()
        if not pa.types.is_string(of)
    ]
    records = _records(file)
    if not file.columns:
        next(records)
    line = 0
    for line, record in records:
        if len(record) != len(columns):
            raise BadInput(
                f"{file.name}, line {line} has {len(record)} columns where {len(columns)} are "
                "due; mend the line"
            )
        for position, name, pattern in numbers:
            if record[position] and not pattern.fullmatch(record[position]):
                raise BadInput(
                    f"{file.name}, line {line}: {name} is {record[position][:40]!r}, which is not a number "
                    "that can be read; correct or delete the line"
                )
    if line == 0:
        raise BadInput(f"{file.name} has a header line but no rows; add the rows")


def _refuse_open_quotes(rows: Rows) -> None:
    """Refuse a field that runs over a line's end: a quotation mark without a second one swallows rows."""
    for column in rows.frame.columns[rows.frame.dtypes == "str"]:
        broken = rows.frame[column].str.contains("\n", regex=False, na=False).to_numpy()
        if broken.any():
            raise BadInput(
                f"{rows.place(int(broken.argmax()))}: {column} runs over the end of the line; "
                "close its quotation mark"
            )


_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*")
_DECIMAL = re.compile(
    r"\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf(inity)?)\s*", re.IGNORECASE
)
