"""A film's weights on all factors."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import bars, between
from core.figures.style import (
    GREY,
    error_bars,
    factor_colour,
    factor_title,
    finished,
    short,
)
from core.formatting import counted

MOST_TICKS = 12
"""Most numbers of factors below the bars, besides those of the top factors."""
REACH = 1.6
"""Limit of the axis, as a multiple of the largest weight; longer intervals are cut."""


def film_weights(film: pd.DataFrame, title: str, names: Mapping[int, str], unit: str) -> go.Figure:
    """Draw a film's weights, those of its top factors in colour; `film` is from `tables.factors.of_film`.

    The first of a bar's `customdata` is its factor.
    """
    figure = go.Figure()
    for is_top in (True, False):
        part = film[film.own == is_top]
        colour = [factor_colour(k) if is_top else GREY for k in part.factor]
        figure.add_bar(
            x=part.factor.astype(str),
            y=part.weight,
            marker=bars(part, colour),
            error_y=error_bars(part.weight, (part.low, part.high), GREY),
            customdata=[
                [row.factor, factor_title(row.factor, names.get(row.factor, "")), between(row.low, row.high)]
                for row in part.itertuples(index=False)
            ],
            hovertemplate="%{customdata[1]}: weight %{y:.2f}%{customdata[2]}<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(categoryorder="array", categoryarray=film.factor.astype(str).tolist())
    # Bold and below it "top", so that colour is not the only sign.
    every = -(-len(film) // MOST_TICKS)
    ticks = [
        (str(k), f"<b>{k}</b><br>top" if is_top else str(k))
        for k, is_top in zip(film.factor, film.own, strict=True)
        if is_top or k % every == 0
    ]
    figure.update_xaxes(
        title="factor",
        type="category",
        tickmode="array",
        tickangle=0,
        tickvals=[value for value, _ in ticks],
        ticktext=[text for _, text in ticks],
    )
    # One very long interval would flatten all bars, so it is cut by the edge of the chart.
    reach = REACH * max(1.0, float(film.weight.abs().max()))
    lowest, highest = film[["low", "weight"]].min(axis=None), film[["high", "weight"]].max(axis=None)
    figure.update_yaxes(
        title=unit, range=[max(-reach, 1.1 * min(0.0, lowest)), min(reach, 1.1 * max(0.0, highest))]
    )
    return finished(figure, f"Weights of {short(title, 50)} on {counted(len(film), 'factor')}")
