"""Correcting the IMDb title of a film that was matched wrongly or not at all."""

import re

import pandas as pd
import streamlit as st

from core.data.ratings.checks import IMDB_ID
from core.data.reviews.matching.corrections import as_imdb_id, correct, corrections, forget
from core.data.reviews.matching.imdb_ids import candidates, names_of_ids, titles_index_name
from core.progress import silent
from core.store import Store
from pages.components.shared.film_search import offered_films
from pages.components.shared.text import errors, plain

NOTICE = "what was said of a film"
"""Session key of the message to show when the page is next drawn."""
GOES_BY_IT = (
    "Later runs use your correction, with the Large Movie Review Dataset, IMDb, TMDB and your own file."
)
ON_IMDB = "https://www.imdb.com/title/"


def right_film(store: Store, coverage: pd.DataFrame) -> None:
    """Draw the choice of a film, the IMDb title that it was matched with, and the ways to correct that.

    `coverage` is the run's table of coverage.
    """
    if notice := st.session_state.pop(NOTICE, None):
        st.success(plain(notice), icon=":material/check:")
    picked_before = [film for film in [st.session_state.get("film to correct")] if film is not None]
    titles = offered_films(coverage, "film to correct", picked_before)
    film = st.selectbox(
        "Film (type to search)",
        list(titles),
        format_func=titles.__getitem__,
        key="film to correct",
        index=None,
    )
    if film is None:
        st.caption(f"Choose a film here if its reviews belong to another film. {GOES_BY_IT}")
        return
    row = coverage[coverage.film_id == film].iloc[0]
    title, year = row.title, None if pd.isna(row.year) else int(row.year)
    if pd.isna(row.imdb_id) or not row.imdb_id:
        st.write(plain(f"This run knows no IMDb id of this film{f': {row.reason}' if row.reason else ''}."))
    else:
        name = imdb_names(pd.Series([row.imdb_id]), store).get(row.imdb_id)
        st.markdown(plain(f"Matched with {f'{name}, ' if name else ''}{row.imdb_id}, by {row.how}."))
        if re.fullmatch(IMDB_ID, row.imdb_id):
            st.link_button(
                "This film on IMDb",
                f"{ON_IMDB}{row.imdb_id}/",
                icon=":material/open_in_new:",
                type="tertiary",
            )
    with errors():
        corrected = corrections(store)
    correction = corrected[(corrected.title == title) & (corrected.year.fillna(0) == (year or 0))]
    offered = {}
    # Only if IMDb's titles were read before: reading them here would block all users.
    if index_name := titles_index_name(store):
        with errors():
            titles_of_name = _candidates(title, index_name, store)
        offered = {
            other.imdb_id: f"{other.title} ({other.year}), {other.kind}, {other.imdb_id}"
            for other in titles_of_name.itertuples()
        }
    picked = None
    if offered:
        picked = st.selectbox(
            "IMDb titles of this name",
            list(offered),
            format_func=offered.__getitem__,
            key=f"title of {film}",
            index=None,
        )
    written = st.text_input(
        "IMDb id or address", key=f"id of {film}", placeholder="tt0114814", max_chars=200
    ).strip()
    chosen = written or picked or ""
    with st.container(horizontal=True):
        if st.button("Use this title", type="primary", disabled=not chosen):
            with errors():
                correct(store, title, year, chosen)
            _notify(f"Kept: {title} is {_described(as_imdb_id(chosen), film, coverage, store)} {GOES_BY_IT}")
        if st.button("No title fits"):
            with errors():
                correct(store, title, year, None)
            _notify(f"Kept: {title} has no title on IMDb. {GOES_BY_IT}")
        if len(correction) and st.button("Undo my correction"):
            with errors():
                forget(store, title, year)
            _notify(f"Your correction of {title} was undone.")
    if len(correction):
        imdb_id = correction.imdb_id.iloc[0]
        st.caption(f"Your correction: {'no title on IMDb' if pd.isna(imdb_id) else imdb_id}.")


def imdb_names(imdb_ids: pd.Series, store: Store) -> dict[str, str]:
    """Return the IMDb titles of these ids, as far as they were read before. Cached."""
    return _names(imdb_ids, titles_index_name(store), store)


def _described(imdb_id: str, film: str, coverage: pd.DataFrame, store: Store) -> str:
    """Return an IMDb id with its title, if known, and the other films of the run matched with it."""
    name = imdb_names(pd.Series([imdb_id]), store).get(imdb_id)
    text = f"{imdb_id}, {name}." if name else f"{imdb_id}."
    if name is None and titles_index_name(store):
        text += " The list of IMDb titles on this computer lacks this id."
    others = coverage[(coverage.imdb_id == imdb_id) & (coverage.film_id != film)]
    for other in others.title:
        text += f" {other} had this id in this run, and no longer has it."
    return text


@st.cache_data(show_spinner=False, max_entries=64)
def _names(imdb_ids: pd.Series, index_name: str | None, _store: Store) -> dict[str, str]:
    return names_of_ids(imdb_ids, _store)


@st.cache_data(show_spinner=False, max_entries=64)
def _candidates(title: str, index_name: str, _store: Store) -> pd.DataFrame:
    return candidates(title, _store, silent)


def _notify(sentence: str) -> None:
    st.session_state[NOTICE] = sentence
    st.rerun()
