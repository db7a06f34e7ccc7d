"""A Parquet file -> a UserTable; ids are text to the letter, whatever their type."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from core.data.tables.packing import Opener
from core.data.tables.parquet_pieces import StoredRows, stored_rows
from core.data.tables.user_table import BATCH_ROWS, UserTable, encoded, unique_columns
from core.errors import BadInput

PARQUET_MAGIC = b"PAR1"
ROWS_AT_ONCE = 1 << 20
EXACT = {pa.float16(): 2**11, pa.float32(): 2**24, pa.float64(): 2**53}
"""Floating-point types -> the number beyond which whole numbers are lost."""
LARGEST_STARS = 100
"""A whole number beyond this is an id or a time, rather than a rating."""
NAMELESS = "__index_level_"
"""Begins the name that pandas gives to an index without one."""
JOIN = "|"


@dataclass
class _Floats:
    """What a column of floating-point numbers holds."""

    whole: bool = True
    missing: bool = False
    largest: float = 0.0


@dataclass(frozen=True)
class _File:
    """A Parquet file, and what is known of its columns."""

    name: str
    rows: StoredRows
    names: list[str]
    """As the file has them."""
    columns: tuple[str, ...]
    """Unique."""
    whole_numbers: frozenset[str]
    """Columns of floating-point numbers that are all whole."""
    unreadable: dict[str, str]
    counted: dict[str, range]
    """Index columns that count the rows, which pandas does not store as such."""

    def batches(self, wanted: Mapping[str, str], rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """Return the wanted columns as text, in batches."""
        for column in wanted.values():
            if column in self.unreadable:
                raise BadInput(self.unreadable[column])
        done = 0
        for table in self.rows.pieces(rows, self._selected(wanted.values())):
            columns = {
                self.columns[self.names.index(name)] if self._plain else self.columns[place]: place
                for place, name in enumerate(table.column_names)
            }
            yield pa.table(
                {
                    new: _numbers(self.counted[old], done, len(table))
                    if old in self.counted
                    else self._as_text(table.column(columns[old]), old)
                    for new, old in wanted.items()
                }
            )
            done += len(table)

    def all_rows(self, wanted: Mapping[str, str], ids: Collection[str]) -> pa.Table:
        """Return all rows of the wanted columns, with the ids dictionary-encoded."""
        return encoded(self.batches(wanted, ROWS_AT_ONCE), wanted, ids)

    @property
    def _plain(self) -> bool:
        """Whether each name stands for one column; one that comes twice, is empty or looks like a path does not."""
        return len(set(self.names)) == len(self.names) and all(
            name and "." not in name for name in self.names
        )

    def _selected(self, wanted: Collection[str]) -> list[str] | None:
        if not self._plain:
            return None
        # Without any column, the number of rows would be lost.
        stored = [
            name for name, column in zip(self.names, self.columns, strict=False) if column in set(wanted)
        ]
        return stored or self.names[:1]

    def _as_text(self, values: pa.ChunkedArray, column: str) -> pa.ChunkedArray:
        try:
            return _as_text(values, column in self.whole_numbers)
        except pa.ArrowInvalid as error:
            raise BadInput(
                f"{self.name}: column {column!r} holds what is no text in UTF-8; write it as text"
            ) from error


def open_parquet(name: str, opener: Opener) -> UserTable:
    """Return the table in a Parquet file, with the index that pandas wrote into it; lists are joined by bars.

    Raises BadInput where it is damaged, or unpacks to too much.
    """
    rows = stored_rows(name, opener)
    schema = rows.schema
    ranges = _ranges(schema, rows.count)
    if not len(schema):
        raise BadInput(f"{name} has no columns; write a table with some")
    columns = unique_columns(name, [*(_title(field.name) for field in schema), *ranges])
    counted = dict(zip(columns[len(schema) :], ranges.values(), strict=True))
    types = dict(zip(columns, schema.types, strict=False))
    unreadable = {
        column: f"{name}: column {column!r} holds {form}, which is no plain value; write it as text"
        for column, form in types.items()
        if not _has_text(form)
    }
    plain = _File(name, rows, schema.names, tuple(columns), frozenset(), unreadable, counted)
    for column, form in types.items():
        if pa.types.is_binary(form) or pa.types.is_large_binary(form) or pa.types.is_fixed_size_binary(form):
            try:
                next(plain.batches({column: column}), None)
            except BadInput as error:
                unreadable[column] = str(error)
    numbers = _floats(plain, types)
    whole = {column for column, values in numbers.items() if values.whole}
    for column in whole:
        if numbers[column].largest > EXACT[types[column]]:
            unreadable[column] = (
                f"{name}: the numbers in column {column!r} are too long for {types[column]}, which lost their last "
                "digits; write them as text"
            )
    notes = [
        f"{name}: {column!r} holds whole numbers as fractions (7.0); they are read without them."
        for column in whole
        if column not in unreadable and (numbers[column].missing or numbers[column].largest > LARGEST_STARS)
    ]
    table = replace(plain, whole_numbers=frozenset(whole))
    return UserTable(
        name,
        table.columns,
        "Parquet",
        table.batches,
        lambda row: f"{name}, row {row + 1}",
        notes=tuple(notes),
        whole=table.all_rows,
        unreadable=unreadable,
    )


def _floats(file: _File, types: Mapping[str, pa.DataType]) -> dict[str, _Floats]:
    """Return what each column of floating-point numbers holds."""
    found = {column: _Floats() for column, form in types.items() if pa.types.is_floating(form)}
    names = file._selected(found)
    if not found:
        return found
    for table in file.rows.pieces(ROWS_AT_ONCE, names):
        order = file.columns if names is None else [column for column in file.columns if column in found]
        for column, values in zip(order, table.columns, strict=True):
            if column not in found:
                continue
            numbers = found[column]
            values = values.cast(pa.float64())
            finite = pc.filter(values, pc.is_finite(values))
            numbers.missing |= len(finite) < len(values)
            numbers.whole &= bool(pc.all(pc.equal(finite, pc.floor(finite))).as_py() is not False)
            numbers.largest = max(numbers.largest, pc.max(pc.abs(finite)).as_py() or 0.0)
            infinite = pc.any(pc.is_inf(values)).as_py()
            numbers.whole &= not infinite
    return found


def _as_text(column: pa.ChunkedArray, whole: bool) -> pa.ChunkedArray:
    """Return the values as text; NaN becomes null."""
    form = column.type
    if pa.types.is_dictionary(form):
        return _as_text(column.cast(form.value_type), whole)
    if isinstance(form, pa.BaseExtensionType):
        return _as_text(column.cast(form.storage_type), whole)
    if pa.types.is_list(form) or pa.types.is_large_list(form) or pa.types.is_fixed_size_list(form):
        texts = [
            None if values is None else JOIN.join(value for value in values if value is not None)
            for values in column.cast(pa.list_(pa.string())).to_pylist()
        ]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_floating(form):
        column = pc.if_else(pc.is_nan(column), None, column)
        if whole:
            column = column.cast(pa.float64()).cast(pa.int64())
    # By way of bytes, so that letters in no encoding are found.
    is_text = pa.types.is_string(form) or pa.types.is_large_string(form)
    return (column.cast(pa.large_binary()) if is_text else column).cast(pa.string())


def _has_text(form: pa.DataType) -> bool:
    """Return whether values of a type can be told as text."""
    try:
        _as_text(pa.chunked_array([pa.nulls(0, form)]), False)
    except (pa.ArrowException, TypeError, AttributeError):
        return False
    return True


def _ranges(schema: pa.Schema, rows: int) -> dict[str, range]:
    """Return the named indexes that pandas wrote as a range of numbers."""
    try:
        found = {
            str(index["name"]): range(index["start"], index["stop"], index["step"])
            for index in (schema.pandas_metadata or {}).get("index_columns", [])
            if isinstance(index, dict) and index.get("name") is not None
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        # Another program wrote what pandas cannot read.
        return {}
    return {name: numbers for name, numbers in found.items() if len(numbers) == rows}


def _numbers(numbers: range, start: int, count: int) -> pa.Array:
    return pa.array(list(numbers[start : start + count])).cast(pa.string())


def _title(name: str) -> str:
    return "index" if name.startswith(NAMELESS) else name
