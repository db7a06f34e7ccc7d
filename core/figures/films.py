"""A film's weights on all factors, and the map of all films by two factors."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import bars, between
from core.figures.style import (
    BLUE,
    GREY,
    PALE,
    VERMILION,
    error_bars,
    factor_colour,
    factor_title,
    finished,
    short,
)
from core.formatting import counted

MOST_POINTS = 3000
"""Most films on a map that is drawn as SVG; larger maps need WebGL, which old machines lack."""
MAYBE_NOTHING = 0.15
"""Opacity of films on a map whose intervals both hold zero. Points overlap, so they are fainter than bars."""
REACH = 1.6
"""Limit of the axis, as a multiple of the largest weight; longer intervals are cut."""


def film_weights(film: pd.DataFrame, title: str, names: Mapping[int, str], unit: str) -> go.Figure:
    """Draw a film's weights, those of its top factors in colour; `film` is from `factor_tables.of_film`."""
    figure = go.Figure()
    for is_top in (True, False):
        part = film[film.own == is_top]
        colour = [factor_colour(k) if is_top else GREY for k in part.factor]
        figure.add_bar(
            x=part.factor.astype(str),
            y=part.weight,
            marker=bars(part, colour),
            # So that colour is not the only sign.
            text="top" if is_top else "",
            textposition="outside",
            cliponaxis=False,
            error_y=error_bars(part.weight, (part.low, part.high), GREY),
            customdata=[
                [factor_title(row.factor, names.get(row.factor, "")), between(row.low, row.high)]
                for row in part.itertuples(index=False)
            ],
            hovertemplate="%{customdata[0]}: weight %{y:.2f}%{customdata[1]}<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(categoryorder="array", categoryarray=film.factor.astype(str).tolist())
    figure.update_xaxes(title="factor", type="category", nticks=25)
    # One very long interval would flatten all bars, so it is cut by the edge of the chart.
    reach = REACH * max(1.0, float(film.weight.abs().max()))
    lowest, highest = film[["low", "weight"]].min(axis=None), film[["high", "weight"]].max(axis=None)
    figure.update_yaxes(
        title=unit, range=[max(-reach, 1.1 * min(0.0, lowest)), min(reach, 1.1 * max(0.0, highest))]
    )
    return finished(figure, f"Weights of {short(title, 50)} on {counted(len(film), 'factor')}")


def factor_map(
    points: pd.DataFrame,
    factors: tuple[int, int],
    names: Mapping[int, str],
    unit: str,
    marked: Any = None,
) -> go.Figure:
    """Draw films by their weights on two factors.

    `points` is from `factor_tables.on_map`; `marked` is the id of a film to be marked. Films whose intervals
    hold zero on both factors are faint.
    """
    draw = go.Scatter if len(points) <= MOST_POINTS else go.Scattergl
    across, up = (factor_title(k, names.get(k, ""), 30) for k in factors)
    hover = (
        f"<b>%{{customdata[1]}}</b><br>{across}: %{{x:.2f}}%{{customdata[3]}}"
        f"<br>{up}: %{{y:.2f}}%{{customdata[4]}}"
        "<br>%{customdata[2]:,} ratings<extra></extra>"
    )
    figure = go.Figure()
    for part, marker, sure, doubtful in (
        (points[points.film_id != marked], {"color": BLUE, "size": 7}, PALE, MAYBE_NOTHING),
        (points[points.film_id == marked], {"color": VERMILION, "size": 14, "symbol": "diamond"}, 1.0, PALE),
    ):
        figure.add_trace(
            draw(
                x=part.x,
                y=part.y,
                mode="markers",
                marker=marker | {"opacity": [doubtful if d else sure for d in part.doubtful]},
                customdata=[
                    [
                        row.film_id,
                        short(row.title, 80),
                        row.ratings,
                        between(row.x_low, row.x_high),
                        between(row.y_low, row.y_high),
                    ]
                    for row in part.itertuples(index=False)
                ],
                hovertemplate=hover,
                showlegend=False,
            )
        )
        if part.film_id.eq(marked).any():
            x, y = part.x.iloc[0], part.y.iloc[0]
            figure.add_annotation(
                x=x,
                y=y,
                text=f"<b>{short(part.title.iloc[0], 40)}</b>",
                font={"color": VERMILION, "size": 13},
                # Legible on other points, on a light and a dark page.
                bgcolor="rgba(127, 127, 127, 0.25)",
                borderpad=3,
                showarrow=True,
                arrowcolor=VERMILION,
                # Keep the label inside the chart.
                ax=50 if x < points.x.mean() else -50,
                ay=-35 if y < points.y.mean() else 35,
            )
    figure.update_xaxes(title=across, zeroline=True, zerolinecolor=GREY)
    figure.update_yaxes(title=up, zeroline=True, zerolinecolor=GREY)
    figure.update_layout(dragmode="select", newselection_line_color=VERMILION)
    return finished(figure, f"{len(points):,} films by {unit}", height=580)
