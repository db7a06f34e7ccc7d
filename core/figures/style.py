"""Colours, sizes, text, error bars and the look that all figures share."""

import html
import textwrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

BLUE, GREY, VERMILION = "#0072B2", "#8C8C8C", "#D55E00"
"""Colours of our values, of baselines, and of marks: by Okabe and Ito, distinct for the colour-blind too."""
FACTOR_COLOURS = (
    *("#3F48FC", "#AB9000", "#AB00C6", "#00751B", "#D80012"),
    *("#0090BD", "#FC24BD", "#CF6C75", "#A27EFC", "#7E5A7E"),
)
"""Found by search: any two differ by at least 0.14 in OKLab, and by 0.09 under each of the three kinds of colour
blindness (Machado et al. 2009); each has a contrast of at least 3 to 1 on the light and the dark page."""
BEHIND_TEXT = "rgba(255, 255, 255, 0.85)"
"""Ground of a text that stands on marks; on a page, look.css gives it the colour of the page."""
PALE, FAINT = 0.5, 0.25
"""Opacity of bars under intervals, and of bars whose interval holds zero, which are also hatched."""
TITLE_WIDTH = 30
"""Most characters of a film's title in a panel."""
LONGEST_LABEL = 100
"""Most characters of a film's title beside a bar or a point, in several lines."""
WHOLE = 200
"""Characters of a factor's name where there is room for all of it, as beside the pointer."""
LINE = 46
"""Characters of a chart's title that fit on one line of a phone."""


LOOK: dict[str, dict[str, Any]] = {
    "layout": {
        "bargap": 0.15,
        # Above the chart, where it wraps on a narrow screen.
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    },
    "annotation": {"showarrow": False},
    "bar": {"marker": {"pattern": {"fillmode": "overlay"}}},
}
"""What each part of a figure has where it says nothing else. Pages and the report add it, each to its own look."""

# Plotly would copy its own template into each figure, and so would Streamlit, which is imported before.
pio.templates.default = None

LABEL_ROOM = 14
"""Height of a label above a plot, in pixels."""


def finished(figure: go.Figure, title: str, height: int = 360, label_room: int = 0) -> go.Figure:
    """Return the figure with its title (escaped by the caller; wrapped), height and margins.

    With `label_room`, LABEL_ROOM as a rule, there is room for a label between title and plot, in pixels.
    """
    lines = textwrap.wrap(title, LINE, break_long_words=False)
    above = 30 + 20 * len(lines) + label_room
    figure.update_layout(
        height=height + max(0, above - 50),
        margin={"l": 10, "r": 10, "t": above, "b": 10},
    )
    if title:
        figure.update_layout(title={"text": "<br>".join(lines), "font_size": 15})
    if label_room:
        figure.update_layout(title={"y": 1, "yref": "container", "yanchor": "top", "pad_t": 20})
    return figure


def legend_below_title(figure: go.Figure, room: int = 50) -> go.Figure:
    """Return the figure with `room` in pixels for the legend, in lines on narrow screens, below its title."""
    layout = figure.layout
    return figure.update_layout(
        height=layout.height + room,
        margin_t=layout.margin.t + room,
        title={"y": 1, "yref": "container", "yanchor": "top", "pad_t": 20},
    )


def error_bars(
    values: pd.Series | np.ndarray,
    ends: tuple[pd.Series | np.ndarray, pd.Series | np.ndarray],
    colour: str,
    thickness: float = 2,
    width: int = 0,
) -> dict[str, Any]:
    """Return intervals, given by their `ends` (low and high), as error bars; none if no value has one.

    `width` is that of the caps, in pixels.
    """
    low, high = ends
    if np.isnan(low).all():
        return {"visible": False}
    return {
        "type": "data",
        "symmetric": False,
        "array": np.maximum(high - values, 0),
        "arrayminus": np.maximum(values - low, 0),
        "color": colour,
        "thickness": thickness,
        "width": width,
    }


def dashed_line(value: float) -> dict[str, Any]:
    """Return a dashed vertical line at a value of the horizontal axis, as a shape."""
    return {
        "type": "line",
        "x0": value,
        "x1": value,
        "y0": 0,
        "y1": 1,
        "yref": "y domain",
        "line": {"color": VERMILION, "dash": "dash", "width": 1.5},
    }


def labelled_line(figure: go.Figure, value: float, text: str, **annotation: Any) -> None:
    """Draw a dashed vertical line at a value of the horizontal axis, with a text above it."""
    figure.add_shape(dashed_line(value))
    figure.add_annotation(x=value, y=1, yref="paper", yanchor="bottom", text=text, **annotation)


def short(title: str, width: int = TITLE_WIDTH) -> str:
    """Return a title, shortened to a width, between words if it can be, and escaped.

    >>> short("<b>Alien</b> (1979)")
    '&lt;b&gt;Alien&lt;/b&gt; (1979)'
    >>> short("≈ documentaries, war", 12), short("≈ war, music", 8)
    ('≈ documenta…', '≈ war…')
    """
    return html.escape(shortened(title, width), quote=False)


def shortened(title: str, width: int) -> str:
    """Return a title shortened to a width, as `short` does, but not escaped."""
    title = " ".join(title.split())
    if len(title) <= width:
        return title
    words = textwrap.wrap(title, width - 1)[0].rstrip(" ,;·↔")
    return f"{words if len(words) > width // 3 else title[: width - 1]}…"


def factor_colour(factor: int) -> str:
    """Return a factor's colour, the same in all charts. Colours repeat, so the number is shown too.

    >>> factor_colour(1) == factor_colour(11)
    True
    """
    return FACTOR_COLOURS[factor % len(FACTOR_COLOURS)]


def factor_title(factor: int, name: str = "", width: int = 40) -> str:
    """Return a factor's number and name, escaped.

    >>> factor_title(3, "dark <i>thrillers</i>"), factor_title(3)
    ('factor 3 · dark &lt;i&gt;thrillers&lt;/i&gt;', 'factor 3')
    """
    return f"factor {factor}" + (f" · {short(name, width)}" if name else "")
