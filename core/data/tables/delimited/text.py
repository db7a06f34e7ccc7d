"""A delimited text: how it is written, as a stream that Arrow can read, and its records one by one."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from core.data.tables.bounds import ROW_BYTES
from core.data.tables.delimited.rewriting import BLOCK_BYTES, FIELD_MARK, rewritten
from core.data.tables.encodings import encoding_of
from core.data.tables.packing import Opener, opened
from core.errors import BadInput

HEAD_BYTES = 1 << 16
"""Bytes from which binary data are detected; a header ends within them."""
SAVE_AS = "save it as CSV in UTF-8"
CONTROL_CHARACTERS = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r\f\x1f")
NEVER_CLOSED = "has a quotation mark that is never closed; close it, or write it twice within the text"
NOT_DOUBLED = "has a quotation mark within a quoted field; write each of these twice"
csv.field_size_limit(ROW_BYTES)


class QuoteError(Exception):
    """A quotation mark is at a wrong place."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep the line of the record, and what is wrong with it, for people."""
        super().__init__(line, reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class TextFile:
    """A delimited text, which may be a member of an archive."""

    name: str
    """For messages, as in "ml-100k.zip: u.data"."""
    open: Opener
    delimiter: str = ","
    """As it is written; RUN_OF_SPACES is any number of spaces."""
    encoding: str = "utf-8"
    quoted: bool = True
    """Whether quotation marks enclose fields; otherwise they are plain characters."""
    multiline: bool = False
    """Whether a quoted field may contain line breaks."""
    columns: tuple[str, ...] = ()
    """Column names, where the first line is not a header."""
    preamble: int = 0
    """Lines before the header or the first row that are no part of the table."""
    backslash: Literal["", "escapes", "may end"] = ""
    """Whether a quotation mark within a field is escaped by a backslash, in place of being doubled, and whether one
    after a backslash may end the field all the same."""
    rest_in_last: int = 0
    """Number of columns, where the last one may hold the delimiter; 0 where it may not."""
    leaves_out: bool = False
    """Whether rows with another number of fields are left out; otherwise they are refused."""

    @property
    def rewritten(self) -> bool:
        """Whether Arrow and csv cannot read it as it is written."""
        return len(self.delimiter) > 1 or self.backslash != "" or self.rest_in_last > 0

    @property
    def mark(self) -> str:
        """The one character between fields, once the text is rewritten."""
        return FIELD_MARK if len(self.delimiter) > 1 or self.rest_in_last else self.delimiter


def header(file: TextFile) -> list[str]:
    """Return the column names. Raises BadInput where the file is empty, not text, or in another encoding."""
    if file.columns:
        head(file)
        return list(file.columns)
    return first_record(file)[1]


def head(file: TextFile, size: int = HEAD_BYTES) -> str:
    """Return the beginning of the file. Raises BadInput where it is empty or not text."""
    with opened(file.name, file.open) as stream:
        start = stream.read(size).decode(file.encoding, "replace").removeprefix("\ufeff")
    if not start.strip():
        raise BadInput(f"{file.name} is empty; give a table with a header line and rows")
    if is_binary(start):
        raise BadInput(f"{file.name} is not a text in UTF-8 but binary data; {SAVE_AS}, or as Parquet")
    return start


def first_record(file: TextFile) -> tuple[int, list[str]]:
    """Return the header and the number of the line on which it ends."""
    head(file)
    line, record = next(records(file))
    return line + sum(map(_breaks, record)), [column.removeprefix("\ufeff").strip() for column in record]


def _breaks(field: str) -> int:
    return len(field.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1


def plain_stream(file: TextFile, stream: IO[bytes]) -> IO[bytes]:
    """Return the text as Arrow reads it: with one character between fields, and doubled quotation marks.

    It is as it was written, in the file's encoding, where no `rewritten` is needed; else it is in UTF-8.
    """
    if not file.rewritten:
        return stream
    return rewritten(file.name, stream, file.encoding, (file.delimiter, file.rest_in_last, file.backslash))


def records(file: TextFile, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Return each record that is not a blank line, with the number of its first line.

    With `strict`, raises QuoteError where a quoted field goes on after its closing mark, or has none.
    """
    encoding = "utf-8" if file.rewritten else file.encoding
    with (
        opened(file.name, file.open) as stream,
        io.TextIOWrapper(plain_stream(file, stream), encoding, newline="") as text,
    ):
        lines = bounded_lines(file, text)
        for _ in range(file.preamble):
            next(lines, None)
        reader = csv.reader(
            lines,
            delimiter=file.mark,
            quoting=csv.QUOTE_MINIMAL if file.quoted else csv.QUOTE_NONE,
            strict=strict,
        )
        line = 1 + file.preamble
        try:
            for record in reader:
                if record:
                    yield line, record
                line = reader.line_num + 1 + file.preamble
        except csv.Error as error:
            if strict:
                over_lines = reader.line_num + file.preamble > line or "end of data" in str(error)
                raise QuoteError(line, NEVER_CLOSED if over_lines else NOT_DOUBLED) from error
            raise BadInput(
                f"{file.name}, line {line} cannot be read as a table ({error}); {SAVE_AS}"
            ) from error
        except UnicodeDecodeError as error:
            raise undecodable(file) from error


def whole_text(name: str, opener: Opener) -> str:
    """Return a text that is no table, its encoding detected.

    Raises BadInput where it is binary data, or a line cannot be decoded.
    """
    with opened(name, opener) as stream:
        file = TextFile(name, opener, encoding=encoding_of(stream))
    with opened(name, opener) as stream:
        content = stream.read()
    try:
        text = content.decode(file.encoding)
    except UnicodeDecodeError as error:
        raise undecodable(file) from error
    if is_binary(text[:HEAD_BYTES]):
        raise BadInput(f"{name} is not a text but binary data; save it as a text in UTF-8")
    return text


def bounded_lines(file: TextFile, text: io.TextIOBase) -> Iterator[str]:
    """Return the lines. Raises BadInput where one is so long that it would fill the memory."""
    for number, line in enumerate(iter(lambda: text.readline(ROW_BYTES), ""), 1):
        if len(line) == ROW_BYTES:
            raise BadInput(
                f"{file.name}, line {number} has more than {ROW_BYTES:,} characters; "
                "give a table with one row per line"
            )
        yield line


def is_binary(start: str) -> bool:
    """Return whether a beginning is no text."""
    # Text has hardly any control characters; compressed data has one in nine, UTF-16 read as UTF-8 one in two.
    return sum(map(start.count, CONTROL_CHARACTERS)) > len(start) / 20


def undecodable(file: TextFile) -> BadInput:
    """Return the error that names the first line that is not in the file's encoding."""
    decoder = codecs.getincrementaldecoder(file.encoding)()
    feeds = returns = 0
    with opened(file.name, file.open) as stream:
        try:
            for block in iter(lambda: stream.read(BLOCK_BYTES), b""):
                before = decoder.decode(block)
                feeds, returns = feeds + before.count("\n"), returns + before.count("\r")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(file.encoding, "ignore")
            feeds, returns = feeds + before.count("\n"), returns + before.count("\r")
    line = 1 + (feeds or returns)
    return BadInput(f"{file.name}, line {line} is not in {file.encoding.upper()}; save it in UTF-8")
