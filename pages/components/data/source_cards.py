"""Sources of reviews as cards: what each covers, and where its data are."""

from typing import Literal

import streamlit as st

from core.data.reviews.registry import NAMED
from core.data.reviews.sources.base import NamedSource
from core.data.reviews.sources.state import SourceState
from core.store import Store
from core.uploads.storage import stored_files
from pages.components.shared.text import plain

PLACES: dict[str, tuple[str, Literal["green", "orange", "red"]]] = {
    "bundled": ("bundled", "green"),
    "your folder": ("found", "green"),
    "cache": ("in the cache", "green"),
    "to be fetched": ("can be fetched", "orange"),
    "not to be had": ("not available", "red"),
}
"""Text and colour of a source's badge, by where its data are."""


def source_cards(store: Store) -> None:
    """Draw one card for each source of reviews, the user's file last."""
    with st.grid(columns=2, min_column_width=260):
        for source in NAMED.values():
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{plain(source.title)}**")
                state = card(source, store)
                if state.place == "not to be had":
                    st.caption(plain(f"Data: {state.sentence}."))
        with st.container(border=True, height="stretch"):
            st.markdown("**Your own file**")
            files = sum(
                file.path.parent.parent == store.root / "uploads" for file in stored_files(store.root)
            )
            st.badge(f"{files} kept", color="green" if files else "gray")
            st.caption("Covers the films that it names.")
            st.caption(
                "Data: a file that you upload, or its path. Its columns are checked before a run starts."
            )
    st.caption("Pick a named source to see its terms.")


def card(source: type[NamedSource], store: Store) -> SourceState:
    """Draw what a source covers and where its data are; return its state."""
    state = source.state(store)
    words, colour = PLACES[state.place]
    st.badge(words + ("" if state.bytes is None else f", {size_of(state.bytes)}"), color=colour)
    st.caption(plain(f"Covers {source.covers}."))
    if state.place != "not to be had":
        network = " This needs a network." if state.place == "to be fetched" else ""
        st.caption(plain(f"Data: {state.sentence}.{network}"))
    return state


def size_of(count: int) -> str:
    """Return a number of bytes as text.

    >>> size_of(800), size_of(43_810_043)
    ('1 kB', '43.8 MB')
    """
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3)):,} kB"
