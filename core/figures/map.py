"""The map of all films by two factors."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import between
from core.figures.style import (
    FACTOR_COLOURS,
    GREY,
    LONGEST_LABEL,
    VERMILION,
    WHOLE,
    factor_title,
    finished,
    short,
    shortened,
)
from core.formatting import counted

MOST_POINTS = 3000
"""Most films on a map that is drawn as SVG; larger maps need WebGL, which old machines lack."""
CLEAR, MAYBE_NOTHING = 0.65, 0.15
"""Opacity of films, and of those whose intervals both hold zero. Points overlap, so they are fainter than bars."""
MOST_LABELS = 10
"""Films at the rim that bear their titles."""
LETTERS, LETTER, LINE = 20, 6.0, 13.0
"""Characters of a label's line, and width of a character and height of a line in pixels."""
WIDTH, HEIGHT = 330.0, 430.0
"""Size of the plot on a telephone in pixels, where labels must not overlap; elsewhere there is more room."""
PHONE = 40
"""Characters of an axis' title that fit on one line of a telephone."""
BEHIND_TEXT = "rgba(127, 127, 127, 0.15)"
"""Ground of a label, legible on points, on a light and a dark page."""
OTHER = "other"
"""The genre drawn in grey; it is that of `tables.factors.main_genres`."""


def factor_map(
    points: pd.DataFrame,
    factors: tuple[int, int],
    names: Mapping[int, str],
    marked: Any = None,
    rim: Iterable[int] = (),
) -> go.Figure:
    """Draw films by their weights on two factors, coloured by genre.

    `points` is from `tables.factors.on_map`, with `genre` from `main_genres`; `marked` is the id of a film to be
    marked. The films in the rows `rim` get their titles as far as there is room, the first ones first. Films whose
    intervals hold zero on both factors are faint. A click selects the film's id.
    """
    draw = go.Scatter if len(points) <= MOST_POINTS else go.Scattergl
    across, up = (factor_title(k, names.get(k, ""), WHOLE) for k in factors)
    hover = (
        f"<b>%{{customdata[1]}}</b><br>{across}: %{{x:.2f}}%{{customdata[3]}}"
        f"<br>{up}: %{{y:.2f}}%{{customdata[4]}}"
        "<br>%{customdata[2]:,} ratings<extra></extra>"
    )
    figure = go.Figure()
    for genre, colour in _colours(points.genre).items():
        part = points[points.genre == genre]
        figure.add_trace(
            draw(
                x=part.x,
                y=part.y,
                name=short(genre, 24),
                mode="markers",
                marker={
                    "color": colour,
                    "size": 7,
                    "opacity": [MAYBE_NOTHING if doubtful else CLEAR for doubtful in part.doubtful],
                },
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
            )
        )
    for row, x_anchor in _labels(points, rim, marked):
        film = points.iloc[row]
        figure.add_annotation(
            x=film.x,
            y=film.y,
            text=_wrapped(film.title),
            font_size=11,
            xanchor=x_anchor,
            xshift=6 if x_anchor == "left" else -6,
            align=x_anchor,
            bgcolor=BEHIND_TEXT,
            borderpad=1,
        )
    picked = points[points.film_id == marked]
    # Over its own point, which keeps its place among those that a click selects.
    figure.add_trace(
        draw(
            x=picked.x,
            y=picked.y,
            mode="markers",
            marker={"color": VERMILION, "size": 14, "symbol": "diamond-open", "line_width": 3},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    if len(picked):
        film = picked.iloc[0]
        figure.add_annotation(
            x=film.x,
            y=film.y,
            text=f"<b>{_wrapped(film.title)}</b>",
            font={"color": VERMILION, "size": 13},
            bgcolor=BEHIND_TEXT,
            borderpad=3,
            showarrow=True,
            arrowcolor=VERMILION,
            # Keep the label inside the chart.
            ax=50 if film.x < points.x.mean() else -50,
            ay=-35 if film.y < points.y.mean() else 35,
        )
    figure.update_xaxes(title="<br>".join(textwrap.wrap(across, PHONE)), zeroline=True, zerolinecolor=GREY)
    figure.update_yaxes(title="<br>".join(textwrap.wrap(up, PHONE)), zeroline=True, zerolinecolor=GREY)
    # Below the chart, since on a telephone it has many lines.
    below = {"yref": "container", "y": 0, "yanchor": "bottom", "itemsizing": "constant"}
    figure.update_layout(newselection_line_color=VERMILION, legend=below)
    return finished(figure, f"{counted(len(points), 'film')}, coloured by genre", height=730)


def _colours(genres: pd.Series) -> dict[str, str]:
    """Return the colour of each genre, the most common first and the other ones last."""
    order = [genre for genre in genres.value_counts().index if genre != OTHER]
    colours = dict(zip(sorted(order), FACTOR_COLOURS, strict=False))
    return {genre: colours.get(genre, GREY) for genre in [OTHER, *order[::-1]] if (genres == genre).any()}


def _wrapped(title: str) -> str:
    return "<br>".join(short(line, LETTERS) for line in _lines(title))


def _lines(title: str) -> list[str]:
    return textwrap.wrap(shortened(title, LONGEST_LABEL), LETTERS)


def _labels(points: pd.DataFrame, rim: Iterable[int], marked: Any) -> list[tuple[int, str]]:
    """Return the rows of the films that get a label, and on which side of it the point is; no labels overlap."""
    spans = [max(float(np.ptp(points[axis])), 1e-9) for axis in ("x", "y")] if len(points) else [1.0, 1.0]
    taken: list[tuple[float, float, float, float]] = []
    chosen: list[tuple[int, str]] = []
    for row in rim:
        film = points.iloc[row]
        lines = _lines(film.title)
        width, height = LETTER * max(map(len, lines), default=0) + 6, LINE * len(lines)
        x = WIDTH * (film.x - points.x.min()) / spans[0]
        y = HEIGHT * (film.y - points.y.min()) / spans[1]
        # Labels reach towards the middle, so that they stay inside.
        x_anchor = "left" if x < WIDTH / 2 else "right"
        left = x if x_anchor == "left" else x - width
        box = (left, y - height / 2, left + width, y + height / 2)
        free = all(
            box[2] < other[0] or box[0] > other[2] or box[3] < other[1] or box[1] > other[3]
            for other in taken
        )
        if free and film.film_id != marked:
            taken.append(box)
            chosen.append((row, x_anchor))
        if len(chosen) == MOST_LABELS:
            break
    return chosen
