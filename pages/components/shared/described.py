"""The description of factors on a page, made once a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.results.describe import descriptions
from core.results.run_record import RunRecord
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, Run
from pages.components.shared.show import optional_table, table


def described(run: Run, about: Factors, factors: Sequence[int]) -> list[dict[str, Any]]:
    """Return the description of each of these factors, as `describe.descriptions` gives it."""
    # Read here, since a damaged one is told on the page. An older run lacks some.
    read = {name: optional_table(run, name) for name in ("words", "associations")}
    tables = {name: rows for name, rows in read.items() if rows is not None and len(rows)}
    tables["factors"] = table(run, "factors")
    if not isinstance(run, FinishedRun):
        return descriptions(run.record, tables, about.given, factors)
    changed = (run.folder / "run.json").stat().st_mtime_ns
    return _described(str(run.folder), changed, about.given, factors, run.record, tables)


@st.cache_data(show_spinner=False, max_entries=64)
def _described(
    folder: str,
    changed: int,
    given: Mapping[int, str],
    factors: Sequence[int],
    _record: RunRecord,
    _tables: dict[str, pd.DataFrame],
) -> list[dict[str, Any]]:
    return descriptions(_record, _tables, given, factors)
