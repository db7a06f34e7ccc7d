"""Picking where ratings or reviews come from: by name, by path, or by upload."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import BadInput, UserError
from core.paths import path_of
from core.reviews import NAMED, NamedSource
from core.reviews.together import sources_in
from core.store import Store
from core.uploads import given_name, keep_file, keep_table, kept
from pages.frame.text import plain, sentence
from pages.frame.upload import (
    check_ratings,
    check_reviews,
    columns_of_upload,
    digest_of_upload,
    table_of,
)

OWN_FILE = "own file"
RATINGS = {
    "ml-100k": "MovieLens 100K: 100,000 ratings, 1,682 films",
    "ml-latest-small": "MovieLens latest small: some 100,000 ratings, 9,700 films",
    "ml-25m": "MovieLens 25M: 25 million ratings; takes long",
    "ml-32m": "MovieLens 32M: 32 million ratings; takes long",
    "planted": "Planted: made-up films and ratings with a known truth",
    OWN_FILE: "My own file of ratings",
}
REVIEWS = {name: source.title for name, source in NAMED.items()} | {OWN_FILE: "My own file of reviews"}
RATINGS_LAYOUT = (
    "A table of user, film and rating, with titles if you have them (CSV, TSV, JSONL or Parquet), or an archive of "
    "MovieLens."
)
REVIEWS_LAYOUT = (
    "A table of film (its id, IMDb id or title) and review, with stars from 1 to 10 if you have them (CSV, TSV, "
    "Parquet, JSONL, or one of these in a zip)."
)
MOST_BYTES = 200 * 1024**2
"""Largest file that is taken as an upload; larger ones can be named by their path."""
PLACES = {
    "bundled": ("bundled", "green"),
    "your folder": ("found", "green"),
    "cache": ("in the cache", "green"),
    "to be fetched": ("to be fetched", "orange"),
    "not to be had": ("not to be had", "red"),
}
"""What the badge of a source says of where its data are, and its colour."""


@dataclass(frozen=True)
class Source:
    """What was picked."""

    title: str
    """Short, for the name of a run."""
    value: str
    """A name of a data set, or a path; empty where neither was given."""
    upload: Any
    folder: Path
    columns: Mapping[str, str] | None = None
    """Ours -> those of the upload; None for an archive, which is kept as it is."""
    fault: UserError | None = None
    """Why the upload cannot be used."""

    def saved(self) -> str:
        """Give the name or the path for the settings, keeping an upload first; BadInput or StorageError."""
        if self.fault is not None:
            raise self.fault
        if self.upload is None:
            if not self.value:
                raise BadInput("no file was given; upload one, or write the path of one on this computer")
            return self.value
        _refuse_large(self.upload)
        if self.columns is None:
            return str(keep_file(self.upload.name, self.upload.getvalue(), self.folder))
        digest = digest_of_upload(self.upload)
        return str(keep_table(table_of(self.upload), self.columns, digest, self.folder))


def source_cards(store: Store) -> None:
    """Draw each source of reviews: what it covers, where its data are, and its terms."""
    with st.grid(columns=2, min_column_width=260):
        for source in NAMED.values():
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{plain(source.title)}**")
                _card(source, store)
        with st.container(border=True, height="stretch"):
            st.markdown("**Your own file**")
            files = sum(file.path.parent.parent == store.root / "uploads" for file in kept(store.root))
            st.badge(f"{files} kept", color="green" if files else "gray")
            st.caption("Covers the films that it names.")
            st.caption(
                "Data: uploaded by you, or named by its path. Its columns are checked before a run starts."
            )
            st.caption("Terms: yours to know.")


def _card(source: type[NamedSource], store: Store) -> None:
    state = source.state(store)
    words, colour = PLACES[state.place]
    st.badge(words + ("" if state.bytes is None else f", {size_of(state.bytes)}"), color=colour)
    st.caption(plain(f"Covers {source.covers}."))
    st.caption(plain(f"Data: {state.sentence}."))
    st.caption(plain(f"Terms: {source.licence}"))


def source_picker(
    label: str,
    choices: Mapping[str, str],
    layout: str,
    store: Store,
    first: str | None = None,
    films: pd.DataFrame | None = None,
    wanted: Collection[Any] = (),
) -> Source:
    """Draw the choice of a source, and the fields for an own file where that is picked.

    `first` is the name or path that is offered before anything was picked; without it the first choice. `films` are
    those among which the films of uploaded reviews are looked for at once, `wanted` the ids of those that matter.
    """
    of_reviews = choices is REVIEWS
    several = st.session_state.get(f"{label} source") or first or ""
    if of_reviews and several not in choices and is_named(several):
        # Several sources as one, as a run may have read them.
        choices = {**choices, several: " and ".join(NAMED[name].title for name in sources_in(several))}
    if first is not None and f"{label} source" not in st.session_state:
        st.session_state[f"{label} source"] = first if first in choices else OWN_FILE
        st.session_state[f"{label} path"] = "" if first in choices else first
    name = st.selectbox(
        label, choices, format_func=choices.get, key=f"{label} source", persist_state="session"
    )
    folder = store.root / "uploads"
    if name != OWN_FILE:
        if of_reviews:
            for part in sources_in(name):
                _card(NAMED[part], store)
        return Source(name, name, None, folder)
    upload = st.file_uploader(f"{label}: upload a file", key=f"{label} upload", max_upload_size=200)
    st.caption(layout)
    if upload is not None:
        return _checked("ratings" if choices is RATINGS else "reviews", upload, films, wanted, store)
    files = {str(file.path): file for file in kept(store.root) if file.path.parent.parent == folder}
    # A path that was written is an option too, or it would be forgotten.
    written = st.session_state.get(f"{label} path")
    path = st.selectbox(
        f"{label}: or the path of a file on this computer",
        list(dict.fromkeys([*files, *([written] if written else [])])),
        index=None,
        format_func=lambda path: files[path].name if path in files else path,
        placeholder="Choose an upload from before, or write a path",
        accept_new_options=True,
        key=f"{label} path",
        persist_state="session",
    )
    path = (path or "").strip()
    title = given_name(Path(path)) if path else "own file"
    if path and path_of(path) is None:
        gone = BadInput(f"there is no file {path}; it may have been removed, so give another one")
        return Source(title, path, None, folder, fault=gone)
    return Source(title, path, None, folder)


def is_named(where: str) -> bool:
    """Say whether reviews are picked by name: a source, or several as one."""
    return all(name in NAMED for name in sources_in(where))


def size_of(many: int) -> str:
    """Give bytes for people.

    >>> size_of(800), size_of(43_810_043)
    ('1 kB', '43.8 MB')
    """
    return f"{many / 1e6:.1f} MB" if many >= 1e6 else f"{max(1, round(many / 1e3)):,} kB"


def _refuse_large(upload: Any) -> None:
    if upload.size > MOST_BYTES:
        raise BadInput(
            f"{upload.name} has more than {MOST_BYTES // 1024**2} MB; write its path on this computer instead"
        )


def _checked(
    holds: str, upload: Any, films: pd.DataFrame | None, wanted: Collection[Any], store: Store
) -> Source:
    """Let the columns of an upload be chosen and say what it holds, before a run starts."""
    folder = store.root / "uploads"
    source = Source(upload.name, "", upload, folder)
    if holds == "ratings" and upload.name.lower().endswith(".zip"):
        return source
    try:
        _refuse_large(upload)
        columns = columns_of_upload(holds, upload)
        if holds == "ratings":
            check_ratings(upload, columns, store)
        else:
            check_reviews(upload, columns, films, wanted, store)
    except UserError as error:
        st.error(plain(sentence(str(error))), icon=":material/error:")
        return replace(source, fault=error)
    return replace(source, columns=columns)
