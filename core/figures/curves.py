"""A stage's curves: losses and errors step by step, against baselines."""

from collections.abc import Collection, Sequence
from itertools import cycle

import plotly.graph_objects as go

from core.figures.style import BLUE, GREY, VERMILION, finished

FEW_POINTS = 30
"""Most points that have room for a mark each."""
STYLES = ((BLUE, "solid", "circle"), (VERMILION, "dot", "diamond-open"))
"""Colour, dash and mark of the lines other than baselines, in order: lines never differ by colour alone."""
BASELINE_STYLES = ((GREY, "dash", "line-ew"), (GREY, "longdashdot", "line-ew"))


def curves(
    points: Sequence[dict[str, float]], baselines: Collection[str], step: str, value: str, last: float = 0
) -> go.Figure:
    """Draw a line for each value of the points, which hold `step` and values; baselines are dashed and grey.

    `step` and `value` are the titles of the axes; the horizontal axis reaches at least to the step `last`.
    """
    lines = dict.fromkeys(name for point in points for name in point if name != "step")
    figure = go.Figure()
    styles = {True: cycle(BASELINE_STYLES), False: cycle(STYLES)}
    for name in sorted(lines, key=lambda name: name in baselines):
        line = [point for point in points if name in point]
        colour, dash, mark = next(styles[name in baselines])
        few = len(line) <= FEW_POINTS and name not in baselines
        figure.add_scatter(
            x=[point["step"] for point in line],
            y=[point[name] for point in line],
            name=name,
            mode="lines+markers" if few or len(line) == 1 else "lines",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": mark, "size": 7, "line_width": 2},
            hovertemplate=f"{step} %{{x:.4g}}: %{{y:.4f}}<extra>{name}</extra>",
        )
    end = max([last, *(point["step"] for point in points)], default=1)
    figure.update_xaxes(title=step, range=[0, max(end, 1) * 1.02], rangemode="tozero")
    figure.update_yaxes(title=value)
    # Zoom and hidden lines stay while new points arrive.
    figure.update_layout(uirevision="stays")
    return finished(figure, "", height=280)
