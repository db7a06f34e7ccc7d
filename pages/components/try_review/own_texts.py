"""Pasted, uploaded or picked texts to read; all stay in the session when the page changes."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data.datasets.find import find, on_this_machine
from core.data.reviews.sources.critics.source import Critics
from core.errors import BadInput, FactorscopeError
from core.formatting import counted
from core.inference.critics_snippets import critics_snippets
from core.inference.texts import MOST_BYTES, MOST_REVIEWS, films_named, lines_of
from core.inference.uploaded_texts import uploaded_reviews
from core.progress import silent
from core.store import Store
from pages.components.shared.text import errors, plain, sentence

ONE, LINES, FILE = "One review", "Several reviews, one a line", "A file of reviews"
CRITICS = "A film of 2002, by its critics"
KIND, TEXT, FROM_FILE, FILM = "given", "review text", "reviews from a file", "film of the file"
"""Session keys."""
READ_NOW = "read without a click"
"""Session key: an example or a film was picked, so it is read without another click."""
ALL = "All films, read as one"


def is_typed() -> bool:
    """Return whether the texts are typed into a field, so that they change letter by letter."""
    return st.session_state.get(KIND, ONE) in (ONE, LINES)


def one_review() -> bool:
    """Return whether the field is for a single review."""
    return bool(st.session_state.get(KIND, ONE) == ONE)


def texts_to_read(store: Store) -> list[str]:
    """Draw the fields for one review, several, a file, or a film of the critics; return the texts in them."""
    st.session_state.setdefault(KIND, ONE)
    kind = st.segmented_control(
        "What do you have?",
        (ONE, LINES, FILE, CRITICS),
        required=True,
        key=KIND,
        persist_state="session",
        bind="query-params",
    )
    if kind == FILE:
        return _uploaded(store)
    if kind == CRITICS:
        return _by_critics(store)
    text = st.text_area(
        "Review" if kind == ONE else "Reviews of one film, one a line",
        key=TEXT,
        height=180,
        persist_state="session",
    )
    if kind == ONE:
        return [text] if text.strip() else []
    return _first(lines_of(text), "The text")


def take(text: str) -> None:
    """Put a text into the field; one of several lines is several reviews."""
    st.session_state[KIND] = LINES if "\n" in text else ONE
    st.session_state[TEXT] = text


def _read_now() -> None:
    st.session_state[READ_NOW] = True


def _forget_file() -> None:
    for key in (FROM_FILE, FILM):
        st.session_state.pop(key, None)


def _uploaded(store: Store) -> list[str]:
    upload = st.file_uploader(
        "Reviews of one film",
        key="file of reviews",
        max_upload_size=MOST_BYTES // 1024**2,
        on_change=_forget_file,
        help="A text with one review a line (TXT), or a table with a column review (CSV, TSV, JSONL, Parquet). A "
        "table of several films needs a column title too.",
    )
    if upload is not None and FROM_FILE not in st.session_state:
        # Earlier results stay on the page, so the error does not end it.
        try:
            st.session_state[FROM_FILE] = (upload.name, _reviews_in(upload, store))
        except FactorscopeError as error:
            st.error(plain(sentence(str(error))), icon=":material/error:")
    name, reviews = st.session_state.get(FROM_FILE, ("", []))
    films = films_named(reviews)
    if len(films) > 1:
        film = st.selectbox(
            f"The file names {len(films):,} films. Which one? (type to search)",
            [*films, ALL],
            format_func=lambda film: film if film == ALL else f"{film} ({counted(films[film], 'review')})",
            key=FILM,
            persist_state="session",
            on_change=_read_now,
        )
        reviews = [(title, text) for title, text in reviews if film in (title, ALL)]
    if reviews:
        st.caption(plain(f"{counted(len(reviews), 'review')} in {name}."))
    return _first([text for _, text in reviews], name)


def _reviews_in(upload: UploadedFile, store: Store) -> list[tuple[str, str]]:
    if upload.size > MOST_BYTES:
        raise BadInput(f"{upload.name} has more than {MOST_BYTES // 1024**2} MB; give fewer reviews")
    return uploaded_reviews(upload.name, upload.getvalue(), store.root)


def _by_critics(store: Store) -> list[str]:
    """Draw the choice of a film by its critics, or the button to fetch their snippets; return these."""
    path = on_this_machine("critics", store)
    if path is None:
        st.info(f"Covers {Critics.covers}. They are fetched from {Critics.origin}: 9 MB.")
        if not st.button("Fetch the snippets", icon=":material/download:"):
            return []
        with errors(), st.spinner("Fetching; some seconds."):
            find("critics", store, silent)
        st.rerun()
    with errors():
        snippets = _snippets(str(path), store.root)
    count = snippets.groupby("title").size()
    film = st.selectbox(
        "Film (type to search)",
        count.index,
        format_func=lambda title: f"{title} ({count[title]} snippets)",
        key="film_of_2002",
        persist_state="session",
        on_change=_read_now,
        bind="query-params",
    )
    texts: list[str] = snippets.review[snippets.title == film].tolist()
    with st.expander(plain(f"What critics wrote about {film}")):
        for text in texts:
            st.text(text)
    return texts


@st.cache_data(show_spinner=False, max_entries=1)
def _snippets(path: str, _root: Path) -> pd.DataFrame:
    return critics_snippets(Path(path), _root)


def _first(texts: Sequence[str], where: str) -> list[str]:
    if len(texts) > MOST_REVIEWS:
        st.info(plain(f"{where} has {len(texts):,} reviews. The first {MOST_REVIEWS} of them are read."))
    return list(texts[:MOST_REVIEWS])
