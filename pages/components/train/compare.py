"""The comparison of finished runs: a table of all, the scores and factors of those that are ticked."""

import itertools
import string
from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from core import figures, jobs
from core.formatting import counted
from core.results.comparison import Result
from core.results.tables.runs import COLUMNS, caveats_of_all, lrap_table, run_table
from core.store import Store
from pages.components.shared.data_table import data_table
from pages.components.shared.presets import CARDS
from pages.components.shared.runs import began, finished_runs, name_of
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain
from pages.components.train.matched_factors import matched
from pages.components.train.results import results_of
from pages.components.train.side_by_side import side_by_side

TICKED = "compare"
"""Parameter of the address with the ids of the ticked runs."""
AT_FIRST = 4
"""Most runs that are ticked before anybody ticks some, the newest."""
MOST_PINNED = 40
"""Most characters of a name that stays in view while the table moves sideways on a telephone."""
HELP = {
    "rmse": "Error of predicted ratings that were kept out. Less is better.",
    "rmse_means": "The same error by the means of films and users alone.",
    "lrap": "How high a review's true factors rank. 1 is perfect.",
    "lrap_baseline": "The LRAP of ranking factors by how common they are, without reading.",
    "solid": "Other people's ratings lead to it, and reviews reveal it.",
    "chance": "Other people's ratings lead to something else.",
    "verdict_users": "Verdicts rest on their ratings. With large data, only some users are drawn, at random.",
    "with_words": "Factors with words that luck does not explain.",
}


def compare_runs(store: Store) -> None:
    """Draw the table of all finished runs, and the comparison of those that are ticked."""
    runs = finished_runs(store)
    results = {run_id: result for run_id in runs if (result := results_of(run_id, store)) is not None}
    if lost := len(runs) - len(results):
        st.warning(
            f"{counted(lost, 'run')} cannot be read, so {'it is' if lost == 1 else 'they are'} left out."
        )
    if len(results) < 2:
        st.info("A comparison needs two finished runs. New runs start under “New run”.")
        return
    ticked = _ticked(runs, results)
    if len(ticked) < 2:
        st.info("Tick two runs or more in the table.")
        return
    named = {title: results[run_id] for run_id, title in ticked.items()}
    for sentence in caveats_of_all(list(named.values())):
        st.warning(sentence, icon=":material/compare_arrows:")
    table = lrap_table(named)
    show_chart(
        figures.lrap_of_runs(table),
        "LRAP of the runs",
        "Dots: the LRAP of each run with its 95% interval; bars: its baseline",
        table,
    )
    st.caption("A line wholly to the right of its bar: reading beats a guess by how common each factor is.")
    st.subheader("Factors that are alike", anchor=False)
    matched(ticked, store)
    details = st.expander(
        "Two runs side by side, with the settings that differ", key="side", on_change="rerun"
    )
    if details.open:
        with details:
            side_by_side({run_id: runs[run_id] for run_id in ticked}, results, store)


def _ticked(runs: Mapping[str, jobs.JobStatus], results: Mapping[str, Result]) -> dict[str, str]:
    """Draw the table of all runs; return the ids of the ticked ones, newest first, each with letter and name."""
    ids = list(results)
    wanted = _in_address(ids)
    letters = dict(zip(wanted, _letters(), strict=False))
    table = run_table(results)
    names = {run_id: name_of(runs[run_id]) for run_id in ids}
    lettered = {run_id: f"{letter}: {names[run_id]}" for run_id, letter in letters.items()}
    table["run"] = list((names | lettered).values())
    table.insert(1, "started", [began(runs[run_id]) for run_id in ids])
    table["preset"] = [CARDS[name].title for name in table.preset]
    # The widget holds rows, so other runs or a change from elsewhere, as by Back, need a new one.
    shown = st.session_state.setdefault(f"shown {TICKED}", {"runs": [], "ticked": [], "turn": 0})
    if shown["runs"] != ids or shown["ticked"] != wanted:
        shown |= {"runs": ids, "ticked": wanted, "turn": shown["turn"] + 1}
    key = f"runs to compare {shown['turn']}"

    def write() -> None:
        ticked = [ids[row] for row in sorted(st.session_state[key]["selection"]["rows"])]
        shown["ticked"] = ticked
        st.query_params[TICKED] = st.session_state[TICKED] = ".".join(ticked)

    st.caption("Tick the runs to compare. A click on a heading sorts by it.")
    data_table(
        table,
        key=key,
        hide_index=True,
        on_select=write,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run_id) for run_id in wanted]}},
        # Streamlit cuts a name that is wider than its column, so that is as wide as the longest.
        column_config=_columns()
        | {"run": st.column_config.TextColumn(pinned=max(map(len, table.run)) <= MOST_PINNED)},
        placeholder="not measured",
        alt="Figures of all finished runs",
    )
    return lettered


def _letters() -> Iterator[str]:
    """Return A to Z, then AA to ZZ and so on."""
    for length in itertools.count(1):
        yield from map("".join, itertools.product(string.ascii_uppercase, repeat=length))


def _in_address(ids: list[str]) -> list[str]:
    """Return the ticked runs: those in the address, else those of before, else the newest."""
    written = st.query_params.get(TICKED)
    if written is None:
        written = st.session_state.get(TICKED)
    known = [run_id for run_id in ids if run_id in (written or "").split(".")]
    if written is None or (written and not known):
        if written:
            st.warning(plain(f"No run in the link is here: “{written[:40]}”. The newest are compared."))
        known = ids[:AT_FIRST]
    st.query_params[TICKED] = st.session_state[TICKED] = ".".join(known)
    return known


def _columns() -> dict[str, Any]:
    forms = {"rmse": "%.3f", "rmse_means": "%.3f", "lrap": "%.3f", "lrap_baseline": "%.3f", "seconds": "%.0f"}
    return {
        name: st.column_config.NumberColumn(title, format=forms.get(name, "localized"), help=HELP.get(name))
        for name, title in COLUMNS.items()
        if name not in ("run", "preset")
    }
