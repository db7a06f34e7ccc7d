"""All factors as rows: a small histogram, the name, the verdict, and what both ends are about."""

from typing import Any

import pandas as pd
import streamlit as st

from core import figures
from core.formatting import counted
from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING, SUGGESTED
from core.results.run_record import Unmeasured
from core.results.tables import factors as profiles
from pages.components.factors.choice import open_factor
from pages.components.shared.data_table import data_table
from pages.components.shared.described import described
from pages.components.shared.factors import (
    Factors,
    as_badges,
    swatches,
    verdict_badge,
    verdict_columns,
)
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table
from pages.components.shared.text import film_title, plain

FILMS = 3
"""Films of each end in a row."""
TABLE = "all factors"
MANY_FACTORS = 12
"""With more factors than this, the table gets a scroll bar of its own."""
MEASURED = {
    "strength": "how far the factor moves predicted ratings: standard deviation over users and films",
    "stability": "correlation of the films' weights between halves of the users",
    "chance_stability": "baseline: with tastes shuffled, 95% of such correlations stay below",
    "average_precision": "how well reviews of unseen films reveal the factor",
    "chance_precision": "baseline: guessing",
    "certain_words": "words that exceed the bound of luck",
    "confirmed": "share of its strongest words that keep their end on other films; baseline: 50% by chance",
}
"""Column of the table -> its help."""


def all_factors(run: FinishedRun, about: Factors, factor: int, rated: pd.DataFrame) -> None:
    """Draw a row a factor, the best verdicts first and those of chance folded, and the table of measurements."""
    order = profiles.listed(about.verdict_words, about.strengths)
    holding = [k for k in order if about.verdict_words[k] != "chance"]
    chance = [k for k in order if about.verdict_words[k] == "chance"]
    among = "" if isinstance(about.stability, Unmeasured) else about.stability.among
    st.caption(
        "A factor is a number that the recommender learned for every film. The histogram shows how the films spread, "
        "high end left. Solid factors come first, then the strongest."
        + (f" Verdicts rest on {among}." if among else "")
    )
    if st.toggle("As a sortable table of measurements", key="factors_as_table", bind="query-params"):
        _table(run, about, factor, rated)
        return
    if chance and not holding:
        st.info("No factor of this run holds up. All may be chance.", icon=":material/blur_on:")
    _rows(run, about, holding, rated)
    if chance:
        with st.expander(
            f"{counted(len(chance), 'factor')} that may be chance",
            icon=":material/blur_on:",
            expanded=not holding,
            key="chance factors",
            on_change="rerun",
        ) as folded:
            if folded.open:
                _rows(run, about, chance, rated)


def _rows(run: FinishedRun, about: Factors, factors: list[int], rated: pd.DataFrame) -> None:
    associations = optional_table(run, "associations")
    for row in described(run, about, factors):
        with st.container(border=True, key=f"row of factor {row['factor']}"):
            _row(about, row, associations, rated)


def _row(about: Factors, row: dict[str, Any], associations: pd.DataFrame | None, rated: pd.DataFrame) -> None:
    factor = row["factor"]
    first, *ends = st.columns([4, 5, 5], gap="medium")
    with first:
        name = about.names.get(factor, "")
        title = plain(about.heading(factor))
        st.markdown(f"Factor {factor} · :gray[{NO_MEANING}]" if name == NO_MEANING else f"**{title}**")
        st.html(figures.small_histogram(rated[f"weight_{factor}"].to_numpy(), factor))
        with st.container(horizontal=True, vertical_alignment="center"):
            verdict_badge(about, factor)
            st.button(
                "Open",
                key=f"open factor {factor}",
                icon=":material/open_in_full:",
                on_click=open_factor,
                args=(factor,),
                help=f"Factor {factor} in full",
            )
    for column, end, title in zip(ends, ("high", "low"), ("High", "Low"), strict=True):
        says = profiles.in_plain_words(row[end], profiles.era(associations, factor, end), row["has_words"])
        films = " · ".join(film_title(film) for film in row[end]["films"][:FILMS])
        column.markdown(f"**{title}:** {plain(says)}  \n:small[{films}]")


def _table(run: FinishedRun, about: Factors, factor: int, rated: pd.DataFrame) -> None:
    glance = overview(run, about, rated)
    histograms = [
        profiles.distribution(rated, k, profiles.SMALL_BINS).films.tolist()[::-1] for k in range(about.count)
    ]
    st.session_state[TABLE] = {"selection": {"rows": [factor], "columns": [], "cells": []}}
    data_table(
        as_badges(glance.assign(colour=swatches(glance.factor), films=histograms)),
        hide_index=True,
        height=440 if about.count > MANY_FACTORS else "content",
        key=TABLE,
        on_select=_look_at_row,
        selection_mode=["single-row", "single-cell"],
        column_order=[
            "colour",
            "factor",
            "films",
            *(["name"] if about.names else []),
            "verdict",
            *(name for name in MEASURED if glance[name].notna().any()),
        ],
        column_config={
            "colour": st.column_config.ImageColumn("", width=36),
            "factor": st.column_config.NumberColumn(width=60),
            "films": st.column_config.BarChartColumn(
                width=120, y_min=0, help="how the films spread, high end left"
            ),
            "name": st.column_config.TextColumn(help=f"given by people; behind {SUGGESTED}: {HOW_SUGGESTED}"),
            **verdict_columns(),
            **{
                name: st.column_config.NumberColumn(
                    f"strength ({about.strength_unit})" if name == "strength" else name.replace("_", " "),
                    format="%d" if name == "certain_words" else "%.2f",
                    help=meant,
                )
                for name, meant in MEASURED.items()
            },
        },
    )
    st.caption("Click a row to open its factor. Click a heading to sort.")


def overview(run: FinishedRun, about: Factors, rated: pd.DataFrame) -> pd.DataFrame:
    """Return a row a factor: name, verdict, strength, extreme films, and what was measured of it."""
    glance = profiles.overview(rated, about.verdict_words, about.strengths, about.names)
    return glance.merge(profiles.measurements(run.record), on="factor")


def _look_at_row() -> None:
    """Open the factor whose row was clicked."""
    clicked = st.session_state[TABLE]["selection"]
    for row in [*(row for row, _ in clicked["cells"]), *clicked["rows"]][:1]:
        open_factor(row)
