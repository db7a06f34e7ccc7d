"""Probabilities predicted from reviews, with base rates, and an unrated film's weights among rated films."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import (
    BEHIND_TEXT,
    GREY,
    PALE,
    VERMILION,
    WHOLE,
    error_bars,
    factor_colour,
    factor_title,
    finished,
    short,
)
from core.formatting import interval
from core.meaning.suggested_names import high_end

STRIP = 0.7
"""Height of the tallest column of a factor's strip, in rows of the chart."""
STRIP_OPACITY = 0.35
HIGH_END, NOTE = 26, 33
"""Most characters of what a factor's name says of its high end, and of the note below."""
ROW, HEAD = 56, 110
"""Pixels of a row with a strip, and of the margins around all rows."""
LEAST_EXPLAINED = 0.005
"""Least explained variance for a weight to be drawn: it is 1% when rounded."""
BEYOND = 1.15
"""Limit of the axis, as a multiple of the rated films' extreme weights; longer intervals are cut."""


def probabilities_against_base(
    table: pd.DataFrame, names: Mapping[int, str], notes: Mapping[int, str], reviews: int = 1
) -> go.Figure:
    """Draw each label's probability as a bar in its colour, and its base rate as a mark.

    Below a factor's number and name stands its note, such as its verdict and words of its high end.
    `table` has factor, probability and base_rate. For one review, it also has threshold, drawn as a mark, and
    predicted: bars that reach the threshold are full, the others pale and hatched. For several reviews, the
    probability is a mean, with low and high, the ends of its interval, and bars that are `clear` of the base
    rate are full.
    """
    labels = [_title_and_note(k, names.get(k, ""), notes.get(k, "")) for k in table.factor]
    titles = [factor_title(k, names.get(k, ""), WHOLE) for k in table.factor]
    full = table.predicted if reviews == 1 else table.clear
    figure = go.Figure()
    figure.add_bar(
        x=table.probability * 100,
        y=labels,
        orientation="h",
        marker={
            "color": [factor_colour(k) for k in table.factor],
            "opacity": [1 if whole else PALE for whole in full],
            "pattern": {"shape": ["" if whole else "/" for whole in full]},
        },
        error_x=None
        if reviews == 1
        else error_bars(table.probability * 100, (table.low * 100, table.high * 100), GREY, width=4),
        name="probability for this review" if reviews == 1 else f"mean of {reviews:,} reviews, 95% interval",
        # Its legend entry would have the colour of one factor.
        showlegend=False,
        hovertext=titles,
        hovertemplate="%{hovertext}: %{x:.1f}%<extra></extra>",
    )
    figure.add_scatter(
        x=table.base_rate * 100,
        y=labels,
        mode="markers",
        # A halo, for the mark to stand out from a bar of like colour.
        marker={"symbol": "line-ns-open", "size": 24, "color": "rgba(255, 255, 255, 0.8)", "line_width": 8},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=table.base_rate * 100,
        y=labels,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 22, "color": VERMILION, "line_width": 3},
        name="base rate",
        hovertext=titles,
        hovertemplate="%{hovertext}: base rate %{x:.1f}%<extra></extra>",
    )
    if reviews == 1:
        figure.add_scatter(
            x=table.threshold * 100,
            y=labels,
            mode="markers",
            marker={"symbol": "diamond-open", "size": 9, "color": GREY, "line_width": 2},
            name="threshold",
            hovertext=titles,
            hovertemplate="%{hovertext}: predicted from %{x:.1f}% on<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(
        title="probability (%)" if reviews == 1 else f"mean probability (%)<br>n = {reviews:,} reviews",
        range=[0, 100],
    )
    return finished(figure, "", height=120 + (40 if notes else 26) * len(table))


def _title_and_note(factor: int, name: str, note: str) -> str:
    title = factor_title(factor, high_end(name), HIGH_END)
    return f"{title}<br><span style='font-size:11px'>{short(note, NOTE)}</span>" if note else title


def placed_on_factors(
    placed: pd.DataFrame, strips: Mapping[int, pd.DataFrame], names: Mapping[int, str], unit: str
) -> go.Figure:
    """Draw, one row per factor, the rated films' weights as a strip, and a film's weight with its interval.

    `placed` has factor, value, low, high and told (the share of the variance that reviews explain); `strips`
    has, by factor, the histogram of the rated films: low, high, films. If reviews explain nothing, a text
    replaces the weight.
    """
    figure = go.Figure()
    rows = np.arange(len(placed))
    explained = placed.told.to_numpy() >= LEAST_EXPLAINED
    for row, factor in zip(rows, placed.factor, strict=True):
        x, y = _outline(strips[factor])
        figure.add_scatter(
            x=x,
            # The axis points down, and columns grow up.
            y=row + STRIP / 2 - STRIP * y,
            mode="lines",
            fill="toself",
            line={"width": 0},
            fillcolor=factor_colour(factor),
            opacity=STRIP_OPACITY,
            hoverinfo="skip",
            showlegend=False,
        )
    drawn = placed[explained]
    colours = [factor_colour(k) for k in drawn.factor]
    for at, row, colour in zip(rows[explained], drawn.itertuples(index=False), colours, strict=True):
        figure.add_scatter(
            x=[row.low, row.high],
            y=[at, at],
            mode="lines",
            line={"color": colour, "width": 3},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=drawn.value,
        y=rows[explained],
        mode="markers",
        marker={"symbol": "diamond", "size": 14, "color": colours, "line": {"color": "white", "width": 1.5}},
        customdata=[
            [
                factor_title(row.factor, names.get(row.factor, ""), 60),
                f"{row.value:+z.2f}",
                interval((row.low, row.high), "+z.2f"),
                row.told * 100,
            ]
            for row in drawn.itertuples(index=False)
        ],
        hovertemplate=(
            "%{customdata[0]}: weight %{customdata[1]}<br>%{customdata[2]}<br>"
            "reviews explain %{customdata[3]:.0f}% of its variance<extra></extra>"
        ),
        showlegend=False,
    )
    for row in rows[~explained]:
        figure.add_annotation(
            x=0.5,
            xref="paper",
            y=row,
            text="no better than the average film",
            font_size=12,
            bgcolor=BEHIND_TEXT,
            borderpad=3,
        )
    ends = [(strip.low.iloc[0], strip.high.iloc[-1]) for strip in strips.values()]
    lowest, highest = BEYOND * min(end[0] for end in ends), BEYOND * max(end[1] for end in ends)
    figure.update_xaxes(title=unit, zeroline=True, zerolinecolor=GREY, range=[lowest, highest])
    figure.update_yaxes(
        range=[len(placed) - 0.45, -0.55],
        tickmode="array",
        tickvals=rows,
        ticktext=[
            f"{factor_title(row.factor, high_end(names.get(row.factor, '')), HIGH_END)}<br>"
            f"<span style='font-size:11px'>explained {max(0.0, row.told):.0%}</span>"
            for row in placed.itertuples(index=False)
        ],
        zeroline=False,
        showgrid=False,
    )
    films = int(strips[placed.factor.iloc[0]].films.sum())
    return finished(figure, f"This film among {films:,} rated films", height=HEAD + ROW * len(placed))


def _outline(strip: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the outline of a histogram whose tallest column is 1 high.

    >>> _outline(pd.DataFrame({"low": [0.0, 1.0], "high": [1.0, 2.0], "films": [1, 2]}))[1].tolist()
    [0.0, 0.5, 0.5, 1.0, 1.0, 0.0]
    """
    edges = np.append(strip.low.to_numpy(), strip.high.iloc[-1])
    heights = np.repeat(strip.films.to_numpy() / strip.films.max(), 2)
    return np.repeat(edges, 2), np.concatenate([[0.0], heights, [0.0]])
