"""Records of any kind -> a UserTable."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from core.data.tables.bounds import BATCH_BYTES, MAX_COLUMNS
from core.data.tables.user_table import BATCH_ROWS, UserTable, unique_columns
from core.errors import BadInput

Records = Callable[[], Iterator[tuple[int, Mapping[str, str | None]]]]
"""Gives all records from the first one on, each with the number of its line or row."""

NAMING_RECORDS = 20_000
"""Records whose names become columns; a name that comes later is hardly one of a table."""


@dataclass(frozen=True)
class Form:
    """What a file of records looks like."""

    title: str
    """Its format, for people."""
    encoding: str = ""
    unit: str = "line"
    """What the number of a record counts."""
    header: bool = True
    columns: tuple[str, ...] = ()
    """Their names, where all are known."""
    notes: tuple[str, ...] = ()


def table_of(name: str, form: Form, records: Records) -> UserTable:
    """Return the records as a table; its columns are the names in the first NAMING_RECORDS of them.

    Raises BadInput where there is no record, or one of these cannot be read.
    """
    notes = form.notes
    first = (key for _, record in islice(records(), NAMING_RECORDS) for key in record)
    names = dict.fromkeys(form.columns or first)
    if not names:
        raise BadInput(f"{name} is empty; give a file with a record at least")
    if len(names) > MAX_COLUMNS:
        left_out = f"{len(names) - MAX_COLUMNS:,} of {len(names):,} columns are left out"
        notes = (*notes, f"{name}: {left_out}; at most {MAX_COLUMNS:,} are read.")
    keys = list(names)[:MAX_COLUMNS]
    columns = unique_columns(name, keys)
    key_of = dict(zip(columns, keys, strict=True))

    def batches(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        for batch in _batched(records()):
            yield pa.table(
                {
                    new: pa.array([record.get(key_of[old]) or None for record in batch], pa.string())
                    for new, old in wanted.items()
                }
            )

    def location(row: int) -> str:
        return f"{name}, {form.unit} {next(islice(records(), row, None))[0]}"

    return UserTable(
        name,
        tuple(columns),
        form.title,
        batches,
        location,
        encoding=form.encoding,
        header=form.header,
        notes=notes,
    )


def _batched(
    records: Iterator[tuple[int, Mapping[str, str | None]]],
) -> Iterator[list[Mapping[str, str | None]]]:
    """Return records together: BATCH_ROWS of them, or fewer where they are long."""
    batch: list[Mapping[str, str | None]] = []
    letters = 0
    for _, record in records:
        batch.append(record)
        letters += sum(len(value) for value in record.values() if value)
        if len(batch) == BATCH_ROWS or letters > BATCH_BYTES:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch
