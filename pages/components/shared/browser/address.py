"""The user's picks, stored in the address, so that a link reopens the same view, and in the session.

Streamlit's binding of widgets to the address writes the label of an option, and ignores unknown values. Here
the address holds an id, and an unknown one leads to a warning.
"""

import contextlib
import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.components.shared.text import plain

NUMBERS = ("least", "least_reviews", "least_agreement")
"""Names of the numbers that Streamlit itself binds to the address."""


def forget_infinite() -> None:
    """Forget infinite numbers in the address, on which Streamlit's fields fail, and begin the page anew."""
    for name in NUMBERS:
        with contextlib.suppress(ValueError):
            if not math.isfinite(float(st.query_params.get(name, "0"))):
                st.query_params.pop(name, None)
                st.rerun()


def picked(name: str, options: Sequence[Any], default: Any, expected: str) -> Any:
    """Return the current pick: the one in the address, else the one picked before, else the default.

    `expected` describes a valid value, for the warning about an invalid one: "a factor of this run".
    """
    by_text = {str(option): option for option in options}
    written = st.query_params.get(name)
    if written is not None and written not in by_text:
        st.warning(plain(f"“{written[:40]}” in the link is not {expected}; another one is shown instead."))
        del st.query_params[name]
        st.session_state.pop(_place(name), None)
        written = None
    if written is None:
        before = st.session_state.get(_place(name))
        value = default if before is None else by_text.get(before, default)
        # The address always holds the value; otherwise Back to a view without it would show a later pick.
        st.query_params[name] = st.session_state[_shown(name)] = str(value)
        return value
    # A default written here is not a pick of the user; another page may have another default.
    if written != st.session_state.get(_shown(name)):
        st.session_state[_place(name)] = written
    return by_text[written]


def keep(name: str, value: Any) -> None:
    """Make a value the current pick."""
    st.session_state[_place(name)] = str(value)
    st.query_params[name] = str(value)


def forget(name: str) -> None:
    """Forget a pick, so that the default is picked next."""
    st.session_state.pop(_place(name), None)
    st.query_params.pop(name, None)


def picker(label: str, name: str, options: Sequence[Any], value: Any, **settings: Any) -> None:
    """Draw the choice of the current pick; a change takes effect when the page reruns."""
    widget = f"{name} picker"
    st.session_state[widget] = value
    st.selectbox(
        label,
        options,
        key=widget,
        on_change=lambda: keep(name, st.session_state[widget]),
        **settings,
    )


def _place(name: str) -> str:
    return f"picked {name}"


def _shown(name: str) -> str:
    return f"shown {name}"
