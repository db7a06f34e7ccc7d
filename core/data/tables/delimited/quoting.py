"""Whether quotation marks enclose the fields of a text, and how one in a field is written, from the whole text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO

import numpy as np

from core.data.tables.bounds import ROW_BYTES
from core.data.tables.delimited.detection import UNQUOTED, Detected, is_number
from core.data.tables.delimited.rewriting import BLOCK_BYTES, whole_lines
from core.data.tables.delimited.text import NEVER_CLOSED, QuoteError, TextFile, records
from core.data.tables.encodings import MULTIBYTE
from core.data.tables.packing import opened
from core.errors import BadInput

_ENCLOSED = re.compile(r'".*"', re.DOTALL)
MARK, FEED, RETURN, BACKSLASH = b'"\n\r\\'


def with_quoting(detected: Detected) -> TextFile:
    """Return the text with how its quotation marks are written.

    They are read as RFC 4180 has them where the whole text agrees with it; else as escaped by backslashes; else as
    plain letters. Where nothing fits, the first of these is left, and reading names the faulty line. Raises
    BadInput where a quotation mark is left open over whole rows.
    """
    file = detected.file
    marks, doubtful = _marks(file)
    if not marks or not file.quoted or len(file.delimiter) > 1:
        return replace(file, quoted=False)
    standard = replace(file, multiline=True)
    if not doubtful:
        return standard
    fault: QuoteError | None = None
    candidates = (
        standard,
        replace(standard, backslash="escapes"),
        replace(standard, backslash="may end"),
        replace(file, quoted=False),
    )
    for candidate in candidates:
        try:
            if _check(candidate, detected.numbers):
                return candidate
        except QuoteError as error:
            fault = fault or (error if candidate is standard else None)
    if fault:
        raise BadInput(f"{file.name}, line {fault.line} {fault.reason}") from fault
    return standard


def _marks(file: TextFile) -> tuple[int, bool]:
    """Return how many quotation marks a text has, and whether RFC 4180 may not explain all of them."""
    ends = np.frombuffer(f'{file.delimiter[0]}\r\n"'.encode(), np.uint8)
    marks, doubtful = 0, False
    with opened(file.name, file.open) as stream:
        for block in _blocks_with_marks(file, stream):
            letters = np.frombuffer(block, np.uint8)
            at = np.flatnonzero(letters == MARK)
            marks += len(at)
            if doubtful:
                continue
            before = letters[at[at > 0] - 1]
            inner = at[(at > 0) & (at < len(letters) - 1)]
            within = ~np.isin(letters[inner - 1], ends) & ~np.isin(letters[inner + 1], ends)
            # A field with a line break leaves a line with an odd number of marks.
            lines = np.flatnonzero((letters == FEED) | (letters == RETURN))
            odd = len(at) % 2 or (np.searchsorted(at, lines) % 2).any()
            doubtful = bool(odd or within.any() or (before == BACKSLASH).any())
    return marks, doubtful


def _blocks_with_marks(file: TextFile, stream: IO[bytes]) -> Iterator[bytes]:
    """Return the blocks of whole lines that hold quotation marks."""
    if file.encoding.startswith(MULTIBYTE):
        for text in whole_lines(file.name, stream, file.encoding, "replace"):
            yield text.encode("utf-8", "replace")
        return
    # In all other encodings a byte of this value is a quotation mark.
    carried = b""
    while piece := stream.read(BLOCK_BYTES):
        block = carried + piece
        end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1
        if not end and len(block) > ROW_BYTES:
            end = len(block)
        carried = block[end:]
        if b'"' in block[:end]:
            yield block[:end]
    if b'"' in carried:
        yield carried


def _check(file: TextFile, numbers: Sequence[int]) -> bool:
    """Return whether all rows have as many fields as the first one, and marks that are to be letters can be.

    With commas or semicolons these come in pairs, and enclose no whole field.

    Raises QuoteError where a quotation mark is at a wrong place, or left open over whole rows.
    """
    width, agrees = len(file.columns), True
    pairs = not file.quoted and file.delimiter not in UNQUOTED
    swallows = file.quoted and len(numbers) > 1
    for line, record in records(file, strict=True):
        width = width or len(record)
        agrees = agrees and len(record) == width
        if pairs and any(field.count('"') % 2 or _ENCLOSED.fullmatch(field) for field in record):
            return False
        for field in record if swallows and width > 2 else ():
            if "\n" in field and any(
                _is_row(row, file.mark, width, numbers) for row in field.split("\n")[1:]
            ):
                raise QuoteError(line, NEVER_CLOSED)
    return agrees


def _is_row(line: str, separator: str, width: int, numbers: Sequence[int]) -> bool:
    fields = line.split(separator)
    return len(fields) >= width and all(is_number(fields[position]) for position in numbers)
