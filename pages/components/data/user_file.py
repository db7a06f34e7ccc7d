"""The pick of one source, and the fields for a user's file: its upload, or its path."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.data.reviews.registry import open_source
from core.data.reviews.sources.combined import JOIN, sources_in
from core.errors import BadInput, UserError
from core.paths import given_name, path_of
from core.progress import silent
from core.store import Store
from core.uploads.inspection import GivenFile, inspect
from core.uploads.storage import keep_file, stored_files
from pages.components.data.upload import check_ratings, check_reviews, columns_of_upload
from pages.components.shared.text import plain, sentence

LAYOUTS = {
    "ratings": "A table with the columns user, film and rating (CSV, TSV, JSONL or Parquet). Titles are welcome. Or "
    "an archive of MovieLens.",
    "reviews": "A table with the columns film and review (CSV, TSV, JSONL, Parquet, or a zip of these). A film is an "
    "id, an IMDb id or a title. Stars from 1 to 10 are welcome.",
}
"""The layout that a user's file must have, for people."""
MOST_BYTES = 200 * 1024**2
"""Largest upload in bytes; a larger file can be named by its path."""


@dataclass(frozen=True)
class Source:
    """A picked source."""

    title: str
    """Short title, for the name of a run."""
    value: str
    """The name of a data set, or a path; empty if neither was given."""
    upload: Any
    store: Store
    columns: Mapping[str, str] | None = None
    """Our columns -> those of the upload; None for an archive, which is stored as it is."""
    fault: UserError | None = None
    """Why the upload cannot be used."""

    def saved(self) -> str:
        """Store an upload, and return the name or path for the settings. Raise BadInput or StorageError."""
        if self.fault is not None:
            raise self.fault
        if self.upload is None:
            if not self.value:
                raise BadInput("no file was given; upload one, or write the path of one on this computer")
            return self.value
        _refuse_large(self.upload)
        if self.columns is None:
            return str(keep_file(self.upload.name, self.upload.getvalue(), self.store.root / "uploads"))
        file = GivenFile(self.upload.name, self.upload.getvalue())
        return str(inspect("keep", file, self.store, self.columns)["path"])


def user_file(
    label: str,
    holds: Literal["ratings", "reviews"],
    store: Store,
    films: pd.DataFrame | None = None,
    wanted: Collection[Any] = (),
) -> Source:
    """Draw the fields for a user's file: its upload, or its path."""
    folder = store.root / "uploads"
    upload = st.file_uploader(f"{label}: upload a file", key=f"{label} upload", max_upload_size=200)
    st.caption(LAYOUTS[holds])
    if upload is not None:
        return _checked(holds, upload, films, wanted, store)
    files = {str(file.path): file for file in stored_files(store.root) if file.path.parent.parent == folder}
    # A path that was typed must be an option too, or the widget would drop it.
    written = st.session_state.get(f"{label} path")
    path = st.selectbox(
        f"{label}: or a file on this computer",
        list(dict.fromkeys([*files, *([written] if written else [])])),
        index=None,
        format_func=lambda path: files[path].name if path in files else path,
        placeholder="Choose an earlier upload, or write a path",
        accept_new_options=True,
        key=f"{label} path",
        persist_state="session",
    )
    path = (path or "").strip()
    paths = sources_in(path) if path else []
    source = Source(JOIN.join(given_name(Path(one)) for one in paths) or "own file", path, None, store)
    try:
        for one in paths:
            if path_of(one) is None:
                raise BadInput(f"there is no file {one}; it may have been removed, so give another one")
            if holds == "reviews" and (
                fault := _fault_of(one, Path(one).expanduser().stat().st_mtime_ns, store)
            ):
                raise BadInput(fault)
    except UserError as error:
        st.error(plain(sentence(str(error))), icon=":material/error:")
        return replace(source, fault=error)
    return source


@st.cache_data(show_spinner="Looking at the file", max_entries=8)
def _fault_of(path: str, changed: int, _store: Store) -> str:
    """Return why a file is not a table of reviews; "" if it is one. Called before a run starts."""
    try:
        open_source(path, _store, silent)
    except UserError as error:
        return str(error)
    return ""


def _checked(
    holds: str, upload: Any, films: pd.DataFrame | None, wanted: Collection[Any], store: Store
) -> Source:
    """Draw the choice of an upload's columns and its contents; return the source. Called before a run."""
    source = Source(upload.name, "", upload, store)
    if holds == "ratings" and upload.name.lower().endswith(".zip"):
        return source
    try:
        _refuse_large(upload)
        columns = columns_of_upload(holds, upload, store)
        if holds == "ratings":
            check_ratings(upload, columns, store)
        else:
            check_reviews(upload, columns, films, wanted, store)
    except UserError as error:
        st.error(plain(sentence(str(error))), icon=":material/error:")
        return replace(source, fault=error)
    return replace(source, columns=columns)


def _refuse_large(upload: Any) -> None:
    if upload.size > MOST_BYTES:
        raise BadInput(
            f"{upload.name} has more than {MOST_BYTES // 1024**2} MB; write its path on this computer instead"
        )
