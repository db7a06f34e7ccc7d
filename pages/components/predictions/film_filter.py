"""The films of the grid: filtered by title, genre, reviews and agreement, sorted, and divided into pages."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.figures import PANELS
from core.results.film_tables import ORDERS, film_list, genres_of, wanted_films
from pages.components.shared.address import keep, picked
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table, table

EVERY = "all"
"""Stands for any genre."""


def pick_films(run: FinishedRun) -> pd.DataFrame:
    """Draw the filters and the order; return the matching films in that order."""
    listed = _listed(str(run.folder), (run.folder / "frequencies.parquet").stat().st_mtime_ns, run)
    genres = genres_of(listed)
    left, middle, right = st.columns(3)
    title = left.text_input(
        "Films whose title contains", key="title", bind="query-params", on_change=keep, args=("page", 1)
    )
    with middle:
        order = _choice("Order by", "order", ORDERS, "an order of films")
    with right:
        offered = {EVERY: "all genres" if genres else "not known for these films"}
        offered |= {genre: genre for genre in genres}
        genre = _choice("Genre", "genre", offered, "a genre of this run's films")
    left, right, _ = st.columns(3)
    reviews = left.number_input(
        "At least so many reviews",
        0,
        None,
        0,
        key="least_reviews",
        bind="query-params",
        on_change=keep,
        args=("page", 1),
    )
    agreement = right.number_input(
        "At least so much agreement (%)",
        0,
        100,
        0,
        step=10,
        key="least_agreement",
        bind="query-params",
        on_change=keep,
        args=("page", 1),
        help="with the true factors: the share of a film's top factors that are among its most predicted ones",
    )
    films = wanted_films(listed, title, "" if genre == EVERY else genre, order, reviews, agreement / 100)
    if "agreement" in order or agreement:
        graded = listed.dropna(subset="agreement")
        many = "1 film" if len(graded) == 1 else f"{len(graded):,} films"
        st.caption(
            "Agreement: the share of a film's top factors that are among as many of its most predicted ones, where "
            f"equal counts share the places. Mean over {many}: {graded.agreement.mean():.0%}. Baseline, the factors "
            f"predicted most often over all films named for each: {graded.baseline.mean():.0%}."
        )
    else:
        films = films.drop(columns="agreement")
    return films


def films_of_page(films: pd.DataFrame) -> pd.DataFrame:
    """Draw the pager; return the films of the current page."""
    pages = range(1, -(-len(films) // PANELS) + 1)
    page: int = picked("page", pages, 1, "a page of these films")
    if len(pages) > 1:
        # Each list has its own pager, which begins at the page in the address.
        key = f"page picker of {len(films)}"
        if st.session_state.get(key, page) != page:
            st.session_state[key] = page
        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(
                len(pages), default=page, key=key, on_change=lambda: keep("page", st.session_state[key])
            )
            first, last = PANELS * (page - 1) + 1, min(PANELS * page, len(films))
            st.caption(f"Films {first:,} to {last:,} of {len(films):,}", width="content")
    return films[PANELS * (page - 1) : PANELS * page]


@st.cache_data(show_spinner=False, max_entries=8)
def _listed(folder: str, changed: int, _run: FinishedRun) -> pd.DataFrame:
    return film_list(table(_run, "frequencies"), table(_run, "top_factors"), optional_table(_run, "films"))


def _choice(label: str, name: str, offered: Mapping[str, str], expected: str) -> str:
    """Draw a choice that is kept in the address; a change leads back to the first page. Return the choice.

    `expected` is as in `picked`.
    """
    value: str = picked(name, list(offered), next(iter(offered)), expected)
    widget = f"{name} picker"
    st.session_state[widget] = value

    def choose() -> None:
        keep(name, st.session_state[widget])
        keep("page", 1)

    st.selectbox(
        label,
        list(offered),
        format_func=offered.__getitem__,
        key=widget,
        on_change=choose,
        disabled=len(offered) < 2,
    )
    return value
