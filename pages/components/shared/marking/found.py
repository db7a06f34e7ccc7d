"""A text and what was found in it -> the text as escaped HTML with the places marked, long passages cut short."""

from collections.abc import Sequence
from html import escape

from core.formatting import beginning, ending

LONG, AROUND = 600, 200
"""Length in characters from which only passages around the marks are shown, and their length per side."""


def with_marks(text: str, places: Sequence[tuple[int, int]]) -> str:
    """Return a text as escaped HTML with the places (start, end; none overlapping, in order) marked.

    >>> with_marks("A <b>ghost", [(5, 10)])
    '<div class="found-text">A &lt;b&gt;<mark>ghost</mark></div>'
    """
    parts, at = [], 0
    for start, end in places:
        parts += [escape(_short(text[at:start], at > 0, True)), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    return f'<div class="found-text">{"".join(parts)}{escape(_short(text[at:], at > 0, False))}</div>'


def _short(passage: str, after: bool, before: bool) -> str:
    """Return a passage; of a long one, only the part `after` a mark and the part `before` the next mark."""
    if len(passage) <= 2 * AROUND:
        return passage
    first = beginning(passage, AROUND) if after else ""
    last = ending(passage, AROUND) if before else ""
    return f"{first} […] {last}"
