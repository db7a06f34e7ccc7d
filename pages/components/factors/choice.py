"""Which factor the page shows, and the films that count: buttons, keys, and the ways from one factor to another."""

import pandas as pd
import streamlit as st

from core.results.tables import factors as profiles
from pages.components.shared.browser.address import forget, keep
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, choose

DOWNLOADS = "Names and downloads"
"""Tab that has the words as files."""
VIEWS = ("Factor", "All factors", "Film", "Map", "Model", DOWNLOADS)
"""The tabs of the page Factors."""
PREVIOUS, NEXT = "P", "N"
"""Keys that lead to the factor before and after."""
AXES = ("across", "up")
"""Names in the address of the map's axes."""
PICKER = "factor picker"


def choose_factor(about: Factors, factor: int) -> None:
    """Draw the choice of the factor."""
    st.session_state[PICKER] = factor
    st.selectbox(
        "Factor",
        range(about.count),
        format_func=about.choice,
        key=PICKER,
        on_change=lambda: turn_to(st.session_state[PICKER]),
    )


def previous_and_next(about: Factors, factor: int) -> None:
    """Draw the buttons of the factors before and after, which keys press too."""
    st.button(
        "Previous",
        key="previous factor",
        icon=":material/arrow_back:",
        shortcut=PREVIOUS,
        disabled=factor == 0,
        on_click=turn_to,
        args=(factor - 1,),
    )
    st.button(
        "Next",
        key="next factor",
        icon=":material/arrow_forward:",
        icon_position="right",
        shortcut=NEXT,
        disabled=factor == about.count - 1,
        on_click=turn_to,
        args=(factor + 1,),
    )


def least_ratings(run: FinishedRun, about: Factors, films: pd.DataFrame) -> int:
    """Draw the choice of the least number of ratings of a film that counts, and return it."""
    without = run.record.factor_model.films_without_weights
    with st.popover("Films", icon=":material/filter_list:"):
        least: int = st.number_input(
            "Least number of ratings",
            0,
            10**6,
            about.least_ratings,
            key="least",
            bind="query-params",
            help="The weights of films with few ratings are guesses. "
            f"This run required at least {about.least_ratings}.",
        )
        st.caption(
            f"{len(profiles.rated(films, least)):,} of {len(films):,} films have enough ratings and are shown. "
            + (f"{without:,} more films have no training ratings. " if without else "")
            + about.scale
        )
    return least


def turn_to(factor: int) -> None:
    """Select a factor from the next rerun on; the map opens on it anew."""
    keep("factor", factor)
    for axis in AXES:
        forget(axis)


def open_factor(factor: int, run_id: str | None = None) -> None:
    """Select a factor and show it in full; with `run_id`, one of another run."""
    if run_id is not None:
        choose(run_id)
        # The other run may not know the film.
        st.query_params.pop("film", None)
    turn_to(factor)
    st.session_state["view"] = VIEWS[0]


def open_film(film_id: str) -> None:
    """Select a film and show it in full."""
    keep("film", film_id)
    st.session_state["view"] = "Film"
