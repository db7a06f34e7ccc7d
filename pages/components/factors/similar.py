"""The factors that are most like one: of the same run, and of other finished runs."""

import pandas as pd
import streamlit as st

from core.errors import FactorscopeError
from core.results.factor_names import MATCHES, legible_names, shown_name
from core.results.tables import factors as profiles
from core.store import Store
from pages.components.factors.choice import open_factor
from pages.components.shared.factors import Factors, swatch, verdict_badge
from pages.components.shared.runs import FinishedRun, finished_runs, label_of, open_run
from pages.components.shared.show import read_table
from pages.components.shared.text import plain

LITTLE = 0.3
"""Correlation below which two factors are called unlike."""
MOST_RUNS = 6
"""Other runs that are looked through, the newest first."""


def similar_factors(run: FinishedRun, about: Factors, factor: int, rated: pd.DataFrame, store: Store) -> None:
    """Draw the factors whose weights correlate most with one's, over the films of `rated`; a click opens one."""
    st.subheader("Similar factors", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption("In this run")
        related = profiles.alike(rated, factor)
        if about.count == 1:
            st.caption("This run has only one factor.")
        elif related.correlation.abs().max() < LITTLE:
            st.caption("No factor is very similar. The closest are:")
        for row in related.itertuples():
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                swatch(row.factor)
                st.button(
                    plain(f"{about.title(row.factor)} ({row.correlation:+z.2f})"),
                    key=f"alike {row.factor}",
                    on_click=open_factor,
                    args=(row.factor,),
                    help="Open this factor",
                    wrap=True,
                )
                verdict_badge(about, row.factor)
    with right:
        st.caption("In other finished runs")
        others = [run_id for run_id in finished_runs(store) if run_id != run.run_id][:MOST_RUNS]
        drawn = [_in_run(run_id, factor, rated, store) for run_id in others]
        if not any(drawn):
            st.caption(
                "No other run has enough films in common with this one."
                if others
                else "There is no other finished run."
            )
    st.caption(
        "Number: correlation of the films' weights, over the films in common. 1: the same order of films. "
        f"−1: the reverse order. Names can be copied from {MATCHES:.2f} on."
    )


def _in_run(run_id: str, factor: int, rated: pd.DataFrame, store: Store) -> bool:
    """Draw the most similar factor of another run; return False if there is none."""
    try:
        other = open_run(run_id, store)
        match = profiles.alike_elsewhere(rated, factor, read_table(other.folder / "factors.parquet"))
    except (FactorscopeError, OSError):
        # A run that cannot be read has no similar factor.
        return False
    if match is None:
        return False
    there, correlation, common = match
    suggested = dict(enumerate(other.record.suggested_names))
    name = shown_name(legible_names(other.folder).get(there), suggested.get(there))
    job = finished_runs(store)[run_id]
    st.button(
        plain(f"factor {there}{f' · {name}' if name else ''} ({correlation:+z.2f})"),
        key=f"alike {run_id}",
        on_click=open_factor,
        args=(there, run_id),
        help=plain(f"Open it in the run of {label_of(job)}. {common:,} films in common."),
        wrap=True,
    )
    st.caption(plain(f"{label_of(job)}; {common:,} films in common"))
    return True
