"""Naming a run's factors: by their suggested names, by hand, or from another run."""

import pandas as pd
import streamlit as st

from core import jobs
from core.errors import FactorscopeError
from core.formatting import counted
from core.results.factor_names import (
    LONGEST,
    MATCHES,
    carried_over,
    comparison,
    legible_names,
    matches,
    name_factor,
    tidy,
    write_names,
)
from core.results.tables import factors as profiles
from core.store import Store
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, finished_runs, label_of
from pages.components.shared.show import read_table
from pages.components.shared.text import errors


def naming(run: FinishedRun, about: Factors, factor: int) -> None:
    """Draw the button that accepts a factor's suggested name, and the one that opens the field for its name."""
    suggestion = about.suggestion(factor)
    if suggestion and st.button(
        "Accept", icon=":material/check:", help="Make the suggested name the factor's name"
    ):
        _name(run, factor, suggestion)
    name = about.given.get(factor, tidy(suggestion))
    with (
        st.popover("Edit" if name else "Name this factor", icon=":material/edit:"),
        st.form(f"name {run.run_id} {factor}", border=False),
    ):
        written = st.text_input("Name", name, LONGEST)
        st.caption(
            "Shown wherever the factor appears. An empty name removes it"
            + (", and the suggested name returns." if about.suggested else ".")
        )
        if st.form_submit_button("Save the name", type="primary"):
            _name(run, factor, written)


def _name(run: FinishedRun, factor: int, name: str) -> None:
    with errors():
        name_factor(run.folder, factor, name)
    st.rerun()


def names_from_another_run(
    run: FinishedRun, about: Factors, films: pd.DataFrame, least_ratings: int, store: Store
) -> None:
    """Draw the choice of another run with names, the names that fit here, and the button that copies them.

    `films` are this run's films with at least `least_ratings` ratings, by which factors are compared.
    """
    finished = finished_runs(store)
    names_of = {run_id: legible_names(jobs.run_folder(run_id, store)) for run_id in finished}
    others = [run_id for run_id, names in names_of.items() if names and run_id != run.run_id]
    if not others:
        st.write(
            "No other run has named factors. Open a factor to accept its suggested name, or to write your own."
        )
        return
    source = st.selectbox("Run with names", others, format_func=lambda run_id: label_of(finished[run_id]))
    theirs, films_at = names_of[source], jobs.run_folder(source, store) / "factors.parquet"
    try:
        their_films = profiles.rated(read_table(films_at), least_ratings)
    except (FactorscopeError, OSError):
        st.info("The factors of that run cannot be read. Pick another one.")
        return
    moves = carried_over(theirs, their_films, films)
    data_table(
        # Names that fit no factor here are shown with the most similar one.
        comparison(theirs, matches(their_films, films), moves),
        hide_index=True,
        column_config={"correlation": st.column_config.NumberColumn(format="%+.2f")},
    )
    st.caption(
        f"A name is copied only to a factor whose weights correlate by at least {MATCHES:.2f}. "
        "It replaces that factor's name."
    )
    if st.button(f"Copy {counted(len(moves), 'name')}", type="primary", disabled=not moves):
        with errors():
            write_names(run.folder, {**about.given, **{new: theirs[old] for old, (new, _) in moves.items()}})
        st.rerun()
