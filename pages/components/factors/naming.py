"""Naming a run's factors by hand or from another run, and downloads of names and weights."""

import json

import pandas as pd
import streamlit as st

from core.formatting import counted
from core.results import factor_tables as profiles
from core.results.factor_names import (
    LONGEST,
    MATCHES,
    carried_over,
    comparison,
    matches,
    name_factor,
    read_names,
    write_names,
)
from core.store import Store
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, finished_runs, label_of, open_run
from pages.components.shared.show import table
from pages.components.shared.text import errors


def name_field(run: FinishedRun, about: Factors, factor: int) -> None:
    """Draw a button that opens the field for a factor's name."""
    with (
        st.popover("Name this factor", icon=":material/edit:"),
        st.form(f"name {run.run_id} {factor}", border=False),
    ):
        name = st.text_input("Name", about.given.get(factor, ""), LONGEST)
        st.caption("Shown wherever the factor is. An empty name takes it away.")
        if st.form_submit_button("Save the name", type="primary"):
            with errors():
                name_factor(run.folder, factor, name)
            st.rerun()


def names_from_another_run(
    run: FinishedRun, about: Factors, films: pd.DataFrame, least_ratings: int, store: Store
) -> None:
    """Draw the choice of another run with names, the names that fit here, and the button that copies them.

    `films` are this run's films with at least `least_ratings` ratings, by which factors are compared.
    """
    with errors():
        others = {
            run_id: job
            for run_id, job in finished_runs(store).items()
            if run_id != run.run_id and read_names(open_run(run_id, store).folder)
        }
    if not others:
        st.write(
            "No other run has named factors. Open a factor and press “Name this factor” to name one here."
        )
        return
    source = st.selectbox("Run with names", list(others), format_func=lambda run_id: label_of(others[run_id]))
    with errors():
        other = open_run(source, store)
        theirs = read_names(other.folder)
    their_films = profiles.rated(table(other, "factors"), least_ratings)
    moves = carried_over(theirs, their_films, films)
    st.dataframe(
        # Names that fit no factor here are shown with the most similar one.
        comparison(theirs, matches(their_films, films), moves),
        hide_index=True,
        column_config={"correlation": st.column_config.NumberColumn(format="%+.2f")},
    )
    st.caption(
        f"A name moves only where the films' weights correlate by at least {MATCHES:.2f}. It replaces the name "
        "that such a factor has here."
    )
    if st.button(f"Take over {counted(len(moves), 'name')}", type="primary", disabled=not moves):
        with errors():
            write_names(run.folder, {**about.given, **{new: theirs[old] for old, (new, _) in moves.items()}})
        st.rerun()


def downloads(run: FinishedRun, about: Factors, films: pd.DataFrame, glance: pd.DataFrame) -> None:
    """Draw the download buttons of all weights, the overview of factors (`glance`) and the names."""
    files = (
        (
            "Weights (CSV)",
            lambda: profiles.long_table(films, about.names).to_csv(index=False),
            "weights",
            "csv",
        ),
        (
            "Weights (Parquet)",
            lambda: profiles.long_table(films, about.names).to_parquet(index=False),
            "weights",
            "parquet",
        ),
        ("Factors (CSV)", lambda: glance.to_csv(index=False), "factors", "csv"),
    )
    with st.container(horizontal=True):
        for label, content, name, ending in files:
            st.download_button(
                label,
                content,
                f"{name}-{run.run_id}.{ending}",
                "text/csv" if ending == "csv" else "application/vnd.apache.parquet",
                on_click="ignore",
            )
        st.download_button(
            "Names (JSON)",
            json.dumps(
                {str(factor): name for factor, name in about.given.items()}, indent=2, ensure_ascii=False
            ),
            "names.json",
            "application/json",
            on_click="ignore",
            disabled=not about.given,
        )
    st.caption(
        "Weights: a row a film and factor, with the factor's name and, where there is one, the interval."
    )
