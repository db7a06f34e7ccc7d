"""The map of all films by two factors."""

import itertools
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import between
from core.figures.style import (
    BEHIND_TEXT,
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
LETTERS, LETTER, LINE, GAP = 14, 6.0, 13.0, 6.0
"""Characters of a label's line, and width of a character, height of a line and gap to the point in pixels."""
PLOT, EDGE = np.array([240.0, 420.0]), 16.0
"""Width and height between the outermost points on a telephone, and room around them, in pixels. Where labels cover
nothing there, they cover nothing on a larger screen."""
POINT = 3.0
"""What a label leaves free around a point, in pixels."""
SHARES = {"left": 0.0, "center": 0.5, "right": 1.0, "bottom": 0.0, "middle": 0.5, "top": 1.0}
"""Part of a label to the left of its point or below it, by its anchor."""
PHONE = 40
"""Characters of an axis' title that fit on one line of a telephone."""
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
    for label in _labels(points, rim, marked):
        film = points.iloc[label.row]
        figure.add_annotation(
            x=film.x,
            y=film.y,
            text=_wrapped(film.title),
            font_size=11,
            xanchor=label.x_anchor,
            yanchor=label.y_anchor,
            xshift=GAP * (1 - 2 * SHARES[label.x_anchor]),
            yshift=GAP * (1 - 2 * SHARES[label.y_anchor]),
            align=label.x_anchor,
            bgcolor=BEHIND_TEXT,
            borderpad=0,
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
    for row in map(int, np.flatnonzero(points.film_id == marked)):
        film = points.iloc[row]
        to_the_right, upwards = _beside_marked(points, row)
        figure.add_annotation(
            x=film.x,
            y=film.y,
            text=f"<b>{_wrapped(film.title)}</b>",
            font={"color": VERMILION, "size": 13},
            bgcolor=BEHIND_TEXT,
            borderpad=3,
            showarrow=True,
            arrowcolor=VERMILION,
            ax=to_the_right,
            ay=-upwards,
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


@dataclass(frozen=True)
class _Label:
    """The title of the film in a row; its anchors say which part of it is at the point."""

    row: int
    x_anchor: str
    y_anchor: str


def _labels(points: pd.DataFrame, rim: Iterable[int], marked: Any) -> list[_Label]:
    """Return the labels of the films in the rows `rim`; none covers a point, another label or that of `marked`."""
    if not len(points):
        return []
    at = points[["x", "y"]].to_numpy(dtype=np.float64)
    at = (at - at.min(axis=0)) / np.maximum(np.ptp(at, axis=0), 1e-9) * PLOT
    # Of each point and label, the lower left and the upper right corner.
    taken = np.stack([at - POINT, at + POINT], axis=1)
    for row in map(int, np.flatnonzero(points.film_id == marked)):
        middle, size = at[row] + _beside_marked(points, row), 1.2 * _size(points.title.iloc[row])
        taken = np.concatenate([taken, [[middle - size / 2, middle + size / 2]]])
    chosen: list[_Label] = []
    for row in rim:
        if points.film_id.iloc[row] == marked:
            continue
        size = _size(points.title.iloc[row])
        # First those that reach towards the middle.
        sides = ("left", "center", "right") if at[row, 0] < PLOT[0] / 2 else ("right", "center", "left")
        for x_anchor, y_anchor in itertools.product(sides, ("middle", "bottom", "top")):
            low = at[row] - size * (SHARES[x_anchor], SHARES[y_anchor])
            high = low + size
            covers = ((low < taken[:, 1]) & (taken[:, 0] < high)).all(axis=1)
            # It begins at its own point, which it would cover from the centre alone.
            covers[row] = x_anchor == "center" and y_anchor == "middle"
            if not covers.any() and (low >= -EDGE).all() and (high <= PLOT + EDGE).all():
                taken = np.concatenate([taken, [[low, high]]])
                chosen.append(_Label(row, x_anchor, y_anchor))
                break
        if len(chosen) == MOST_LABELS:
            break
    return chosen


def _size(title: str) -> np.ndarray:
    """Return the width and height of a label, with the gap to its point."""
    lines = _lines(title)
    return np.array([LETTER * max(map(len, lines), default=0), LINE * len(lines)]) + GAP


def _beside_marked(points: pd.DataFrame, row: int) -> tuple[float, float]:
    """Return how far to the right and up of its point the label of the marked film is, inside the chart."""
    film = points.iloc[row]
    return (50 if film.x < points.x.mean() else -50, 35 if film.y < points.y.mean() else -35)
