"""Picking where ratings or reviews come from: by name, by path, or by upload."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import BadInput, StorageError
from core.store import Store

OWN_FILE = "own file"
RATINGS = {
    "ml-100k": "MovieLens 100K: 100,000 ratings, 1,682 films",
    "ml-latest-small": "MovieLens latest small: some 100,000 ratings, 9,700 films",
    "ml-25m": "MovieLens 25M: 25 million ratings; takes long",
    "ml-32m": "MovieLens 32M: 32 million ratings; takes long",
    "planted": "Planted: made-up films and ratings with a known truth",
    OWN_FILE: "My own file of ratings",
}
REVIEWS = {
    "sample": "Sample: short reviews of 100 films, written for this project",
    "lmrd": "Large Movie Review Dataset: reviews by the public, at most 30 a film",
    "planted": "Planted: made-up reviews, only with planted ratings",
    OWN_FILE: "My own file of reviews",
}
RATINGS_LAYOUT = (
    "A table of user, film and rating, with titles if you have them (CSV, TSV or Parquet), or an archive of "
    "MovieLens."
)
REVIEWS_LAYOUT = (
    "A table of film (its id, IMDb id or title) and review, with stars from 1 to 10 if you have them (CSV, TSV, "
    "Parquet or JSONL)."
)
MOST_BYTES = 200 * 1024**2
"""Largest file that is taken as an upload; larger ones can be named by their path."""


@dataclass(frozen=True)
class Source:
    """What was picked."""

    title: str
    """Short, for the name of a run."""
    value: str
    """A name of a data set, or a path; empty where neither was given."""
    upload: Any
    folder: Path

    def saved(self) -> str:
        """Give the name or the path for the settings, keeping an upload first; BadInput or StorageError."""
        if self.upload is None:
            if not self.value:
                raise BadInput("no file was given; upload one, or write the path of one on this computer")
            return self.value
        if self.upload.size > MOST_BYTES:
            raise BadInput(
                f"{self.upload.name} has more than {MOST_BYTES // 1024**2} MB; "
                "write its path on this computer instead"
            )
        # Letters, digits, dot, dash: no name can lead out of the folder.
        # A folder by digest keeps files of one name apart.
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(self.upload.name).name).lstrip(".")[-80:]
        content = self.upload.getvalue()
        path = self.folder / hashlib.sha256(content).hexdigest()[:12] / (safe or "upload")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                unfinished = path.with_name(f".{path.name}")
                unfinished.write_bytes(content)
                unfinished.replace(path)
        except OSError as error:
            raise StorageError(f"{path} cannot be written ({error.strerror}); free some space") from error
        return str(path)


def source_picker(
    label: str, choices: Mapping[str, str], layout: str, store: Store, first: str | None = None
) -> Source:
    """Draw the choice of a source, and the fields for an own file where that is picked.

    `first` is the name or path that is offered before anything was picked; without it the first choice.
    """
    if first is not None and f"{label} source" not in st.session_state:
        st.session_state[f"{label} source"] = first if first in choices else OWN_FILE
        st.session_state[f"{label} path"] = "" if first in choices else first
    name = st.selectbox(
        label, choices, format_func=choices.get, key=f"{label} source", persist_state="session"
    )
    if name != OWN_FILE:
        return Source(name, name, None, store.root / "uploads")
    upload = st.file_uploader(f"{label}: upload a file", key=f"{label} upload", max_upload_size=200)
    path = st.text_input(
        f"{label}: or its path on this computer", key=f"{label} path", persist_state="session"
    ).strip()
    st.caption(layout)
    title = Path(upload.name if upload else path).name or "own file"
    return Source(title, path, upload, store.root / "uploads")
