"""The films of the grid: filtered by title, genre, reviews and agreement, sorted, and divided into pages."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.figures import PANELS
from core.results.tables.films import ORDERS, film_list, genres_of, wanted_films
from pages.components.predictions.shown import Shown
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table

AN_ORDER, A_GENRE = "an order of films", "a genre of this run's films"
EVERY = "all"
"""Stands for any genre."""


def list_films(run: FinishedRun, shown: Shown) -> pd.DataFrame:
    """Return the films shown with reviews, agreement and genres; see `film_list`."""
    return _listed(shown.key, shown, optional_table(run, "films"))


def pick_films(listed: pd.DataFrame, shown: Shown) -> pd.DataFrame:
    """Draw the filters and the order; return the matching films in that order."""
    genres = genres_of(listed)
    offered = {EVERY: "all genres" if genres else "not known for these films"}
    offered |= {genre: genre for genre in genres}
    # What is wrong in a link is told above the filters, which are folded.
    for name, options, expected in (("order", ORDERS, AN_ORDER), ("genre", offered, A_GENRE)):
        picked(name, list(options), next(iter(options)), expected)
    with st.expander("Find and sort films", icon=":material/search:", key="filters"):
        left, middle, right = st.columns(3)
        title = left.text_input(
            "Films whose title contains", key="title", bind="query-params", on_change=keep, args=("page", 1)
        )
        with middle:
            order = _choice("Order by", "order", ORDERS, AN_ORDER)
        with right:
            genre = _choice("Genre", "genre", offered, A_GENRE)
        left, right, _ = st.columns(3)
        reviews = left.number_input(
            "Fewest reviews of a film",
            0,
            None,
            0,
            key="least_reviews",
            bind="query-params",
            on_change=keep,
            args=("page", 1),
        )
        agreement = right.number_input(
            "Lowest agreement of a film (%)",
            0,
            100,
            0,
            step=10,
            key="least_agreement",
            bind="query-params",
            on_change=keep,
            args=("page", 1),
            help="The share of a film's top factors that are among its most predicted ones.",
        )
    if not shown.is_read:
        # There is no agreement yet.
        order, agreement = ("ranking" if "agreement" in order else order), 0
    films = wanted_films(listed, title, "" if genre == EVERY else genre, order, reviews, agreement / 100)
    if "agreement" in order or agreement:
        graded = listed.dropna(subset="agreement")
        many = "1 film" if len(graded) == 1 else f"{len(graded):,} films"
        st.caption(
            f"Agreement: the share of a film's top factors that are among its most predicted ones. Mean over {many}: "
            f"{graded.agreement.mean():.0%}. Baseline: {graded.baseline.mean():.0%}, if each film got the factors "
            "that are predicted most often overall."
        )
        return films
    return films.drop(columns="agreement")


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
def _listed(key: str, _shown: Shown, _films: pd.DataFrame | None) -> pd.DataFrame:
    return film_list(_shown.counts, _shown.tops, _films)


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
