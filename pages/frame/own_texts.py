"""What people paste or upload on a page -> texts to read; all of it stays in the session when the page changes."""

import io
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import BadInput, FactorscopeError
from core.texts import MOST_BYTES, MOST_REVIEWS, lines_of, reviews_in
from pages.frame.text import plain, sentence

ONE, LINES, FILE = "One review", "Several reviews, one a line", "A file of reviews"
KIND, TEXT, FROM_FILE = "kind of text", "review text", "reviews from a file"
"""Keys in the session."""


def examples(texts: Mapping[str, str]) -> None:
    """Draw a button for each text by its name; one of several lines is several reviews."""
    with st.container(horizontal=True):
        for name, text in texts.items():
            st.button(name, on_click=_take, args=(text,))


def texts_to_read() -> list[str]:
    """Draw the fields for a review, for several, or for a file; give what is in them."""
    st.session_state.setdefault(KIND, ONE)
    kind = st.segmented_control(
        "What do you have?",
        (ONE, LINES, FILE),
        required=True,
        key=KIND,
        persist_state="session",
    )
    if kind == FILE:
        return _uploaded()
    text = st.text_area(
        "Review" if kind == ONE else "Reviews of one film, one a line",
        key=TEXT,
        height=180,
        persist_state="session",
    )
    if kind == ONE:
        return [text] if text.strip() else []
    return _first(lines_of(text), "the text")


def _take(text: str) -> None:
    st.session_state[KIND] = LINES if "\n" in text else ONE
    st.session_state[TEXT] = text


def _uploaded() -> list[str]:
    upload = st.file_uploader(
        "Reviews of one film",
        key="file of reviews",
        max_upload_size=MOST_BYTES // 1024**2,
        on_change=lambda: st.session_state.pop(FROM_FILE, None),
        help="A text with one review a line (TXT), or a table with a column review (CSV, TSV, JSONL, Parquet).",
    )
    if upload is not None and FROM_FILE not in st.session_state:
        # What was read before stays on the page, so the error does not end it.
        try:
            st.session_state[FROM_FILE] = (upload.name, _reviews_in(upload))
        except FactorscopeError as error:
            st.error(plain(sentence(str(error))), icon=":material/error:")
    name, found = st.session_state.get(FROM_FILE, ("", []))
    if found:
        st.caption(plain(f"{len(found):,} review{'' if len(found) == 1 else 's'} in {name}."))
    return _first(found, name)


def _reviews_in(upload: UploadedFile) -> list[str]:
    if upload.size > MOST_BYTES:
        raise BadInput(
            f"{upload.name} has more than {MOST_BYTES // 1024**2} MB; give fewer reviews of the film"
        )
    content = upload.getvalue()
    return reviews_in(upload.name, lambda: io.BytesIO(content))


def _first(texts: Sequence[str], where: str) -> list[str]:
    if len(texts) > MOST_REVIEWS:
        st.info(
            plain(f"There are {len(texts):,} reviews in {where}; the first {MOST_REVIEWS} of them are read.")
        )
    return list(texts[:MOST_REVIEWS])
