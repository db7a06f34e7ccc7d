"""Two finished runs side by side: results, each score with its baseline, and the settings that differ."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core import jobs
from core.paths import given_name
from core.results.comparison import caveats, side_by_side
from core.results.run_record import read_record
from core.settings.changes import differences
from core.store import Store
from pages.components.shared.address import picked, picker
from pages.components.shared.runs import finished_runs, label_of
from pages.components.shared.text import errors, plain
from pages.components.train.results import results_of


def compare_runs(store: Store) -> None:
    """Draw the choice of two runs, and their comparison."""
    runs = finished_runs(store)
    if len(runs) < 2:
        st.info("To compare, two runs have to be done. Start another one under “New run”.")
        return
    ids = list(runs)
    sides = []
    for column, name, label, default in zip(
        st.columns(2), ("first", "second"), ("First run", "Second run"), ids[1::-1], strict=True
    ):
        with column:
            run_id = picked(name, ids, default, "a finished run of this cache folder")
            picker(label, name, ids, run_id, format_func=lambda run_id: label_of(runs[run_id]))
            sides.append(run_id)
    results = []
    for run_id in sides:
        result = results_of(run_id, store)
        if result is None:
            st.error(plain(f"The results of {label_of(runs[run_id])} cannot be read; pick another run."))
            st.stop()
        results.append(result)
    if sides[0] == sides[1]:
        st.info("This is one run twice; pick another one on either side.")
    first, second = results
    for sentence in caveats(first, second):
        st.warning(sentence, icon=":material/compare_arrows:")

    names = {"first": plain(label_of(runs[sides[0]])), "second": plain(label_of(runs[sides[1]]))}
    st.subheader("Results", anchor=False)
    st.table(_shown(side_by_side(first, second), names), hide_index=True)
    st.subheader("Settings that differ", anchor=False)
    with errors():
        one, two = (read_record(jobs.run_folder(run_id, store)).settings for run_id in sides)
    settings = differences(one, two)
    if settings.empty:
        st.write("All settings are the same.")
    else:
        # An upload is shown by its original name.
        uploads = str(store.root / "uploads")
        named = settings.map(lambda value: given_name(Path(value)) if value.startswith(uploads) else value)
        st.table(_shown(named, names), hide_index=True)


def _shown(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return a table of text escaped for Markdown, with the runs' names as headings."""
    # The side distinguishes two runs of the same name.
    heads = {side: f"{side.capitalize()}: {name}" for side, name in names.items()}
    return table.map(plain).rename(columns=heads)
