"""The histograms: a panel a film, in how many of its reviews each factor is predicted."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.figures.panels import Bar, Panel, factors_in, panels, ticks
from core.figures.style import OTHER, PALE, factor_colour, short, titled

ROW, GAP, EDGES = 180, 70, 90
"""Pixels of a row of panels, of what of it stands between two rows, and of the margins above and below."""


def histogram_grid(
    counts: pd.DataFrame,
    tops: pd.DataFrame,
    columns: int = 4,
    held_out: Collection[Any] = (),
    names: Mapping[int, str] | None = None,
    shares: bool = False,
) -> go.Figure:
    """Draw a panel a film: in how many of its reviews each factor is predicted, or with `shares` in how many %.

    `counts` is a table of frequencies of at most PANELS films. A bar has its factor's colour; those of the film's
    own top factors (`tops`) are full and their number is bold, the others pale and hatched. Films in `held_out`
    (ids) are marked. All panels share both axes, so they compare. `customdata` of a point: film_id, factor.
    """
    drawn, top = panels(counts, tops, held_out, shares)
    columns = min(columns, max(1, len(drawn)))
    rows = max(1, math.ceil(len(drawn) / columns))
    factors = factors_in(counts)
    # Plotly's name for the first axis has no number.
    places = [str(i + 1) if i else "" for i in range(len(drawn))]
    across = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": [str(k) for k in factors],
        "range": [-0.6, len(factors) - 0.4],
        "tickmode": "array",
        "tickvals": [str(k) for k in ticks(factors)],
        "tickangle": 0,
        "tickfont": {"size": 9},
        "fixedrange": True,
        "showgrid": False,
    }
    up: dict[str, Any] = {"range": [0, top], "tickfont": {"size": 9}, "nticks": 4, "fixedrange": True}
    if shares:
        up |= {"tickmode": "array", "tickvals": [0, 50, 100]}
    layout: dict[str, Any] = {
        # Spelt out, since make_subplots takes half a second for it.
        "grid": {"rows": rows, "columns": columns, "pattern": "independent", "xgap": 0.08, "ygap": GAP / ROW},
        "annotations": [_head(panel, place) for place, panel in zip(places, drawn, strict=True)],
        "height": EDGES + ROW * rows,
        "margin": {"l": 50, "r": 5, "t": 50, "b": EDGES - 50},
        "bargap": 0.1,
        "dragmode": False,
        "showlegend": False,
        "hovermode": "closest",
    }
    for i, place in enumerate(places):
        first, last = i % columns == 0, i >= len(drawn) - columns
        unit = "% of reviews" if shares else "reviews"
        layout[f"xaxis{place}"] = across | ({"title": _title("factor", 2)} if last else {})
        layout[f"yaxis{place}"] = up | ({"title": _title(unit, 8)} if first else {"showticklabels": False})
    traces = [
        trace | {"xaxis": f"x{place}", "yaxis": f"y{place}"}
        for place, panel in zip(places, drawn, strict=True)
        for trace in _traces(panel, names or {}, shares)
    ]
    return go.Figure(traces, layout)


def _title(text: str, away: int) -> dict[str, Any]:
    return {"text": text, "font": {"size": 10}, "standoff": away}


def _head(panel: Panel, place: str) -> dict[str, Any]:
    return {
        "text": f'<b>{short(panel.title)}</b><br><span style="font-size: 11px">{panel.said}</span>',
        "font": {"size": 12},
        "xref": f"x{place} domain",
        "yref": f"y{place} domain",
        "x": 0.5,
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
    }


def _traces(panel: Panel, names: Mapping[int, str], shares: bool) -> list[dict[str, Any]]:
    """Give the panel's bars, their numbers, and lines to those that stand high above their bar."""
    unit = "review" if panel.reviews == 1 else "reviews"
    said = f"%{{customdata[2]}}: %{{customdata[3]}} of {panel.reviews:,} {unit}"
    bars: dict[str, Any] = {
        "type": "bar",
        "x": [str(bar.factor) for bar in panel.bars],
        "y": [bar.height for bar in panel.bars],
        "marker": {
            "color": [factor_colour(bar.factor) for bar in panel.bars],
            "opacity": [1 if bar.own else PALE for bar in panel.bars],
            "line": {"width": 0},
            "pattern": {
                "shape": ["" if bar.own else "/" for bar in panel.bars],
                "fgopacity": 0.5,
                "fillmode": "overlay",
                "size": 5,
            },
        },
        "customdata": _customdata(panel, panel.bars, names),
        "hovertemplate": f"{said}{' (%{y:.0f} %)' if shares else ''}<br>%{{customdata[4]}}<extra></extra>",
    }
    lifted = [(str(bar.factor), bar.height, at) for bar, at in panel.numbers if at > bar.height]
    lines = {
        "type": "scatter",
        "mode": "lines",
        "x": [at for factor, _, _ in lifted for at in (factor, factor, None)],
        "y": [at for _, low, high in lifted for at in (low, high, None)],
        "line": {"color": OTHER, "width": 1},
        "hoverinfo": "skip",
    }
    there = [number for number in panel.numbers if number[0].predicted]
    none = [number for number in panel.numbers if not number[0].predicted]
    # A bar of no height cannot be pointed at, so there its number can.
    pointed = {
        "customdata": _customdata(panel, [bar for bar, _ in none], names),
        "hovertemplate": f"{said}<br>%{{customdata[4]}}<extra></extra>",
    }
    drawn = ((panel.bars, bars), (lifted, lines), (there, _written(there) | {"hoverinfo": "skip"}))
    return [trace for some, trace in (*drawn, (none, _written(none) | pointed)) if some]


def _written(numbers: list[tuple[Bar, float]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [str(bar.factor) for bar, _ in numbers],
        "y": [at for _, at in numbers],
        "text": [f"<b>{bar.factor}</b>" if bar.own else f"{bar.factor}" for bar, _ in numbers],
        "textposition": "top center",
        "textfont": {"size": 9},
        "cliponaxis": False,
    }


def _customdata(panel: Panel, bars: list[Bar], names: Mapping[int, str]) -> list[list[Any]]:
    return [
        [
            str(panel.film_id),
            bar.factor,
            titled(bar.factor, names.get(bar.factor, "")),
            bar.predicted,
            "one of the film's top factors" if bar.own else "not one of its top factors",
        ]
        for bar in bars
    ]
