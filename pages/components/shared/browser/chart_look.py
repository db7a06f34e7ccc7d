"""The look of charts on a page, written into each figure, so that Plotly draws it once.

Streamlit hands each new chart to Plotly twice. With its theme it adds a template, and as that is a copy, Plotly draws
everything anew.
Colours of texts follow the light or dark page by look.css, which knows them by `TEXT`.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.style import LOOK

TEXT = "rgb(117, 117, 117)"
"""Colour of a text without one of its own, for which look.css has that of the page. It is what a saved picture has,
where nothing is behind it: on white as on black, its contrast is 4.5 to 1 at least."""
LINES = "rgba(140, 140, 140, 0.25)"
"""Colour of grid lines, on the light page as on the dark one."""
CLEAR = "rgba(0, 0, 0, 0)"
SMALL, MIDDLE, LARGE = 12, 14, 16
"""Sizes of text in pixels: in a chart, beside an axis, and of a title."""
FONT = {"family": '"Source Sans", sans-serif', "size": SMALL, "color": TEXT}
LAYOUT: dict[str, Any] = LOOK["layout"] | {
    # Arrays that are copies count as the same. Streamlit replaces a chart whose figure has changed.
    "datarevision": 1,
    "font": FONT,
    "hoverlabel": {"bordercolor": LINES, "font": FONT},
    "margin": {"pad": 8, "l": 0, "r": 0},
    "modebar": {"bgcolor": CLEAR, "color": TEXT},
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
    "title": {"x": 0, "xanchor": "left", "pad": {"l": 4}, "font": {"size": LARGE, "weight": 700}},
}
AXIS: dict[str, Any] = {
    "automargin": True,
    "gridcolor": LINES,
    "zerolinecolor": LINES,
    "title": {"font": {"size": MIDDLE}},
}
ACROSS = AXIS | {"showgrid": False, "zeroline": False, "title": AXIS["title"] | {"standoff": 20}}
UP = AXIS | {"title": AXIS["title"] | {"standoff": 24}}
PICKED = {"clickmode": "event+select", "hovermode": "closest"}
"""What Streamlit sets where points can be picked, and would have the chart drawn again for."""


def dressed(figure: go.Figure, is_picked: bool = False) -> go.Figure:
    """Give a figure the look of the page wherever it has none of its own, and return it.

    `is_picked` says whether its points can be picked.
    """
    # What a figure is sent as. By its properties, plotly checks each part anew, which takes longer than to draw it.
    layout, traces = figure._layout, figure._data
    # Streamlit's, where it was imported after the figures.
    layout.pop("template", None)
    _complete(layout, LAYOUT | (PICKED if is_picked else {}))
    if is_picked:
        layout["dragmode"] = layout.get("dragmode") or "pan"
    for name in sorted({"xaxis", "yaxis", *(key for key in layout if key.startswith(("xaxis", "yaxis")))}):
        _complete(layout.setdefault(name, {}), ACROSS if name.startswith("x") else UP)
    for note in layout.get("annotations", ()):
        _complete(note, LOOK["annotation"])
    for trace in traces:
        _as_lists(trace)
        if trace["type"] == "bar":
            _complete(trace, LOOK["bar"])
    return figure


def _as_lists(part: dict[str, Any]) -> None:
    """Replace the arrays of a part of a figure by lists: plotly packs arrays, and those always count as changed."""
    for name, value in part.items():
        if isinstance(value, dict):
            _as_lists(value)
        elif isinstance(value, np.ndarray):
            part[name] = value.tolist()


def _complete(part: dict[str, Any], look: dict[str, Any]) -> None:
    """Add to a part of a figure what it lacks of a look."""
    for name, value in look.items():
        if isinstance(value, dict):
            _complete(part.setdefault(name, {}), value)
        elif part.get(name) is None:
            part[name] = value
