"""The results of a run under way -> files in its folder, as they are made, for pages to show."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.results.run_record import SO_FAR, FirstResults
from core.store import beside, disk_errors, put, write_json


class FirstFiles:
    """Writes what a run has found so far into its folder: tables, and their record last; nothing without a folder."""

    def __init__(self, out: Path | None, record: FirstResults) -> None:
        self._out, self._record = out, record

    def add(self, tables: Mapping[str, pd.DataFrame], **found: Any) -> None:
        """Write tables by file name, and add what was found to the record. Raises StorageError."""
        self._record = self._record.model_copy(update=found)
        if self._out is None:
            return
        with disk_errors(self._out):
            for name, table in tables.items():
                part = self._out / f"{beside(name)}part"
                table.to_parquet(part, index=False)
                put(part, self._out / f"{name}.parquet")
            write_json(self._out / SO_FAR, self._record.plain())
