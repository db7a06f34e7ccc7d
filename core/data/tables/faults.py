"""A table that cannot be read -> a message about its first faulty line; slow, used for messages only."""

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from core.data.tables.rows import Rows
from core.data.tables.text import TextFile, records
from core.errors import BadInput

_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*")
_DECIMAL = re.compile(
    r"\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf(inity)?)\s*", re.IGNORECASE
)


def line_of(file: TextFile, row: int) -> int:
    """Return the line on which a data row begins."""
    record = row + (0 if file.columns else 1)
    return next(line for number, (line, _) in enumerate(records(file)) if number == record)


def raise_first_fault(file: TextFile, columns: Sequence[str], schema: Mapping[str, pa.DataType]) -> None:
    """Raise BadInput for the first line with a wrong number of columns or a value that is no number but must be.

    Return where there is no such line.
    """
    numbers = [
        (columns.index(name), name, _WHOLE if pa.types.is_integer(of) else _DECIMAL)
        for name, of in schema.items()
        if not pa.types.is_string(of)
    ]
    rows = records(file)
    if not file.columns:
        next(rows)
    line = 0
    for line, record in rows:
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


def refuse_open_quotes(rows: Rows) -> None:
    """Raise BadInput for a field with a line break: an unclosed quotation mark swallows rows."""
    for column in rows.frame.columns[rows.frame.dtypes == "str"]:
        broken = rows.frame[column].str.contains("\n", regex=False, na=False).to_numpy()
        if broken.any():
            raise BadInput(
                f"{rows.location(int(broken.argmax()))}: {column} runs over the end of the line; "
                "close its quotation mark"
            )
