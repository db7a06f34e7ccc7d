"""Two finished runs side by side: results, each score with its baseline, and the settings that differ."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from core import jobs
from core.paths import given_name
from core.results import comparison
from core.results.comparison import Result
from core.results.run_record import read_record
from core.settings.changes import differences
from core.store import Store
from pages.components.shared.browser.address import picked, picker
from pages.components.shared.runs import label_of
from pages.components.shared.text import errors, plain


def side_by_side(runs: Mapping[str, jobs.JobStatus], results: Mapping[str, Result], store: Store) -> None:
    """Draw the choice of two of the runs, and their results and settings."""
    ids = list(runs)
    sides = []
    for column, name, label, default in zip(
        st.columns(2), ("first", "second"), ("First run", "Second run"), ids[1::-1], strict=True
    ):
        with column:
            run_id = picked(name, ids, default, "one of the ticked runs")
            picker(label, name, ids, run_id, format_func=lambda run_id: label_of(runs[run_id]))
            sides.append(run_id)
    if sides[0] == sides[1]:
        st.info("This is one run twice. Pick another one on either side.")
    names = {
        side: plain(label_of(runs[run_id])) for side, run_id in zip(("first", "second"), sides, strict=True)
    }
    st.markdown("**Results**")
    table = comparison.side_by_side(*(results[run_id] for run_id in sides))
    st.table(_shown(table, names), hide_index=True)
    st.markdown("**Settings that differ**")
    with errors():
        one, two = (read_record(jobs.run_folder(run_id, store)).settings for run_id in sides)
    settings = differences(one, two)
    if settings.empty:
        st.write("All settings are the same.")
        return
    # An upload is shown by its original name.
    uploads = str(store.root / "uploads")
    named = settings.map(lambda value: given_name(Path(value)) if value.startswith(uploads) else value)
    st.table(_shown(named, names), hide_index=True)


def _shown(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return a table of text escaped for Markdown, with the runs' names as headings."""
    # The side distinguishes two runs of the same name.
    heads = {side: f"{side.capitalize()}: {name}" for side, name in names.items()}
    return table.map(plain).rename(columns=heads)
