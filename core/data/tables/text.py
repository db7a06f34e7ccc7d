"""A delimited text: how it is opened, its header, and its records one by one."""

import contextlib
import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.data.tables.encodings import encoding_of
from core.errors import BadInput

HEAD = 1 << 16
"""Bytes looked at to tell text from something else; a header ends within them."""
MOST_LINE = 1 << 22
"""Characters of the longest line that is read."""
SAVE_AS = "save it as CSV in UTF-8"
Opener = Callable[[], IO[bytes]]
"""Opens a file anew each time."""
CONTROLS = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r\f")


@dataclass(frozen=True)
class TextFile:
    """A delimited text, which may be a member of an archive."""

    name: str
    """For messages, as in "ml-100k.zip: u.data"."""
    open: Opener
    delimiter: str = ","
    encoding: str = "utf-8"
    quoted: bool = True
    """Whether quotation marks enclose fields; without, they are plain characters."""
    multiline: bool = False
    """Whether a quoted field may contain line breaks."""
    columns: tuple[str, ...] = ()
    """Column names, where the first line is not a header."""


def text_file(path: Path, multiline: bool = False) -> TextFile:
    """Return a text in UTF-8 with the delimiter that its first line uses most."""
    return delimited(TextFile(path.name, lambda: path.open("rb"), multiline=multiline))


def delimited(file: TextFile) -> TextFile:
    """Return the text with the delimiter that its first line uses most."""
    first = head(file).lstrip("\r\n").splitlines()[0]
    delimiter = max(",\t;|", key=first.count)
    return TextFile(file.name, file.open, delimiter, file.encoding, file.quoted, file.multiline)


def header(file: TextFile) -> list[str]:
    """Return the column names. Raises BadInput where the file is empty, not text, or in another encoding."""
    if file.columns:
        head(file)
        return list(file.columns)
    return first_record(file)[1]


def head(file: TextFile) -> str:
    """Return the beginning of the file, or refuse what is empty or not text."""
    with opened(file) as stream:
        start = stream.read(HEAD).decode(file.encoding, "replace").lstrip("\ufeff")
    if not start.strip():
        raise BadInput(f"{file.name} is empty; give a table with a header line and rows")
    if _is_binary(start):
        raise BadInput(f"{file.name} is not a text in UTF-8 but binary data; {SAVE_AS}, or as Parquet")
    return start


def first_record(file: TextFile) -> tuple[int, list[str]]:
    """Return the header and the number of the line on which it ends."""
    head(file)
    line, record = next(records(file))
    return line + sum(column.count("\n") for column in record), [
        column.removeprefix("\ufeff").strip() for column in record
    ]


def records(file: TextFile) -> Iterator[tuple[int, list[str]]]:
    """Return each record that is not a blank line, with the number of its first line."""
    with opened(file) as stream, io.TextIOWrapper(stream, file.encoding, newline="") as text:
        reader = csv.reader(
            lines(file, text),
            delimiter=file.delimiter,
            quoting=csv.QUOTE_MINIMAL if file.quoted else csv.QUOTE_NONE,
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
            raise BadInput(
                f"{file.name}, line {undecodable_line(file)} is not in {file.encoding.upper()}; {SAVE_AS}"
            ) from error


def whole_text(name: str, open_: Opener) -> str:
    """Return a text that is no table, in the encoding that it seems to be in.

    Raises BadInput where it is binary data, or has a line in another encoding.
    """
    with opened(TextFile(name, open_)) as stream:
        file = TextFile(name, open_, encoding=encoding_of(stream))
    with opened(file) as stream:
        content = stream.read()
    try:
        text = content.decode(file.encoding)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name}, line {undecodable_line(file)} is not in {file.encoding.upper()}; save it in UTF-8"
        ) from error
    if _is_binary(text[:HEAD]):
        raise BadInput(f"{name} is not a text but binary data; save it as a text in UTF-8")
    return text


@contextlib.contextmanager
def opened(file: TextFile) -> Iterator[IO[bytes]]:
    """Open the file; a damaged member of an archive shows only while it is read."""
    try:
        with file.open() as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise BadInput(f"{file.name} is damaged ({error}); fetch it again") from error
    except OSError as error:
        # What bzip2 says of damaged data has no number, unlike what the system says of a file.
        if error.errno is not None:
            raise
        raise BadInput(f"{file.name} is damaged ({error}); fetch it again") from error


def lines(file: TextFile, text: io.TextIOWrapper) -> Iterator[str]:
    """Return the lines, but none that would fill the memory."""
    for number, line in enumerate(iter(lambda: text.readline(MOST_LINE), ""), 1):
        if len(line) == MOST_LINE:
            raise BadInput(
                f"{file.name}, line {number} has more than {MOST_LINE:,} characters; give a table with a row a line"
            )
        yield line


def _is_binary(start: str) -> bool:
    # Text has next to no control characters; packed data has one in nine, UTF-16 read as UTF-8 one in two.
    return sum(map(start.count, CONTROLS)) > len(start) / 20


def undecodable_line(file: TextFile) -> int:
    """Return the first line that is not in the file's encoding."""
    with opened(file) as stream:
        try:
            stream.read().decode(file.encoding)
        except UnicodeDecodeError as error:
            return error.object[: error.start].decode(file.encoding, "ignore").count("\n") + 1
    raise AssertionError("the whole text can be decoded")
