"""Parquet files -> rows in memory, or a UserTable that is read in batches."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from core.data.tables.packing import Opener
from core.data.tables.rows import Rows
from core.data.tables.user_table import BATCH_ROWS, UserTable
from core.errors import BadInput

PARQUET_MAGIC = b"PAR1"
BUFFER_BYTES = 1 << 20
"""Bytes that are read ahead while a file is read in batches."""


def is_parquet(path: Path) -> bool:
    """Return whether a file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(4) == PARQUET_MAGIC


def read_parquet(path: Path, columns: Sequence[str]) -> Rows:
    """Return the named columns of a Parquet file. Raises BadInput where it is damaged."""
    try:
        frame = pa.parquet.read_table(path, columns=list(columns)).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path.name} is not a whole Parquet file; write it again") from error
    return Rows(path.name, frame, lambda row: f"{path.name}, row {row + 1}")


def parquet_header(path: Path) -> list[str]:
    """Return the column names of a Parquet file. Raises BadInput where it is damaged."""
    try:
        return list(pa.parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path.name} is not a whole Parquet file; write it again") from error


def open_parquet(name: str, opener: Opener) -> UserTable:
    """Return the table in a Parquet file. Raises BadInput where it is damaged."""
    try:
        with opener() as stream:
            columns = pa.parquet.read_schema(pa.PythonFile(stream, "r")).names
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{name} is not a whole Parquet file; write it again") from error

    def batches(wanted: Mapping[str, str]) -> Iterator[pa.Table]:
        try:
            with opener() as stream:
                # Page by page, even where all rows are one row group.
                source = pa.PythonFile(stream, "r")
                file = pa.parquet.ParquetFile(source, pre_buffer=False, buffer_size=BUFFER_BYTES)
                for batch in file.iter_batches(BATCH_ROWS, columns=list(dict.fromkeys(wanted.values()))):
                    table = pa.Table.from_batches([batch])
                    yield pa.table({new: _as_text(table[old]) for new, old in wanted.items()})
        except (pa.ArrowInvalid, OSError) as error:
            raise BadInput(f"{name} is not a whole Parquet file; write it again") from error
        except (pa.ArrowNotImplementedError, KeyError) as error:
            raise BadInput(
                f"{name} has a column that holds no plain values ({error}); write it as text"
            ) from error

    return UserTable(name, tuple(columns), "Parquet", batches, lambda row: f"{name}, row {row + 1}")


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values as text; NaN becomes null."""
    if pa.types.is_floating(column.type):
        column = pa.compute.if_else(pa.compute.is_nan(column), None, column)
    return column.cast(pa.string())
