"""The values of a table, none of which may be longer than a bound."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from core.data.tables.bounds import CELL_BYTES
from core.data.tables.user_table import UserTable
from core.errors import BadInput


def bounded(table: UserTable) -> UserTable:
    """Return the table, whose reading raises BadInput for the first value that is too long."""

    def batches(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        done = 0
        for batch in table.batches(wanted):
            _refuse_long(batch, done, table, wanted)
            done += len(batch)
            yield batch

    def whole(wanted: Mapping[str, str], ids: Collection[str]) -> pa.Table:
        rows = table.columns_as(wanted, ids)
        _refuse_long(rows, 0, table, wanted)
        return rows

    return replace(table, batches=batches, whole=whole)


def _refuse_long(rows: pa.Table, before: int, table: UserTable, wanted: Mapping[str, str]) -> None:
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        row = before
        for chunk in column.chunks:
            is_encoded = pa.types.is_dictionary(chunk.type)
            lengths = pc.binary_length(chunk.dictionary if is_encoded else chunk)
            if (pc.max(lengths).as_py() or 0) > CELL_BYTES:
                long = pc.greater(lengths, CELL_BYTES)
                row += pc.index(long.take(chunk.indices) if is_encoded else long, True).as_py()
                most = f"{CELL_BYTES // 1024**2} MB of text"
                raise BadInput(f"{table.location(row)}: {wanted[name]} has more than {most}; shorten it")
            row += len(chunk)
