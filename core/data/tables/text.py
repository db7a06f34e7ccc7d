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

HEAD_BYTES = 1 << 16
"""Bytes from which binary data are detected; a header ends within them."""
MAX_LINE_CHARACTERS = 1 << 22
SAVE_AS = "save it as CSV in UTF-8"
Opener = Callable[[], IO[bytes]]
"""Opens a file at its beginning, any number of times."""
CONTROL_CHARACTERS = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r\f")


@dataclass(frozen=True)
class TextFile:
    """A delimited text, which may be a member of an archive."""

    name: str
    """For messages, as in "ml-100k.zip: u.data"."""
    open: Opener
    delimiter: str = ","
    encoding: str = "utf-8"
    quoted: bool = True
    """Whether quotation marks enclose fields; otherwise they are plain characters."""
    multiline: bool = False
    """Whether a quoted field may contain line breaks."""
    columns: tuple[str, ...] = ()
    """Column names, where the first line is not a header."""


def text_file(path: Path, multiline: bool = False) -> TextFile:
    """Return a text in UTF-8 with the delimiter that its first line uses most."""
    return with_delimiter(TextFile(path.name, lambda: path.open("rb"), multiline=multiline))


def with_delimiter(file: TextFile) -> TextFile:
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
    """Return the beginning of the file. Raises BadInput where it is empty or not text."""
    with open_stream(file) as stream:
        start = stream.read(HEAD_BYTES).decode(file.encoding, "replace").lstrip("\ufeff")
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
    with open_stream(file) as stream, io.TextIOWrapper(stream, file.encoding, newline="") as text:
        reader = csv.reader(
            bounded_lines(file, text),
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
                f"{file.name}, line {first_undecodable_line(file)} is not in {file.encoding.upper()}; {SAVE_AS}"
            ) from error


def whole_text(name: str, opener: Opener) -> str:
    """Return a text that is no table, its encoding detected.

    Raises BadInput where it is binary data, or a line cannot be decoded.
    """
    with open_stream(TextFile(name, opener)) as stream:
        file = TextFile(name, opener, encoding=encoding_of(stream))
    with open_stream(file) as stream:
        content = stream.read()
    try:
        text = content.decode(file.encoding)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name}, line {first_undecodable_line(file)} is not in {file.encoding.upper()}; save it in UTF-8"
        ) from error
    if _is_binary(text[:HEAD_BYTES]):
        raise BadInput(f"{name} is not a text but binary data; save it as a text in UTF-8")
    return text


@contextlib.contextmanager
def open_stream(file: TextFile) -> Iterator[IO[bytes]]:
    """Open the file. Raises BadInput, also while it is read, where it is a damaged member of an archive."""
    try:
        with file.open() as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise BadInput(f"{file.name} is damaged ({error}); fetch it again") from error
    except OSError as error:
        # An error of bzip2 about damaged data has no errno, unlike an error of the system about a file.
        if error.errno is not None:
            raise
        raise BadInput(f"{file.name} is damaged ({error}); fetch it again") from error


def bounded_lines(file: TextFile, text: io.TextIOWrapper) -> Iterator[str]:
    """Return the lines. Raises BadInput where one is so long that it would fill the memory."""
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE_CHARACTERS), ""), 1):
        if len(line) == MAX_LINE_CHARACTERS:
            raise BadInput(
                f"{file.name}, line {number} has more than {MAX_LINE_CHARACTERS:,} characters; "
                "give a table with a row a line"
            )
        yield line


def _is_binary(start: str) -> bool:
    # Text has hardly any control characters; compressed data has one in nine, UTF-16 read as UTF-8 one in two.
    return sum(map(start.count, CONTROL_CHARACTERS)) > len(start) / 20


def first_undecodable_line(file: TextFile) -> int:
    """Return the number of the first line that is not in the file's encoding."""
    with open_stream(file) as stream:
        try:
            stream.read().decode(file.encoding)
        except UnicodeDecodeError as error:
            return error.object[: error.start].decode(file.encoding, "ignore").count("\n") + 1
    raise AssertionError("the whole text can be decoded")
