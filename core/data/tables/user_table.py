"""A table that a user gave, whatever its format: its columns, its first rows, and all rows as text, in batches.

How a file becomes one is left to `formats`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from core.data.reading_notes import LeftOut
from core.data.tables.bounds import MAX_COLUMNS
from core.errors import BadInput

WholeReader = Callable[[Mapping[str, str], Collection[str]], pa.Table]
DICTIONARY = pa.dictionary(pa.int32(), pa.string())
BATCH_ROWS = 4000
"""Rows of a batch, where the format does not lead to another number."""


@dataclass(frozen=True)
class UserTable:
    """A table that can be read; nothing but its columns has been read yet."""

    name: str
    columns: tuple[str, ...]
    """Unique: a repeated name ends in " (2)", and an empty name becomes the position, as in "column 2"."""
    format: str
    """Detected format, for people: "UTF-16, separated by tabs"."""
    batches: Callable[[Mapping[str, str]], Iterator[pa.Table]]
    """New name -> column of the file, gives all rows under the new names, as text; a missing value is null. Raises
    BadInput with the first faulty line."""
    location: Callable[[int], str]
    """Row number from 0 -> its place in the file, for messages: "mine.csv, line 7"."""
    quoted: bool = False
    """Whether quotation marks enclose values, so that an unclosed one swallows rows."""
    encoding: str = ""
    """For people: "Windows-1252 (guessed)"; "" where the format has none."""
    separator: str = ""
    """As it is written between fields; "" where the format has none."""
    header: bool = True
    """Whether the file names its columns; else they are "column 1", "column 2", …"""
    notes: tuple[str, ...] = ()
    """Sentences on what was assumed or left out while the file was opened."""
    left_out: tuple[LeftOut, ...] = ()
    """Rows that are no part of any batch."""
    whole: WholeReader | None = None
    """Reads all rows at once, faster than in batches; for `columns_as`."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold no plain values -> why they are refused where they are wanted, as a sentence."""

    def columns_as(self, wanted: Mapping[str, str], ids: Collection[str]) -> pa.Table:
        """Return all rows of the wanted columns (new name -> column of the file) as text; a missing value is null.

        The columns in `ids` (new names), which repeat their values, come dictionary-encoded, with one dictionary
        for all chunks. Raises BadInput with the first faulty line.
        """
        if self.whole is not None:
            return self.whole(wanted, ids).unify_dictionaries()
        return encoded(self.batches(wanted), wanted, ids).unify_dictionaries()


def encoded(tables: Iterable[pa.Table], wanted: Collection[str], ids: Collection[str]) -> pa.Table:
    """Return tables of text as one, with the columns in `ids` dictionary-encoded."""
    schema = pa.schema([(name, DICTIONARY if name in ids else pa.string()) for name in wanted])
    batches = [batch for table in tables for batch in table.cast(schema).to_batches()]
    return pa.Table.from_batches(batches, schema)


def concatenate(name: str, tables: list[UserTable]) -> UserTable:
    """Return tables of the same columns as one, in their order. Raises BadInput where columns differ."""
    first, *others = tables
    for other in others:
        if set(other.columns) != set(first.columns):
            raise BadInput(
                f"{other.name} has other columns ({', '.join(other.columns)[:80]}) than {first.name} "
                f"({', '.join(first.columns)[:80]}); pack tables of the same columns"
            )
    if not others:
        return first

    def batches(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        for table in tables:
            yield from table.batches(wanted)

    def location(row: int) -> str:
        column = first.columns[0]
        for table in tables:
            rows = sum(map(len, table.batches({column: column})))
            if row < rows:
                return table.location(row)
            row -= rows
        raise IndexError(row)

    def joined(texts: Iterable[str]) -> str:
        return " and ".join(dict.fromkeys(texts))

    def whole(wanted: Mapping[str, str], ids: Collection[str]) -> pa.Table:
        return pa.concat_tables(table.columns_as(wanted, ids) for table in tables)

    return UserTable(
        name,
        first.columns,
        f"{len(tables)} tables, {joined(table.format for table in tables)}",
        batches,
        location,
        quoted=any(table.quoted for table in tables),
        encoding=joined(table.encoding for table in tables),
        separator=joined(table.separator for table in tables),
        header=first.header,
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
        whole=whole,
        left_out=tuple(some for table in tables for some in table.left_out),
        unreadable=first.unreadable,
    )


def first_rows(table: UserTable, count: int) -> pd.DataFrame:
    """Return the first rows of all columns, as text; those of a column that cannot be read are missing."""
    wanted = {column: column for column in table.columns if column not in table.unreadable}
    first = next(table.batches(wanted), None)
    frame = pd.DataFrame() if first is None else first.slice(0, count).to_pandas()
    return frame.reindex(columns=list(table.columns))


def unique_columns(name: str, columns: list[str]) -> list[str]:
    """Return unique column names. Raises BadInput where there are too many columns.

    >>> unique_columns("mine.csv", ["a", "", "a"])
    ['a', 'column 2', 'a (2)']
    """
    if len(columns) > MAX_COLUMNS:
        raise BadInput(f"{name} has {len(columns):,} columns; give a table with at most {MAX_COLUMNS:,}")
    unique: list[str] = []
    for position, column in enumerate(columns, 1):
        plain = candidate = column or f"column {position}"
        occurrence = 1
        while candidate in unique:
            occurrence += 1
            candidate = f"{plain} ({occurrence})"
        unique.append(candidate)
    return unique
