"""Bars of weights, drawn alike in all charts, the text of their intervals, and rows of labelled bars."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import FAINT, GREY, PALE, dashed_line, error_bars, short
from core.formatting import interval

LINE_HEIGHT, BAR, GAP = 17, 9, 9
"""Height of a line of text, of a bar and of the gap between rows, in pixels."""
CHARACTERS = 40
"""Most characters of a label's line, so that it fits on a telephone."""


@dataclass(frozen=True)
class Row:
    """A bar with its label above it."""

    key: Any
    """What a click on the row selects."""
    label: str
    """Untrusted text; wrapped, never cut."""
    value: float
    low: float
    high: float
    hover: Sequence[str]
    """Lines of text, escaped by the caller."""
    doubtful: bool = False
    """Drawn faint and hatched."""
    style: str = "{}"
    """HTML around each line of the label."""
    marked: bool = False
    """Drawn with an outline."""


def bars(table: pd.DataFrame, colour: str | list[str]) -> dict[str, Any]:
    """Return bars in one colour, or one each: pale under intervals, faint and hatched if these hold zero."""
    sure = 1.0 if table.low.isna().all() else PALE
    return {
        "color": colour,
        "opacity": [FAINT if doubtful else sure for doubtful in table.doubtful],
        "pattern": {
            "shape": ["/" if doubtful else "" for doubtful in table.doubtful],
            "fgopacity": 0.6,
        },
    }


def between(low: float, high: float) -> str:
    """Return the text of an interval; empty if there is none.

    >>> between(-0.5, 1.25)
    ' (95% interval -0.50 to 1.25)'
    """
    return "" if np.isnan(low) else f" ({interval((low, high), 'z.2f')})"


def labelled_rows(
    rows: Sequence[Row], colour: str, reach: float, downwards: bool = False, bound: float | None = None
) -> go.Figure:
    """Draw rows: a label and its number, and below them a bar from zero to the right.

    `reach` is the length of the axis, the same for charts that stand side by side. With `downwards`, values below
    zero reach to the right. A dashed line marks a `bound` of luck. The whole row answers a click: the first of its
    `customdata` is the key. Charts that stand side by side share all parameters but the rows, so these are no object.
    """
    sign = -1.0 if downwards else 1.0
    labels = [textwrap.wrap(" ".join(row.label.split()), CHARACTERS) or [""] for row in rows]
    heights = [LINE_HEIGHT * len(lines) + BAR + GAP for lines in labels]
    tops = np.cumsum([0, *heights])
    table = pd.DataFrame(
        [(sign * r.value, *sorted((sign * r.low, sign * r.high)), r.doubtful) for r in rows],
        columns=["value", "low", "high", "doubtful"],
        dtype=np.float64,
    )
    least = min(0.0, float(table.value.min()) if len(table) else 0.0)
    middles = tops[:-1] + np.array([LINE_HEIGHT * len(lines) for lines in labels]) + BAR / 2
    marker = bars(table, colour)
    marker["line"] = {"width": [3 if row.marked else 0 for row in rows], "color": GREY}
    weights = {
        "type": "bar",
        "x": table.value,
        "y": middles,
        "width": BAR,
        "orientation": "h",
        "marker": marker,
        "error_x": error_bars(table.value, (table.low, table.high), colour, thickness=1.5),
        # A click would otherwise fade all bars, which means something else here.
        "unselected": {"marker": {"opacity": PALE}},
        "hoverinfo": "skip",
    }
    # Invisible: the label and the rest of the row answer the pointer too.
    kept = {"marker": {"opacity": 0}}
    whole_rows = {
        "type": "bar",
        "x": [reach - least] * len(rows),
        "base": [least] * len(rows),
        "y": (tops[:-1] + tops[1:]) / 2,
        "width": heights,
        "orientation": "h",
        "marker": {"opacity": 0, "pattern": {"shape": ""}},
        "selected": kept,
        "unselected": kept,
        "customdata": [[row.key, "<br>".join(row.hover)] for row in rows],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }
    annotations: list[dict[str, Any]] = []
    for row, lines, top in zip(rows, labels, tops, strict=False):
        text = "<br>".join(row.style.format(short(line, CHARACTERS)) for line in lines)
        common = {"y": top, "yanchor": "top", "xref": "paper", "borderpad": 0}
        annotations.append(common | {"x": 0, "xanchor": "left", "align": "left", "text": text})
        annotations.append(common | {"x": 1, "xanchor": "right", "text": f"{row.value:+z.2f}"})
    # All at once: plotly checks everything anew with each part that is added.
    return go.Figure(
        [weights, whole_rows],
        {
            "annotations": annotations,
            "shapes": [] if bound is None else [dashed_line(bound)],
            "showlegend": False,
            "barmode": "overlay",
            "dragmode": "pan",
            "height": int(tops[-1]) + 10,
            "margin": {"l": 10, "r": 10, "t": 4, "b": 4},
            "xaxis": {"visible": False, "range": [1.04 * least, reach], "fixedrange": True},
            "yaxis": {"visible": False, "range": [tops[-1], 0], "fixedrange": True},
        },
    )
