"""The pick of one source, and the fields for a user's file: its upload, or its path."""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.data.layouts.aliases import Holds
from core.data.reviews.sources.combined import JOIN, sources_in
from core.errors import BadInput, UserError
from core.paths import given_name, path_of
from core.store import Store
from core.uploads.storage import Chosen, keep_file, stored_files
from pages.components.data.contents import show_contents
from pages.components.data.upload import check_path, check_upload, columns_of_upload
from pages.components.shared.text import plain, sentence

LAYOUTS = {
    "ratings": "A table in any common format, with a user, a film and a rating in each row. Titles help. You "
    "can also upload an archive from MovieLens, Letterboxd and others.",
    "reviews": "A table in any common format, with a film and a review in each row. A film is an id, an IMDb id or "
    "a title. Stars are optional.",
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
    chosen: Chosen = Chosen()
    """What the user said of the upload's columns."""
    fault: UserError | None = None
    """Why the file cannot be used."""

    @property
    def why_not(self) -> str:
        """Why a run cannot read it, "" if nothing is known against it."""
        if self.fault is not None:
            return sentence(str(self.fault))
        if self.upload is None and not self.value:
            return "No file is chosen yet. Upload one, or write the path of one on this computer."
        return ""

    def saved(self) -> str:
        """Store an upload, and return the name or path for the settings. Raise BadInput or StorageError."""
        if self.fault is not None:
            raise self.fault
        if self.upload is None:
            if not self.value:
                raise BadInput("no file was chosen; upload one, or write the path of one on this computer")
            return self.value
        _refuse_large(self.upload)
        content = io.BytesIO(self.upload.getvalue())
        return str(keep_file(self.upload.name, content, self.store.root / "uploads", self.chosen))


def user_file(
    label: str,
    holds: Holds,
    store: Store,
    films: pd.DataFrame | None = None,
    wanted: Collection[Any] = (),
) -> Source:
    """Draw the fields for a user's file: its upload, or its path."""
    folder = store.root / "uploads"
    upload = st.file_uploader(f"{label}: upload a file", key=f"{label} upload", max_upload_size=200)
    st.caption(LAYOUTS[holds])
    if upload is not None:
        return _upload_checked(holds, upload, films, wanted, store)
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
    for one in paths:
        source = _path_checked(holds, one, source, films, wanted)
        if source.fault is not None:
            break
    return source


def _path_checked(
    holds: Holds, where: str, source: Source, films: pd.DataFrame | None, wanted: Collection[Any]
) -> Source:
    """Draw what a run would read of a file on this computer; return its source."""
    try:
        path = path_of(where)
        if path is None:
            raise BadInput(f"there is no file {where}; it may have been removed, so choose another one")
        contents = check_path(holds, path, films, source.store)
        _refuse_numbers(path.name, contents, "upload the file and say so")
        show_contents(contents, films, wanted)
        _refuse_one_person(path.name, contents)
    except UserError as error:
        st.error(plain(sentence(str(error))), icon=":material/error:")
        return replace(source, fault=error)
    return source


def _upload_checked(
    holds: Holds, upload: Any, films: pd.DataFrame | None, wanted: Collection[Any], store: Store
) -> Source:
    """Draw the choice of an upload's columns, and what a run would read of it; return its source."""
    source = Source(upload.name, "", upload, store)
    # What the columns lead to comes before the many fields that change them.
    result = st.container()
    try:
        _refuse_large(upload)
        chosen = columns_of_upload(holds, upload, store)
        contents = check_upload(holds, upload, chosen, films, store)
        if contents["ids_unproven"] and _ids_are_of_ratings(upload.file_id):
            chosen = replace(chosen, ids_of_ratings=True)
            contents = check_upload(holds, upload, chosen, films, store)
        _refuse_numbers(upload.name, contents, "say so below")
        with result:
            show_contents(contents, films, wanted)
        _refuse_one_person(upload.name, contents)
    except UserError as error:
        result.error(plain(sentence(str(error))), icon=":material/error:")
        return replace(source, fault=error)
    return replace(source, chosen=chosen)


def _refuse_numbers(name: str, contents: Mapping[str, Any], way: str) -> None:
    """Raise BadInput for a file that names films by nothing but numbers that may be those of another data set."""
    if contents["ids_unproven"] and not contents["used"]:
        raise BadInput(
            f"{name} has film ids alone, and nothing shows that they are of these ratings. If they are, {way}"
        )


def _refuse_one_person(name: str, contents: Mapping[str, Any]) -> None:
    """Raise BadInput for the ratings of one person, as a run does."""
    if contents["users"] == 1:
        raise BadInput(f"{name} holds the ratings of one person; a run needs those of many, so give others")


def _ids_are_of_ratings(file_id: str) -> bool:
    """Draw the question whether film ids are those of the ratings, which nothing shows; return the answer."""
    return st.checkbox(
        "The film ids are those of these ratings",
        key=f"ids of {file_id}",
        help="Every data set numbers its films from 1, so equal numbers may be different films.",
    )


def _refuse_large(upload: Any) -> None:
    if upload.size > MOST_BYTES:
        raise BadInput(
            f"{upload.name} has more than {MOST_BYTES // 1024**2} MB; write its path on this computer instead"
        )
