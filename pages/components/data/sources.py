"""Picking a source of ratings, or one or more sources of reviews: by name, by path or by upload."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.data.reviews.registry import NAMED
from core.data.reviews.sources.combined import JOIN, sources_in
from core.errors import BadInput, DataNotFound
from core.store import Store
from pages.components.data.source_cards import card
from pages.components.data.user_file import Source, user_file
from pages.components.shared.run_notes.provenance import MADE_UP
from pages.components.shared.text import plain, sentence

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


@dataclass(frozen=True)
class Sources:
    """The picked sources of reviews, which are read together, in order."""

    parts: tuple[Source, ...]

    @property
    def title(self) -> str:
        return JOIN.join(part.title for part in self.parts)

    @property
    def value(self) -> str:
        return JOIN.join(part.value for part in self.parts)

    @property
    def are_stored(self) -> bool:
        """Whether all have a name or a path; an upload gets its path as a run starts."""
        return bool(self.parts) and all(part.value for part in self.parts)

    @property
    def why_not(self) -> str:
        """Why a run cannot read them, "" if nothing is known against it."""
        if not self.parts:
            return "No source of reviews is picked. Pick at least one."
        return next((part.why_not for part in self.parts if part.why_not), "")

    def saved(self) -> str:
        """Return the value for the settings.

        Raise BadInput, DataNotFound or StorageError if a source cannot be read.
        """
        if not self.parts:
            raise BadInput("no source of reviews is picked; pick at least one")
        parts = [part.saved() for part in self.parts]
        together = JOIN.join(parts)
        if sources_in(together) != [name for part in parts for name in sources_in(part)]:
            raise BadInput(
                "the path of your file has a plus sign, which separates sources; rename the file, or read it alone"
            )
        return together


def source_picker(label: str, choices: Mapping[str, str], store: Store) -> Source:
    """Draw the choice of a source of ratings, and the fields for a user's file if that is picked."""
    name = st.selectbox(
        label, choices, format_func=choices.__getitem__, key=f"{label} source", persist_state="session"
    )
    if name == OWN_FILE:
        return user_file(label, "ratings", store)
    return Source(name, name, None, store)


def reviews_picker(
    label: str,
    store: Store,
    first: str | None = None,
    films: pd.DataFrame | None = None,
    wanted: Collection[Any] = (),
) -> Sources:
    """Draw the choice of sources of reviews, the state of each, and the fields for a user's file.

    `first` is the initial pick, as named in settings; by default the first choice. Uploaded reviews are
    matched with `films` at once; `wanted` holds ids of some of these films, which are counted separately.
    """
    # The pick is stored as one text, as in settings and address; the widget shows it.
    place, widget = f"{label} source", f"{label} sources"
    if place not in st.session_state:
        offer(label, REVIEWS, first or next(iter(REVIEWS)))
    before = [name for name in st.session_state[place].split(JOIN) if name in REVIEWS]
    st.session_state[widget] = before
    names = st.multiselect(
        label,
        list(REVIEWS),
        format_func=REVIEWS.__getitem__,
        key=widget,
        placeholder="Pick one source or several",
        on_change=lambda: st.session_state.update(
            {place: JOIN.join(_picked(before, st.session_state[widget]))}
        ),
    )
    st.caption("A film gets the reviews of all sources picked. Made-up sources are read alone.")
    if not names:
        st.info("Pick at least one source of reviews.")
    parts = []
    for name in names:
        with st.container(border=len(names) > 1, gap="xsmall"):
            if len(names) > 1:
                st.markdown(f"**{plain(REVIEWS[name])}**")
            if name == OWN_FILE:
                parts.append(user_file(label, "reviews", store, films, wanted))
            else:
                parts.append(_named(name, store))
    return Sources(tuple(parts))


def offer(label: str, choices: Mapping[str, str], value: str) -> None:
    """Set a picker to a value of settings: names of sources, or the path of a user's file."""
    parts = sources_in(value) if choices is REVIEWS else [value]
    paths = [part for part in parts if part not in choices]
    picked = dict.fromkeys(part if part in choices else OWN_FILE for part in parts)
    st.session_state[f"{label} source"] = JOIN.join(picked)
    st.session_state[f"{label} path"] = JOIN.join(paths) or None


def can_be_picked(choices: Mapping[str, str], name: str) -> bool:
    """Return whether a name in a link is a source, or several sources of reviews."""
    return name in choices or (choices is REVIEWS and set(name.split(JOIN)) <= set(choices))


def _picked(before: list[str], now: list[str]) -> list[str]:
    """Return the sources after a pick; made-up and real sources are never combined.

    >>> _picked(["sample"], ["sample", "lmrd"]), _picked(["lmrd", "tmdb"], ["lmrd", "tmdb", "planted"])
    (['lmrd'], ['planted'])
    """
    added = [name for name in now if name not in before]
    if set(added) & set(MADE_UP):
        return added[-1:]
    return [name for name in now if name not in MADE_UP] if added else now


def _named(name: str, store: Store) -> Source:
    """Draw the card of a named source with its terms, and why it cannot be read if that is so."""
    title = NAMED[name].title
    state = card(NAMED[name], store)
    st.caption(plain(f"Terms: {NAMED[name].licence}"))
    if state.place != "not to be had":
        return Source(name, name, None, store)
    fault = DataNotFound(f"no run can read {title} now. {sentence(state.sentence)}")
    st.error(plain(sentence(str(fault))), icon=":material/error:")
    return Source(name, name, None, store, fault=fault)
