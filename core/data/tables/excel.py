"""The first sheet of an Excel workbook (.xlsx) -> a UserTable."""

import datetime
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from core.data.tables.bounds import EXCEL_ROWS
from core.data.tables.delimited.detection import header_in
from core.data.tables.matrix import is_matrix, open_matrix
from core.data.tables.packing import Opener
from core.data.tables.records.table import Form, table_of
from core.data.tables.user_table import UserTable, unique_columns
from core.errors import BadInput

SAMPLE_ROWS = 500
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, KeyError, ValueError, IndexError, TypeError, AttributeError, OSError),
    *(SyntaxError, EOFError, NotImplementedError),
)
"""What openpyxl, which has no error of its own for it, raises for a damaged file; SyntaxError is of its XML."""
EXACT = 2**53
"""Numbers beyond this lose digits."""
OLD_MAGIC = b"\xd0\xcf\x11\xe0"
WORKBOOK = "xl/workbook.xml"
TITLE = "Excel, its first sheet"


def open_excel(name: str, opener: Opener) -> UserTable:
    """Return the table in the first sheet of a workbook.

    Raises BadInput where it is empty or damaged, or openpyxl, which reads it, is not installed.
    """
    rows = partial(_rows, name, opener)
    first = list(islice(rows(), SAMPLE_ROWS))
    if not first:
        raise BadInput(f"{name} is empty; give a table with a header line and rows")
    values = [row for _, row in first]
    if is_matrix(values):
        return open_matrix(name, (TITLE, ""), rows)
    header = header_in(values)
    width = max(map(len, values))
    names = [value.strip() for value in values[0]] if header else []
    columns = unique_columns(name, [*names, *[""] * (width - len(names))])

    def records() -> Iterator[tuple[int, Mapping[str, str | None]]]:
        for number, row in islice(rows(), int(header), None):
            if len(row) > width:
                raise BadInput(
                    f"{name}, row {number} has {len(row)} columns where {width} are due; mend the row"
                )
            yield number, dict(zip(columns, [value or None for value in row], strict=False))

    return table_of(name, Form(TITLE, unit="row", header=header, columns=tuple(columns)), records)


def _rows(name: str, opener: Opener) -> Iterator[tuple[int, Sequence[str]]]:
    """Return the number and the values of each row that is not blank, without the blank cells at its end."""
    try:
        import openpyxl
    except ImportError as error:
        raise BadInput(
            f"{name} is an Excel file, which needs the package openpyxl; install requirements-excel.txt, "
            "or save it as CSV in UTF-8"
        ) from error
    try:
        with opener() as stream:
            workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            sheet = workbook.worksheets[0]
            # Some programs write wrong ones, and those of a whole sheet are 17 billion cells.
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > EXCEL_ROWS:
                    raise BadInput(
                        f"{name} has more than {EXCEL_ROWS:,} rows; give a table of fewer, or as CSV"
                    )
                values = [_text(cell) for cell in cells]
                if any(isinstance(cell, float) and abs(cell) > EXACT for cell in cells):
                    raise BadInput(
                        f"{name}, row {number} holds a number too long for Excel, which lost its last digits. "
                        "Make its column text, and enter it again"
                    )
                while values and not values[-1]:
                    values.pop()
                if values:
                    yield number, values
    except DAMAGED as error:
        raise BadInput(f"{name} is not a whole Excel file; save it again, or as CSV in UTF-8") from error


def _text(cell: Any) -> str:
    """Return a cell as text; a whole number has no decimals.

    >>> _text(7.0), _text(4.5), _text(None), _text(True)
    ('7', '4.5', '', 'true')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return str(cell)
