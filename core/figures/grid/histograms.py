"""The histograms, one panel per film: in how many of its reviews each factor is predicted.

All panels are in one pair of axes, each shifted to its place: a browser draws this in less than half the time
that it needs for a pair of axes per panel. So the axes' tick labels and lines are drawn here too.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import plotly.graph_objects as go

from core.figures.grid.panels import OTHER, Bar, Histograms, Panel, heights, panels
from core.figures.style import GREY, PALE, WHOLE, factor_colour, factor_title, short
from core.formatting import counted

ROW, PLOT, ABOVE, BELOW = 180, 110, 50, 40
"""Heights in pixels of a row of panels, of its bars, and of the margins above and below all rows."""
BETWEEN = 0.08
"""Gap between two panels, as a share of a panel's width."""
LINES = "rgba(140, 140, 140, 0.3)"
"""Colour of the grid lines."""
UNREAD = "rgba(140, 140, 140, 0.08)"
"""Colour of a bar whose reviews are not read yet, within its outline."""
BOLD, NORMAL = 700, 400
"""Weights of numbers."""
DIM = 0.4
"""Opacity of bars of films with few reviews, as a share of the usual one."""


class Placed(NamedTuple):
    """A panel and the coordinates of its lower left corner."""

    panel: Panel
    x: float
    y: float


def histogram_grid(histograms: Histograms, columns: int = 4) -> go.Figure:
    """Draw one panel per film: in how many of its reviews, or what share of them, each factor is predicted.

    A bar has its factor's colour; bars of the film's top factors are full, the others pale and hatched; those of
    films with few reviews are dimmed. All panels have the same scale. Factors are numbered below each panel, the
    film's top factors in bold; a legend has to name them. `customdata` of a point begin with
    film_id and factor, which is OTHER for the bar of all factors without one of their own.
    """
    page = panels(histograms)
    drawn, top, places, shares = page.panels, page.top, page.places, histograms.shares
    columns = min(columns, max(1, len(drawn)))
    rows = max(1, math.ceil(len(drawn) / columns))
    wide, high = places * (1 + BETWEEN) + 0.8, top * ROW / PLOT
    placed = [Placed(panel, wide * (i % columns), -high * (i // columns)) for i, panel in enumerate(drawn)]
    at = heights(top, shares)
    traces = [
        _lines(placed, at, places),
        _bars(placed, histograms),
        _numbers(placed, top / PLOT),
        # A pointer cannot hit a bar of height zero, so a dash in its place shows the hover text.
        _absent(placed) | _hover(placed, replace(histograms, shares=False), _has_no_height),
    ]
    axis: dict[str, Any] = {"fixedrange": True, "showgrid": False, "zeroline": False}
    layout: dict[str, Any] = {
        "xaxis": axis
        | {
            "range": [-0.8, wide * columns - places * BETWEEN - 1.2],
            "showticklabels": False,
            "title": _title("factor", 4),
        },
        "yaxis": axis
        | {
            "range": [-high * (rows - 1) - top * 14 / PLOT, top],
            "tickmode": "array",
            "tickvals": [-high * row + height for row in range(rows) for height in at],
            "ticktext": [f"{height:g}" for _ in range(rows) for height in at],
            "tickfont": {"size": 9},
            "title": _title("% of reviews" if shares else "reviews", 4),
        },
        "annotations": [_head(place, top, places) for place in placed],
        "height": ABOVE + ROW * rows - (ROW - PLOT) + 14 + BELOW,
        "margin": {"l": 45, "r": 5, "t": ABOVE, "b": BELOW},
        "barmode": "overlay",
        "dragmode": False,
        "showlegend": False,
        "hovermode": "closest",
    }
    return go.Figure(traces, layout)


def _title(text: str, away: int) -> dict[str, Any]:
    return {"text": text, "font": {"size": 10}, "standoff": away}


def _head(place: Placed, top: float, places: float) -> dict[str, Any]:
    panel = place.panel
    return {
        "text": f'<b>{short(panel.title)}</b><br><span style="font-size: 11px">{panel.subtitle}</span>',
        "font": {"size": 12} | ({"color": GREY} if panel.has_few_reviews else {}),
        "x": place.x + (places - 1) / 2,
        "y": place.y + top,
        "yanchor": "bottom",
    }


def _lines(placed: list[Placed], at: list[float], places: float) -> dict[str, Any]:
    """Return the grid lines at the given heights."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for place in placed for _ in at for x in (place.x - 0.6, place.x + places - 0.4, None)],
        "y": [y for place in placed for height in at for y in (place.y + height,) * 2 + (None,)],
        "line": {"color": LINES, "width": 1},
        "hoverinfo": "skip",
    }


def _bars(placed: list[Placed], histograms: Histograms) -> dict[str, Any]:
    bars = [(place, bar) for place in placed for bar in place.panel.bars]
    return {
        "type": "bar",
        "x": [place.x + bar.at for place, bar in bars],
        "y": [bar.height for _, bar in bars],
        "base": [place.y for place, _ in bars],
        "width": 0.9,
        "marker": {
            "color": [_colour(bar.factor) for _, bar in bars],
            "opacity": [
                (1 if bar.is_top else PALE) * (DIM if place.panel.has_few_reviews else 1)
                for place, bar in bars
            ],
            "line": {"width": 0},
            "pattern": {"shape": ["" if bar.is_top else "/" for _, bar in bars], "size": 5},
        }
        if histograms.is_read
        else {"color": UNREAD, "line": {"width": 1.5, "color": [_colour(bar.factor) for _, bar in bars]}},
    } | _hover(placed, histograms, lambda bar: True)


def _hover(placed: list[Placed], histograms: Histograms, which: Callable[[Bar], bool]) -> dict[str, Any]:
    """Return the hover data of the bars that `which` selects: film_id, factor, its name, and a sentence."""
    verdicts = histograms.verdicts
    return {
        "customdata": [
            [
                str(place.panel.film_id),
                bar.factor,
                _title_of(place.panel, bar, histograms.names)
                + (f" · {verdicts[bar.factor]}" if verdicts and bar.factor != OTHER else ""),
                _count(place.panel, bar, histograms),
                "one of the film's top factors" if bar.is_top else "not one of its top factors",
            ]
            for place in placed
            for bar in place.panel.bars
            if which(bar)
        ],
        "hovertemplate": "%{customdata[2]}: %{customdata[3]}<br>%{customdata[4]}<extra></extra>",
    }


def _title_of(panel: Panel, bar: Bar, names: Mapping[int, str]) -> str:
    if bar.factor == OTHER:
        return f"{panel.others:,} other factors, summed"
    return factor_title(bar.factor, names.get(bar.factor, ""), WHOLE)


def _count(panel: Panel, bar: Bar, histograms: Histograms) -> str:
    if not histograms.is_read:
        return f"its {counted(panel.reviews, 'review')} not read yet"
    if bar.factor == OTHER:
        return f"{counted(bar.predicted, 'prediction')} in {counted(panel.reviews, 'review')}"
    share = f" ({bar.height:.0f}%)" if histograms.shares else ""
    return f"{bar.predicted:,} of {counted(panel.reviews, 'review')}{share}"


def _colour(factor: int) -> str:
    return GREY if factor == OTHER else factor_colour(factor)


def _has_no_height(bar: Bar) -> bool:
    return bar.height == 0


def _absent(placed: list[Placed]) -> dict[str, Any]:
    """Return a dash for each top factor that no review is predicted to carry."""
    absent = [(place, bar) for place in placed for bar in filter(_has_no_height, place.panel.bars)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place.x + bar.at for place, bar in absent],
        "y": [place.y for place, _ in absent],
        "marker": {
            "symbol": "line-ew",
            "size": 9,
            "line": {"width": 3, "color": [_colour(bar.factor) for _, bar in absent]},
        },
    }


def _numbers(placed: list[Placed], pixel: float) -> dict[str, Any]:
    """Return the factors' numbers below each panel; `pixel` is the height of one."""
    ticks = [(place, tick) for place in placed for tick in place.panel.ticks]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [place.x + tick.at for place, tick in ticks],
        "y": [place.y - 2 * pixel for place, _ in ticks],
        "text": [tick.text for _, tick in ticks],
        "textposition": "bottom center",
        # A weight costs a browser less than markup, which it would read number by number.
        "textfont": {"size": 9, "weight": [BOLD if tick.is_top else NORMAL for _, tick in ticks]},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
