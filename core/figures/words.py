"""The words of an end of a factor."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import Row, between, labelled_rows
from core.figures.style import BLUE, VERMILION, short

ENDS = {"high": BLUE, "low": VERMILION}
"""Colour of the words of each end."""


def words_of_end(
    words: pd.DataFrame, end: str, reach: float, bound: float | None, picked: str | None = None
) -> go.Figure:
    """Draw the words of one end of a factor, the strongest first; `words` is from `tables.words.words_at_both_ends`.

    Bars have 95% intervals. Words that are not certain are faint and hatched, certain ones have bold labels, names
    are in italics. A dashed line marks the `bound` of luck, an outline the word `picked`. A click selects the word's
    row in `words`. `reach` is the length of the axis, the same for both ends.
    """
    of_end = words[words.end == end].sort_values("effect", key=abs, ascending=False, kind="stable")
    rows = [_row(word, picked) for word in of_end.itertuples()]
    return labelled_rows(rows, ENDS[end], reach, end == "low", bound)


def _row(word: Any, picked: str | None) -> Row:
    style = "<i>{}</i>" if word.is_name else "{}"
    return Row(
        key=word.Index,
        label=word.word,
        value=word.effect,
        low=word.low,
        high=word.high,
        hover=[
            f"<b>{short(word.word, 80)}</b>",
            f"correlation {word.effect:+z.2f}{between(word.low, word.high)}",
            "exceeds the bound of luck" if word.certain else "may be luck",
            f"in reviews of {word.films:,} films, in {word.share:.1%} of all reviews",
            "click: the reviews that contain it",
        ],
        doubtful=not word.certain,
        style=f"<b>{style}</b>" if word.certain else style,
        marked=word.word == picked,
    )
