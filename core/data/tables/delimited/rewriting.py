"""A delimited text that Arrow cannot read as it is written -> the same in UTF-8, with one character between fields.

It is rewritten while it is read, in blocks of whole lines; no line is added or taken away.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from core.data.tables.bounds import ROW_BYTES
from core.errors import BadInput

BLOCK_BYTES = 1 << 20
FIELD_MARK = "\x1f"
"""Stands between fields; ASCII has it for this, and texts hardly ever hold it."""
RUN_OF_SPACES = "  "
"""Stands for any number of spaces between fields, and none around a row."""
_SPACES = re.compile(r" +")
_OUTER_MARKS = re.compile(rf"(?m)^{FIELD_MARK}|{FIELD_MARK}(?=\r?$)")


class Blocks(io.RawIOBase):
    """A stream of blocks that are made while it is read."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._block = block
        count = min(len(view), len(self._block))
        view[:count] = self._block[:count]
        self._block = self._block[count:]
        return count


def rewritten(name: str, stream: IO[bytes], encoding: str, dialect: tuple[str, int, str]) -> IO[bytes]:
    """Return the text in UTF-8, with FIELD_MARK between fields where more than one character stood there.

    `dialect` is the delimiter, the number of columns where the last one may hold it (else 0), and how
    quotation marks are escaped by backslashes. Raises BadInput, while it is read, where the text holds FIELD_MARK.
    """
    delimiter, columns, backslash = dialect
    change = _change(delimiter, columns)
    mark = delimiter if change is None else FIELD_MARK

    def blocks() -> Iterator[bytes]:
        for block in whole_lines(name, stream, encoding):
            if FIELD_MARK in block and change is not None:
                raise BadInput(f"{name} holds the control character U+001F; delete it")
            text = block if change is None else change(block)
            yield (doubled(text, mark, backslash == "may end") if backslash else text).encode()

    return stream_of(blocks())


def stream_of(blocks: Iterator[bytes]) -> IO[bytes]:
    """Return a stream of blocks that are made while it is read."""
    return io.BufferedReader(Blocks(blocks), BLOCK_BYTES)


def whole_lines(name: str, stream: IO[bytes], encoding: str, errors: str = "strict") -> Iterator[str]:
    """Return the text in blocks that end with a line. Raises BadInput where a line is too long."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    carried = ""
    while True:
        piece = stream.read(BLOCK_BYTES)
        text = carried + decoder.decode(piece, final=not piece)
        if not piece:
            yield text
            return
        # A carriage return at the end may be half of a line end.
        end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        carried = text[end:]
        if len(carried) > ROW_BYTES:
            raise BadInput(
                f"{name} has a line of more than {ROW_BYTES:,} characters; give a table with one row per line"
            )
        yield text[:end]


def doubled(text: str, mark: str, may_end: bool = False) -> str:
    r"""Return the text with its escaped quotation marks doubled; `mark` stands between fields.

    A backslash before a quotation mark that ends a field belongs to the field: where the next field begins with
    another quotation mark, and with `may_end` before each end of a field.

    >>> print(doubled(r'"A \"great\" one","C:\","x"', ","))
    "A ""great"" one","C:\","x"
    """
    mark = re.escape(mark)
    end = rf"[{mark}\r\n]|$" if may_end else rf'{mark}"[^{mark}\r\n]'
    # Pairs of backslashes before a quotation mark are backslashes of the field.
    return re.sub(
        # From the first of several backslashes on, or a run of them would be tried from each.
        rf'(?<!\\)(\\+)"(?!{end})',
        lambda found: "\\" * (len(found[1]) // 2) + ('""' if len(found[1]) % 2 else '"'),
        text,
    )


def parted(text: str, delimiter: str) -> str:
    """Return whole lines with FIELD_MARK for a delimiter of more than one character."""
    if delimiter == RUN_OF_SPACES:
        return _OUTER_MARKS.sub("", _SPACES.sub(FIELD_MARK, text))
    return text.replace(delimiter, FIELD_MARK)


def _change(delimiter: str, columns: int) -> Callable[[str], str] | None:
    """Return what puts FIELD_MARK between the fields of whole lines, None where nothing is to be changed."""
    if columns:
        return lambda text: "".join(
            line.replace(delimiter, FIELD_MARK, columns - 1) for line in io.StringIO(text, newline="")
        )
    return partial(parted, delimiter=delimiter) if len(delimiter) > 1 else None
