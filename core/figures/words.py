"""The words of both ends of a factor."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import bars, between
from core.figures.style import (
    BLUE,
    GREY,
    LABEL_ROOM,
    VERMILION,
    dashed_line,
    error_bars,
    factor_title,
    finished,
    short,
)

ENDS = {"high": BLUE, "low": VERMILION}
"""Colour of the words of each end."""
AIR = 0.4
"""Gap between the words of either end, in rows."""


def words_at_both_ends(
    words: pd.DataFrame, factor: int, name: str, bound: float | None, picked: str | None = None
) -> go.Figure:
    """Draw the words of both ends of a factor; `words` is from `word_tables.words_at_both_ends`.

    Words of the high end reach to the right, of the low end to the left, with 95 % intervals. Words that are not
    certain are faint and hatched, certain ones have bold labels, names are in italics. Dashed lines mark the `bound`
    of luck, an outline the word `picked`. The first of a bar's `customdata` is its row in `words`.
    """
    at = np.arange(len(words)) + np.where(words.end == "low", AIR, 0)
    figure = go.Figure()
    for end, colour in ENDS.items():
        for certain in (True, False):
            rows = (words.end == end).to_numpy() & (words.certain.to_numpy(dtype=bool) == certain)
            part = words[rows]
            marker = bars(part.assign(doubtful=not certain), colour)
            marker["line"] = {"width": [3 if word == picked else 0 for word in part.word], "color": GREY}
            # A click would otherwise fade all other bars, which means something else here.
            kept = {"marker": {"opacity": marker["opacity"][0]}} if len(part) else {}
            figure.add_bar(
                x=part.effect,
                y=at[rows],
                orientation="h",
                width=0.72,
                marker=marker,
                selected=kept,
                unselected=kept,
                error_x=error_bars(part.effect, (part.low, part.high), colour, thickness=1.5),
                customdata=[_about(row) for row in part.itertuples()],
                hovertemplate=(
                    "%{customdata[1]}: correlation %{x:+.2f}%{customdata[2]}<br>%{customdata[3]}<br>"
                    "in reviews of %{customdata[4]:,} films, in %{customdata[5]:.1%} of all reviews<extra></extra>"
                ),
                showlegend=False,
            )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(
        autorange="reversed",
        tickmode="array",
        tickvals=at,
        ticktext=[_label(row) for row in words.itertuples()],
        zeroline=False,
    )
    if bound is not None:
        dashed_line(figure, bound, f"bound of luck {bound:.2f}", font_color=VERMILION, xanchor="right")
        dashed_line(figure, -bound, "")
    reach = 1.04 * max(bound or 0, words[["low", "high"]].abs().max(axis=None))
    figure.update_xaxes(
        title="← low end · correlation · high end →",
        range=[-reach, reach],
        zeroline=True,
        zerolinewidth=1.5,
        zerolinecolor=GREY,
    )
    return finished(
        figure,
        f"Words of both ends of {factor_title(factor, name, 40)}",
        height=110 + 21 * max(4, len(words)),
        label_room=LABEL_ROOM,
    )


def _about(row: Any) -> list[Any]:
    return [
        row.Index,
        short(row.word, 40),
        between(row.low, row.high),
        "exceeds the bound of luck" if row.certain else "may be luck",
        row.films,
        row.share,
    ]


def _label(row: Any) -> str:
    word = f"<i>{short(row.word)}</i>" if row.is_name else short(row.word)
    return f"<b>{word}</b>" if row.certain else word
