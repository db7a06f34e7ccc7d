"""A text and the phrases that moved a factor -> the text as escaped HTML with these phrases marked."""

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from core.formatting import beginning, ending

WORD = re.compile(r"\w+")
LEGEND = (
    '<span><mark class="for" style="--much: .7">phrase<sup>+</sup></mark> speaks for the factor</span> '
    '<span><mark class="against" style="--much: .7">phrase<sup>−</sup></mark> speaks against it</span> '
    "<span><i>word</i> unknown to the classifier</span>"
)
FAINTEST = 0.15
"""Strength of the mark of a phrase without effect; that of the strongest is 1."""
LONG, END = 800, 200
"""Length of a passage from which only its ends are shown, and length of each end, in characters."""


def marked(
    text: str, moved: Sequence[Mapping[str, Any]], unknown: Collection[str], legend: bool = True
) -> str:
    """Return the text with the phrases of `moved` (start, end, effect) marked, and unknown words in italics.

    With `legend`, the meaning of the marks is shown above.

    >>> marked("<b>", [], []).endswith("&lt;b&gt;</div>")
    True
    """
    most = max((abs(row["effect"]) for row in moved), default=1) or 1
    parts, at = [], 0
    for row in sorted(moved, key=lambda row: row["start"]):
        kind, sign = ("for", "+") if row["effect"] > 0 else ("against", "−")
        much = FAINTEST + (1 - FAINTEST) * abs(row["effect"]) / most
        parts += [
            _escaped(_short(text[at : row["start"]]), unknown),
            f'<mark class="{kind}" style="--much: {much:.2f}" title="{row["effect"]:+z.3f}">'
            f"{_escaped(text[row['start'] : row['end']], unknown)}<sup>{sign}</sup></mark>",
        ]
        at = row["end"]
    words = "".join([*parts, _escaped(_short(text[at:]), unknown)])
    return f'<div class="marked-text">{f"<p>{LEGEND}</p>" if legend else ""}{words}</div>'


def _short(passage: str) -> str:
    return f"{beginning(passage, END)} […] {ending(passage, END)}" if len(passage) > LONG else passage


def _escaped(text: str, unknown: Collection[str]) -> str:
    """Return the escaped text, with unknown words in italics."""
    parts, at = [], 0
    for match in WORD.finditer(text):
        if match[0].lower() in unknown:
            parts += [escape(text[at : match.start()]), f"<i>{escape(match[0])}</i>"]
            at = match.end()
    return "".join([*parts, escape(text[at:])])
