"""The coverage of a source: the states of the films, and the number of reviews of those that have some."""

import pandas as pd
import plotly.graph_objects as go

from core.data.reviews.coverage import NO_REVIEW, NOT_MATCHED, PASSED, READ, UNKNOWN
from core.figures.style import BLUE, GREY, VERMILION, finished

STYLES = {
    READ: (BLUE, ""),
    PASSED: (BLUE, "/"),
    NO_REVIEW: (GREY, "."),
    NOT_MATCHED: (VERMILION, "x"),
    UNKNOWN: (GREY, "."),
}
"""Colour and pattern of each state; the patterns distinguish them without colour."""
FEW_STEPS = 10
"""Most bars for which each has its tick label."""


def films_by_state(counts: pd.DataFrame) -> go.Figure:
    """Draw all films as one bar, divided by their state; `counts` is the table of `state_counts`."""
    films = int(counts.films.sum())
    figure = go.Figure()
    for row in counts.itertuples():
        colour, shape = STYLES[row.state]
        figure.add_bar(
            y=["films"],
            x=[row.films],
            orientation="h",
            name=f"{row.state}: {row.films:,} ({row.share:.1%})",
            marker={"color": colour, "pattern": {"shape": shape}},
            hovertemplate=f"{row.state}<br>%{{x:,}} of {films:,} films<br>{row.reviews:,} reviews<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"yanchor": "top", "y": -0.85, "traceorder": "normal"},
    )
    figure.update_xaxes(title_text="films", range=[0, films])
    figure.update_yaxes(visible=False)
    return finished(figure, f"Coverage of {films:,} films by the source", 280)


def reviews_a_film(bars: pd.DataFrame) -> go.Figure:
    """Draw the number of films by number of reviews (low, high, films); films without any are left out."""
    ends = [
        f"{low}" if low == high else f"{low} to {high}" for low, high in zip(bars.low, bars.high, strict=True)
    ]
    films = int(bars.films.sum())
    figure = go.Figure()
    figure.add_bar(
        x=(bars.low + bars.high) / 2,
        y=bars.films,
        width=bars.high - bars.low + 1,
        customdata=ends,
        marker={"color": BLUE, "line": {"width": 1, "color": "rgba(128,128,128,0.4)"}},
        hovertemplate="%{customdata} reviews<br>%{y:,} films<extra></extra>",
    )
    figure.update_xaxes(title_text="reviews per film")
    if len(bars) <= FEW_STEPS:
        figure.update_xaxes(tickvals=(bars.low + bars.high) / 2, ticktext=ends)
    figure.update_yaxes(title_text="films", rangemode="tozero")
    return finished(figure, f"Reviews per film ({films:,} films with reviews)", 280)
