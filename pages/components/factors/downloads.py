"""Downloads of a run's factors: weights, factors, words and names."""

import json
from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.results.tables import factors as profiles
from core.results.tables.spreadsheets import csv_for_spreadsheets
from pages.components.factors.all_factors import overview
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table, table

KINDS = {"CSV": "text/csv", "Parquet": "application/vnd.apache.parquet"}


def downloads(run: FinishedRun, about: Factors, rated: pd.DataFrame) -> None:
    """Draw the download buttons of all weights, the overview of factors over the films `rated`, words and names."""
    films = table(run, "factors")
    words = optional_table(run, "words")
    names = {str(factor): name for factor, name in about.given.items()}
    with st.container(horizontal=True):
        _tables(run, "weights", lambda: profiles.long_table(films, about.names))
        _button(
            run,
            "factors",
            "CSV",
            lambda: csv_for_spreadsheets(with_both_names(overview(run, about, rated), about)),
        )
        if words is not None and len(words):
            _tables(run, "words", lambda: profiles.with_names(words, about.names))
        st.download_button(
            "Names (JSON)",
            json.dumps(names, indent=2, ensure_ascii=False),
            "names.json",
            "application/json",
            on_click="ignore",
            disabled=not names,
        )
    st.caption(
        "Weights: one row per film and factor, with its interval if there is one. Factors: both names, the verdict "
        "and all measurements. Words: one row per word of either end. Names: the names that people gave."
    )


def _tables(run: FinishedRun, name: str, table: Callable[[], pd.DataFrame]) -> None:
    _button(run, name, "CSV", lambda: csv_for_spreadsheets(table()))
    _button(run, name, "Parquet", lambda: table().to_parquet(index=False))


def _button(run: FinishedRun, name: str, kind: str, content: Callable[[], str | bytes]) -> None:
    st.download_button(
        f"{name.capitalize()} ({kind})",
        content,
        f"{name}-{run.run_id}.{kind.lower()}",
        KINDS[kind],
        on_click="ignore",
    )


def with_both_names(glance: pd.DataFrame, about: Factors) -> pd.DataFrame:
    """Return the overview with the given names alone as `name`, and the suggested ones beside them."""
    table = glance.assign(name=[about.given.get(factor, "") for factor in glance.factor])
    if about.suggested:
        table.insert(table.columns.get_loc("name") + 1, "suggested", about.suggested)
    return table
