"""Untrusted text -> text that cannot act as Markdown, and errors -> one sentence on the page."""

import contextlib
import re
from collections.abc import Iterator

import streamlit as st

from core.errors import FactorscopeError

SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: object) -> str:
    """Return text for a place that reads Markdown, so that it shows as it stands, on one line.

    >>> plain("*Alien* <b>")
    '\\\\*Alien\\\\* \\\\<b\\\\>'
    """
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


@contextlib.contextmanager
def errors() -> Iterator[None]:
    """Show the one sentence of an error that a user may see, and end the page there."""
    try:
        yield
    except FactorscopeError as error:
        st.error(plain(sentence(str(error))), icon=":material/error:")
        st.stop()


def sentence(text: str) -> str:
    """Return a message as a sentence: `top is 0; …` -> `Top is 0; ….`; a file's name keeps its letters."""
    first = text if "." in text.split(" ", 1)[0] else text[:1].upper() + text[1:]
    return first + ("" if text.endswith((".", "!", "?")) else ".")
