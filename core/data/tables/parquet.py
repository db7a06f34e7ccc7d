"""Parquet files -> rows."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from core.data.tables.rows import Rows
from core.errors import BadInput

PARQUET_MAGIC = b"PAR1"


def is_parquet(path: Path) -> bool:
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
    try:
        return list(pa.parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path.name} is not a whole Parquet file; write it again") from error
