"""The tables in the folder of a run, and of the artifacts behind it; the one place where pages and verbs read them.

Tables of the time when ids were numbers, and further ids of a film one text, are read as those of today.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import DamagedRun
from core.store import as_written

IDS = ("film_id", "user_id")
"""Columns that hold ids."""


def read_table(
    path: Path, columns: list[str] | None = None, rows: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return a table; all rows, or those where each column of `rows` has its value. Ids are text.

    Raises FileNotFoundError, and DamagedRun if it is not as it was written.
    """
    rows = rows or {}
    try:
        if not as_written(path):
            raise DamagedRun(f"{path} is not as the run wrote it; make the run again", path.parent)
        schema = pq.read_schema(path)
        numbers = {
            column for column in IDS if column in rows and pa.types.is_integer(schema.field(column).type)
        }
        filters = [(column, "==", value) for column, value in rows.items() if column not in numbers]
        table = as_of_today(pd.read_parquet(path, columns=columns, filters=filters or None))
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError) as error:
        raise DamagedRun(f"{path} is damaged; make the run again", path.parent) from error
    for column in numbers:
        table = table[table[column] == rows[column]].reset_index(drop=True)
    return table


def changed_at(path: Path) -> int:
    """Return when a table was written, in nanoseconds; raises as `read_table`."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedRun(f"{path} is damaged; make the run again", path.parent) from error


def as_of_today(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its ids as text, and `other_ids` as tuples.

    >>> as_of_today(pd.DataFrame({"film_id": [7], "weight": [0.5]})).film_id.tolist()
    ['7']
    """
    numbers = [column for column in IDS if column in table and table[column].dtype.kind in "iu"]
    if "other_ids" in table:
        others = table["other_ids"]
        # Tuples can be hashed, and so be cached by the pages.
        table = table.assign(other_ids=(others.str.split() if others.dtype == "str" else others).map(tuple))
    return table.astype(dict.fromkeys(numbers, "str")) if numbers else table
