"""A table that cannot be read -> a message about its first faulty line; slow, used for messages only."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.data.tables.delimited.options import csv_options
from core.data.tables.delimited.rewriting import BLOCK_BYTES
from core.data.tables.delimited.text import TextFile, plain_stream, records
from core.data.tables.encodings import MULTIBYTE
from core.data.tables.packing import opened
from core.errors import BadInput

BLANK = " \t\x1a"
"""Letters of a blank line; the last one is the mark with which DOS ends a text."""


def line_of(file: TextFile, row: int) -> int:
    """Return the line on which a data row begins."""
    all_records = records(file)
    width = len(file.columns) or len(next(all_records)[1])
    lines = (line for line, record in all_records if len(record) == width or not file.leaves_out)
    return next(islice(lines, row, None))


def faulty_rows(file: TextFile, columns: list[str]) -> tuple[int, int, int]:
    """Return how many rows have as many fields as there are columns, how many have more or fewer, and how many are
    blank but for spaces or the mark with which DOS ends a text.
    """
    if _is_even(file, len(columns)):
        return 0, 0, 0
    faulty = blank = rows = 0

    def count(row: Any) -> str:
        nonlocal faulty, blank
        if row.text.strip(BLANK):
            faulty += 1
        else:
            blank += 1
        return "skip"

    read, parse, convert = csv_options(file, columns, {columns[0]: pa.string()})
    parse.invalid_row_handler = count
    try:
        with (
            opened(file.name, file.open) as stream,
            pa.csv.open_csv(plain_stream(file, stream), read, parse, convert) as reader,
        ):
            for batch in reader:
                rows += len(batch)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        # Reading names the fault.
        return 0, 0, 0
    return rows, faulty, blank


def _is_even(file: TextFile, width: int) -> bool:
    """Return whether a plain text has as many separators as its lines need, which hardly happens by chance."""
    if file.quoted or file.rewritten or file.encoding.startswith(MULTIBYTE):
        return False
    mark, separators, lines, last = file.mark.encode(), 0, 0, b"\n"
    with opened(file.name, file.open) as stream:
        while block := stream.read(BLOCK_BYTES):
            separators += block.count(mark)
            lines += block.count(b"\n")
            last = block[-1:]
    return separators == (width - 1) * (lines + (last != b"\n"))


def raise_first_fault(file: TextFile, columns: Sequence[str]) -> None:
    """Raise BadInput for the first line with a wrong number of columns. Return where there is none, but some rows."""
    if file.leaves_out:
        return
    rows = 0 if file.columns else -1
    for line, record in records(file):
        rows += 1
        if len(record) != len(columns):
            raise BadInput(
                f"{file.name}, line {line} has {len(record)} columns where {len(columns)} are "
                f"due; mend the line{', or name each column in the header' if rows == 1 else ''}"
            )
    if rows < 1:
        raise BadInput(f"{file.name} has a header line but no rows; add the rows")
