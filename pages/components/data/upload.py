"""An upload: its first rows, the roles of its columns, and what it contains for the films of a run."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.classification.labels import FEWEST_FILMS
from core.data.layouts.aliases import ALIASES, named_roles
from core.data.reviews.sources.user_file.rows import FILM
from core.data.reviews.sources.user_file.source import Check
from core.data.tables import GUESSED
from core.errors import BadInput
from core.figures.style import shortened
from core.formatting import counted
from core.store import Store
from core.uploads.inspection import GivenFile, inspect
from pages.components.shared.text import plain, sentence

TITLE = 60
"""Most characters of a title in a sentence."""
NEEDED = {"ratings": ("user", "film", "rating"), "reviews": ("review",)}
TITLES = {
    "user": "User",
    "film": "Film",
    "rating": "Rating",
    "title": "Film’s title",
    "year": "Film’s year",
    "time": "Time",
    "genres": "Film’s genres",
    "review": "Review",
    "film_id": "Film’s id",
    "imdb_id": "IMDb id",
    "stars": "Stars, 1 to 10",
}


def columns_of_upload(holds: str, upload: Any, store: Store) -> dict[str, str]:
    """Draw the first rows of an upload and the choice of its columns; return the columns, ours -> the file's.

    Raise BadInput if it cannot be read or a column is missing.
    """
    first = _first_rows(upload.file_id, upload, store)
    columns, layout = first["columns"], first["said"]
    rows = pd.DataFrame(first["rows"], columns=columns)
    st.caption(plain(f"{upload.name}: {layout}. {counted(len(columns), 'column')}; its first rows:"))
    if GUESSED in layout:
        st.caption("If letters look wrong, save the file in UTF-8 and upload it again.")
    st.dataframe(rows, hide_index=True, height="content", key=f"first rows of {upload.file_id}")
    matched = named_roles(columns, holds)
    chosen: dict[str, str] = {}
    with st.container(horizontal=True):
        for name in sorted(ALIASES[holds], key=lambda name: name not in NEEDED[holds]):
            column = st.selectbox(
                TITLES[name] + ("" if name in NEEDED[holds] else " (if there is one)"),
                columns,
                index=columns.index(matched[name]) if name in matched else None,
                placeholder="no column",
                key=f"{name} in {upload.file_id}",
                width=220,
            )
            if column is not None:
                chosen[name] = column
    for name in NEEDED[holds]:
        if name not in chosen:
            raise BadInput(f"{upload.name} needs a column for “{TITLES[name]}”; choose which one it is")
    if holds == "reviews" and not set(FILM) & set(chosen):
        raise BadInput(
            f"{upload.name} needs a column for the film: its id, its IMDb id or its title; choose one"
        )
    return chosen


def check_ratings(upload: Any, columns: Mapping[str, str], store: Store) -> None:
    """Draw what an upload of ratings contains. Raise BadInput if it cannot be used."""
    counts = _check_ratings(upload.file_id, dict(columns), upload, store)
    st.success(
        f"{counted(counts['ratings'], 'rating')} of {counted(counts['films'], 'film')} by "
        f"{counted(counts['users'], 'user')}.",
        icon=":material/check:",
    )


def check_reviews(
    upload: Any, columns: Mapping[str, str], films: pd.DataFrame | None, wanted: Collection[Any], store: Store
) -> None:
    """Draw what an upload of reviews contains for these films, and for the `wanted` ones among them, if any.

    Raise BadInput if it cannot be used.
    """
    if films is None:
        counts = _check_rows(upload.file_id, dict(columns), upload, store)
        st.success(
            f"{counted(counts['rows'], 'row')}, {counts['blank']:,} of them blank, of "
            f"{counted(counts['films'], 'film')}. The run will find out which of these films are rated.",
            icon=":material/check:",
        )
        _warn(counts["doubt"])
        return
    check = _check_reviews(upload.file_id, dict(columns), films, upload, store)
    titles = "; ".join(shortened(example, TITLE) for example in check.examples)
    others = f", such as {titles}" if titles else ""
    left = f"{check.blank:,} blank, {check.unknown:,} of films that are not rated in this run{others}"
    if check.reviews:
        of_wanted = drawn = ""
        if wanted:
            of_wanted = (
                f" Of the {len(wanted):,} films chosen, {len(set(wanted) & set(check.films)):,} have some."
            )
        if check.read < check.reviews:
            drawn = f" A run reads {check.read:,} of them, drawn evenly over the films."
        st.success(
            plain(
                f"{counted(check.rows, 'row')}: {counted(check.reviews, 'review')} of {len(check.films):,} of the "
                f"{counted(len(films), 'rated film')}.{of_wanted}{drawn} Left out: {left}."
            ),
            icon=":material/check:",
        )
        _warn(check.doubt)
        if len(check.films) < FEWEST_FILMS:
            st.warning(
                f"A run needs reviews of at least {FEWEST_FILMS} films. Add films, or read another source too.",
                icon=":material/warning:",
            )
    elif check.by_imdb_id and (films.imdb_id == "").any():
        st.info("The run will find out which films its IMDb ids mean.")
    else:
        raise BadInput(
            f"{upload.name} has {counted(check.rows, 'row')}, but no review of a film that is rated in this run "
            f"({left}); choose other columns"
        )


def _warn(doubt: str) -> None:
    if doubt:
        st.warning(plain(sentence(doubt)), icon=":material/warning:")


@st.cache_data(show_spinner="Reading the first rows", max_entries=8)
def _first_rows(file_id: str, _upload: Any, _store: Store) -> dict[str, Any]:
    return inspect("first rows", GivenFile(_upload.name, _upload.getvalue()), _store)


@st.cache_data(show_spinner="Checking the reviews", max_entries=8)
def _check_reviews(
    file_id: str, columns: dict[str, str], films: pd.DataFrame, _upload: Any, _store: Store
) -> Check:
    return Check(**inspect("reviews", GivenFile(_upload.name, _upload.getvalue()), _store, columns, films))


@st.cache_data(show_spinner="Checking the reviews", max_entries=8)
def _check_rows(file_id: str, columns: dict[str, str], _upload: Any, _store: Store) -> dict[str, Any]:
    return inspect("rows", GivenFile(_upload.name, _upload.getvalue()), _store, columns)


@st.cache_data(show_spinner="Checking the ratings", max_entries=8)
def _check_ratings(file_id: str, columns: dict[str, str], _upload: Any, _store: Store) -> dict[str, int]:
    return inspect("ratings", GivenFile(_upload.name, _upload.getvalue()), _store, columns)
