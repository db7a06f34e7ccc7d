"""The description of factors on a page, made once a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.results.describe import descriptions
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, Run
from pages.components.shared.show import optional_table


def described(run: Run, about: Factors, factors: Sequence[int]) -> list[dict[str, Any]]:
    """Return the description of each of these factors, as `describe.descriptions` gives it."""
    if not isinstance(run, FinishedRun):
        return descriptions(run.record, _tables(run), about.given, factors)
    changed = (run.folder / "run.json").stat().st_mtime_ns
    return _described(str(run.folder), changed, about.given, factors, run)


@st.cache_data(show_spinner=False, max_entries=64)
def _described(
    folder: str, changed: int, given: Mapping[int, str], factors: Sequence[int], _run: FinishedRun
) -> list[dict[str, Any]]:
    return descriptions(_run.record, _tables(_run), given, factors)


def _tables(run: Run) -> dict[str, pd.DataFrame]:
    """Return the tables that describe factors; an older run lacks some."""
    read = {name: optional_table(run, name) for name in ("factors", "words", "associations")}
    return {name: table for name, table in read.items() if table is not None and len(table)}
