"""An upload: what is in its first rows, which column is which, and what it holds for the films of a run."""

import hashlib
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import BadInput
from core.labels import FEWEST_FILMS
from core.progress import silent
from core.ratings import read_ratings
from core.ratings.table import ALIASES as RATINGS_COLUMNS
from core.reviews.own_file import Check, OwnFile
from core.reviews.own_file.rows import ALIASES as REVIEWS_COLUMNS
from core.reviews.own_file.rows import FILM, Rows, rows_of
from core.store import Store
from core.tables import GUESSED, OwnTable, first_rows, open_table, pick
from core.uploads import keep_table
from core.wording import counted
from pages.frame.text import plain, sentence

FIRST_ROWS = 5
COLUMNS: dict[str, Mapping[str, Any]] = {"ratings": RATINGS_COLUMNS, "reviews": REVIEWS_COLUMNS}
"""What can be in a file of each kind, with the names under which it is recognised."""
NEEDED = {"ratings": ("user", "film", "rating"), "reviews": ("review",)}
TITLES = {
    "user": "User",
    "film": "Film",
    "rating": "Rating",
    "title": "Film’s title",
    "year": "Film’s year",
    "time": "Time",
    "review": "Review",
    "film_id": "Film’s id",
    "imdb_id": "IMDb id",
    "stars": "Stars, 1 to 10",
}


def table_of(upload: Any) -> OwnTable:
    """Give the table in an upload; BadInput where it holds none."""
    content = upload.getbuffer()
    return open_table(upload.name, lambda: io.BytesIO(content))


def digest_of_upload(upload: Any) -> str:
    """Give the SHA-256 of an upload, worked out once."""
    return _digest(upload.file_id, upload)


def columns_of_upload(holds: str, upload: Any) -> dict[str, str]:
    """Draw the first rows of an upload and the choice of its columns; give the columns, ours -> the file's.

    Raises BadInput where it cannot be read or a column is missing.
    """
    columns, said, rows = _preview(upload.file_id, upload)
    st.caption(plain(f"{upload.name}: {said}. {counted(len(columns), 'column')}; its first rows:"))
    if GUESSED in said:
        st.caption("If letters look wrong here, save the file in UTF-8 and upload it again.")
    st.dataframe(rows, hide_index=True, height="content", key=f"first rows of {upload.file_id}")
    found = pick(columns, COLUMNS[holds])
    chosen: dict[str, str] = {}
    with st.container(horizontal=True):
        for name in sorted(COLUMNS[holds], key=lambda name: name not in NEEDED[holds]):
            column = st.selectbox(
                TITLES[name] + ("" if name in NEEDED[holds] else " (if there is one)"),
                columns,
                index=columns.index(found[name]) if name in found else None,
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
    """Say what an upload of ratings holds. Raises BadInput where it cannot be used."""
    users, films, ratings = _check_ratings(upload.file_id, dict(columns), upload, store)
    st.success(
        f"{counted(ratings, 'rating')} of {counted(films, 'film')} by {counted(users, 'user')}.",
        icon=":material/check:",
    )


def check_reviews(
    upload: Any, columns: Mapping[str, str], films: pd.DataFrame | None, wanted: Collection[Any], store: Store
) -> None:
    """Say what an upload holds for these films, and for those wanted among them, where there are some.

    Raises BadInput where it cannot be used.
    """
    if films is None:
        rows = _check_rows(upload.file_id, dict(columns), upload)
        st.success(
            f"{counted(len(rows.blank), 'row')}, {rows.blank.sum():,} of them blank, of "
            f"{counted(len(rows.names), 'film')}. "
            "Which of these are rated is found out when the run starts.",
            icon=":material/check:",
        )
        _warn(rows.doubt)
        return
    check = _check_reviews(upload.file_id, dict(columns), films, upload, store)
    others = f", such as {'; '.join(example[:60] for example in check.examples)}" if check.examples else ""
    left = f"{check.blank:,} blank, {check.unknown:,} of films that are not rated in this run{others}"
    if check.reviews:
        mine = drawn = ""
        if wanted:
            mine = f" Of the {len(wanted):,} films chosen, {len(set(wanted) & set(check.films)):,} have some."
        if check.read < check.reviews:
            drawn = f" A run reads {check.read:,} of them, drawn evenly over the films."
        st.success(
            plain(
                f"{counted(check.rows, 'row')}: {counted(check.reviews, 'review')} of {len(check.films):,} of the "
                f"{counted(len(films), 'rated film')}.{mine}{drawn} Left out: {left}."
            ),
            icon=":material/check:",
        )
        _warn(check.doubt)
        if len(check.films) < FEWEST_FILMS:
            st.warning(
                f"Read alone, this file is not enough: a run needs reviews of at least {FEWEST_FILMS} films.",
                icon=":material/warning:",
            )
    elif check.by_imdb_id and (films.imdb_id == "").any():
        st.info("Which films its IMDb ids mean is found out when the run starts.")
    else:
        raise BadInput(
            f"{upload.name}: none of its {counted(check.rows, 'row')} is a review of a film that is rated in this "
            f"run ({left}); choose other columns"
        )


def _warn(doubt: str) -> None:
    if doubt:
        st.warning(plain(sentence(doubt)), icon=":material/warning:")


@st.cache_data(show_spinner=False, max_entries=8)
def _digest(file_id: str, _upload: Any) -> str:
    return hashlib.sha256(_upload.getbuffer()).hexdigest()


@st.cache_data(show_spinner="Reading the first rows", max_entries=8)
def _preview(file_id: str, _upload: Any) -> tuple[list[str], str, pd.DataFrame]:
    table = table_of(_upload)
    return list(table.columns), table.said, first_rows(table, FIRST_ROWS)


@st.cache_data(show_spinner="Checking the reviews", max_entries=8)
def _check_reviews(
    file_id: str, columns: dict[str, str], films: pd.DataFrame, _upload: Any, _store: Store
) -> Check:
    return OwnFile(Path(_upload.name), _store, table_of(_upload), columns).check(films, silent)


@st.cache_data(show_spinner="Checking the reviews", max_entries=8)
def _check_rows(file_id: str, columns: dict[str, str], _upload: Any) -> Rows:
    return rows_of(table_of(_upload), columns)


@st.cache_data(show_spinner="Checking the ratings", max_entries=8)
def _check_ratings(
    file_id: str, columns: dict[str, str], _upload: Any, _store: Store
) -> tuple[int, int, int]:
    with TemporaryDirectory(dir=_store.root) as folder:
        path = keep_table(table_of(_upload), columns, digest_of_upload(_upload), Path(folder))
        ratings = read_ratings(str(path), _store, silent)
    return len(ratings.user_ids), len(ratings.films), len(ratings.table)
