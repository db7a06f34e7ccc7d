"""Untrusted text -> text that is not read as Markdown, and errors -> one sentence on the page."""

import contextlib
import re
from collections.abc import Callable, Iterator

import streamlit as st

from core.errors import DamagedRun, FactorscopeError
from core.figures.style import shortened

LONGEST_TITLE = 100
"""Most letters of a film's title on a page."""
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: object) -> str:
    """Return text escaped for Markdown, so that it is shown literally, on one line.

    >>> plain("*Alien* <b>")
    '\\\\*Alien\\\\* \\\\<b\\\\>'
    """
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def film_title(title: str) -> str:
    """Return the title of a film as `plain` does, a very long one shortened."""
    return plain(shortened(title, LONGEST_TITLE))


@contextlib.contextmanager
def errors(foot: Callable[[], None] | None = None) -> Iterator[None]:
    """Show the sentence of a FactorscopeError, for a damaged run with what to do, and end the page there.

    `foot` draws what stands at the end of the page, if it is to be there too.
    """
    try:
        yield
    except FactorscopeError as error:
        st.error(plain(sentence(str(error))), icon=":material/error:")
        if isinstance(error, DamagedRun) and error.folder:
            # Imported here, since it imports this module.
            from pages.components.shared.run_notes.damaged import make_again_or_delete

            make_again_or_delete(error.folder)
        if foot:
            foot()
        st.stop()


def sentence(text: str) -> str:
    """Return a message as a sentence: `top is 0; …` -> `Top is 0; ….`; the name of a file keeps its case."""
    first = text if "." in text.split(" ", 1)[0] else text[:1].upper() + text[1:]
    return first + ("" if text.endswith((".", "!", "?")) else ".")
