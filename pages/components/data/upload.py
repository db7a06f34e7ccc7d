"""A user's file before a run reads it: its first rows, the roles of its columns, and what a run would read of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.data.layouts.aliases import ALIASES, Holds
from core.data.layouts.needed import NEEDED, missing
from core.data.tables import GUESSED
from core.errors import BadInput
from core.formatting import counted
from core.store import Store
from core.uploads.inspection import GivenFile, inspect
from core.uploads.storage import Chosen
from pages.components.shared.data_table import data_table
from pages.components.shared.text import plain

NEEDED_TEXTS = {
    "ratings": "user, film and rating are",
    "reviews": "the review and one way to identify the film are",
}
TITLES = {
    "user": "User",
    "film": "Film",
    "rating": "Rating",
    "title": "Film’s title",
    "year": "Film’s year",
    "genres": "Film’s genres",
    "time": "Time",
    "review": "Review",
    "film_id": "Film’s id",
    "imdb_id": "Film’s IMDb id",
    "stars": "Stars",
}
NO_COLUMN = ""
"""The choice of a picker that stands for no column."""


def columns_of_upload(holds: Holds, upload: Any, store: Store) -> Chosen:
    """Draw the first rows of an upload and the choice of its columns; return what was chosen.

    What was guessed and stays is no choice, so that it is read as a path is.
    Raise BadInput if it cannot be read or a column is missing.
    """
    first = _first_rows(upload.file_id, holds, upload, store)
    columns, layout = first["columns"], first["format"]
    st.caption(plain(f"{upload.name}: {layout}. {counted(len(columns), 'column')}; its first rows:"))
    if GUESSED in layout:
        st.caption("If letters look wrong, save the file in UTF-8 and upload it again.")
    rows = pd.DataFrame(first["rows"], columns=columns)
    data_table(rows, hide_index=True, height="content", key=f"first rows of {upload.file_id}")
    chosen: dict[str, str] = {}
    st.caption("Which column is which? Correct any wrong guess. Only " + NEEDED_TEXTS[holds] + " needed.")
    with st.container(horizontal=True):
        for name in sorted(ALIASES[holds], key=lambda name: (name,) not in NEEDED[holds]):
            column = _picker(name, columns, first["roles"].get(name, NO_COLUMN), upload.file_id)
            if column != NO_COLUMN:
                chosen[name] = column
    group = missing(chosen, holds, first["one_person"])
    if len(group) == 1:
        raise BadInput(f"{upload.name} needs a column for “{TITLES[group[0]]}”; choose which one it is")
    if group:
        raise BadInput(
            f"{upload.name} needs a column for the film: its id, its IMDb id or its title; choose one"
        )
    return Chosen() if chosen == first["roles"] else Chosen(chosen)


def _picker(name: str, columns: list[str], guess: str, file_id: str) -> str:
    """Draw the choice of the column of one role; return it."""
    choices = [NO_COLUMN, *columns]
    return st.selectbox(
        TITLES[name],
        choices,
        index=choices.index(guess),
        format_func=lambda column: column or "no column",
        key=f"{name} in {file_id}",
        width=165,
    )


def check_upload(
    holds: Holds, upload: Any, chosen: Chosen, films: pd.DataFrame | None, store: Store
) -> dict[str, Any]:
    """Return the `Contents` of an upload, as a dictionary. Raise the error of what a run would refuse."""
    return _contents_of_upload(
        upload.file_id, holds, chosen.columns, chosen.ids_of_ratings, films, upload, store
    )


def check_path(holds: Holds, path: Path, films: pd.DataFrame | None, store: Store) -> dict[str, Any]:
    """Return the `Contents` of a file or folder on this computer, as a dictionary; see `check_upload`."""
    return _contents_of_path(str(path), path.stat().st_mtime_ns, holds, films, store)


@st.cache_data(show_spinner="Reading the first rows", max_entries=8)
def _first_rows(file_id: str, holds: Holds, _upload: Any, _store: Store) -> dict[str, Any]:
    return inspect("first rows", GivenFile(_upload.name, _upload.getvalue()), holds, _store)


@st.cache_data(show_spinner="Checking the file", max_entries=8)
def _contents_of_upload(
    file_id: str,
    holds: Holds,
    columns: Mapping[str, str] | None,
    ids_of_ratings: bool,
    films: pd.DataFrame | None,
    _upload: Any,
    _store: Store,
) -> dict[str, Any]:
    """Return the contents of an upload; seven parameters, of which five are the key of the cache."""
    file = GivenFile(_upload.name, _upload.getvalue())
    return inspect("contents", file, holds, _store, Chosen(columns, ids_of_ratings), films)


@st.cache_data(show_spinner="Checking the file", max_entries=8)
def _contents_of_path(
    path: str, changed: int, holds: Holds, films: pd.DataFrame | None, _store: Store
) -> dict[str, Any]:
    return inspect("contents", Path(path), holds, _store, films=films)
