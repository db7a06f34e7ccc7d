"""Scores of several runs, each beside its baseline."""

import html
import textwrap

import pandas as pd
import plotly.graph_objects as go

from core.figures.style import BLUE, GREY, error_bars, finished, legend_below_title

ROW = 34
"""Height of a run, in pixels."""
LABEL_WIDTH = 20
"""Most characters of a line of a run's label beside its row, which has two lines."""


def lrap_of_runs(table: pd.DataFrame) -> go.Figure:
    """Draw the LRAP of each run as a dot with its 95% interval, and its baseline as a bar.

    `table` has a row a run: run (its label, untrusted), lrap, low, high (missing without an interval) and baseline.
    """
    at = list(range(len(table)))
    labels = [
        "<br>".join(
            html.escape(line, quote=False)
            for line in textwrap.wrap(label, LABEL_WIDTH, max_lines=2, placeholder="…")
        )
        for label in table.run
    ]
    figure = go.Figure()
    figure.add_scatter(
        x=table.baseline,
        y=at,
        mode="markers",
        name="by label frequencies alone",
        marker={"symbol": "line-ns-open", "size": 16, "color": GREY, "line_width": 3},
        customdata=labels,
        hovertemplate="%{customdata}<br>label frequencies alone: %{x:.3f}<extra></extra>",
    )
    ends = table[["low", "high"]].apply(lambda column: column.fillna(table.lrap))
    says = [
        "" if pd.isna(row.low) else f"<br>95% interval {row.low:.3f} to {row.high:.3f}"
        for row in table.itertuples()
    ]
    figure.add_scatter(
        x=table.lrap,
        y=at,
        mode="markers",
        name="this run, with its 95% interval",
        marker={"symbol": "circle", "size": 11, "color": BLUE},
        error_x=error_bars(table.lrap, (ends.low, ends.high), BLUE, thickness=2),
        customdata=list(zip(labels, says, strict=True)),
        hovertemplate="%{customdata[0]}<br>LRAP %{x:.3f}%{customdata[1]}<extra></extra>",
    )
    figure.update_yaxes(
        range=[len(table) - 0.4, -0.6], tickmode="array", tickvals=at, ticktext=labels, zeroline=False
    )
    figure.update_xaxes(title="LRAP (1 is perfect)", range=[-0.02, 1.02])
    figure = finished(
        figure, "How well reviews reveal the true factors", height=150 + ROW * max(2, len(table))
    )
    return legend_below_title(figure, 40)
