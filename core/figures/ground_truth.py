"""Results on the synthetic world with its ground truth: factors and themes, scores, and one film."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.figures.style import (
    BLUE,
    GREY,
    PALE,
    WHOLE,
    error_bars,
    factor_colour,
    factor_title,
    finished,
    labelled_line,
    short,
)
from core.meaning.suggested_names import high_end

AGAINST, NEITHER, WITH = "#D55E00", "#E6E9EC", "#0072B2"
"""Colours of a correlation of -1, 0 and 1; each cell also shows the number."""


def agreement(correlation: pd.DataFrame, theme_of: Mapping[int, str], names: Mapping[int, str]) -> go.Figure:
    """Draw the correlation of each factor (row) with each planted theme (column), and their matches.

    A match is also bold and labelled, so that colour is not the only sign.
    """
    text = [
        [
            f"<b>{value:+z.2f}<br>match</b>" if theme_of.get(factor) == theme else f"{value:+z.2f}"
            for theme, value in zip(correlation, row, strict=True)
        ]
        for factor, row in enumerate(correlation.to_numpy())
    ]
    figure = go.Figure(
        go.Heatmap(
            z=correlation.to_numpy(),
            x=[short(theme) for theme in correlation],
            y=[f"factor {k}<br>{short(high_end(names.get(k, '')), 16)}" for k in range(len(correlation))],
            zmin=-1,
            zmax=1,
            colorscale=[[0, AGAINST], [0.5, NEITHER], [1, WITH]],
            showscale=False,
            text=text,
            texttemplate="%{text}",
            textfont_size=13,
            xgap=3,
            ygap=3,
            customdata=[
                [factor_title(k, names.get(k, ""), WHOLE)] * correlation.shape[1]
                for k in range(len(correlation))
            ],
            hovertemplate="%{customdata} and %{x}: correlation %{z:.2f}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed")
    return finished(figure, "Correlation of weight and theme", height=110 + 52 * max(3, len(correlation)))


def compared_values(
    table: pd.DataFrame,
    title: str,
    unit: str,
    marks: Sequence[tuple[float, str]] = (),
    most: float | None = None,
) -> go.Figure:
    """Draw our values and those for comparison: name, value, low, high (NaN without an interval), own.

    Our values (`own`) are filled blue dots, the others hollow grey ones. `marks` are reference values with
    their labels.
    """
    figure = go.Figure()
    for is_ours, colour, symbol in ((True, BLUE, "circle"), (False, GREY, "circle-open")):
        part = table[table.own == is_ours]
        ends = part[["low", "high"]].fillna({"low": part.value, "high": part.value})
        figure.add_scatter(
            x=part.value,
            y=[short(name, 40) for name in part["name"]],
            mode="markers+text",
            text=[f"{value:.3f}" for value in part.value],
            textposition="top center",
            marker={"size": 12, "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}},
            error_x=error_bars(part.value, (ends.low, ends.high), colour),
            customdata=ends,
            hovertemplate="%{y}: %{x:.3f} (%{customdata[0]:.3f} to %{customdata[1]:.3f})<extra></extra>",
            showlegend=False,
        )
    for at, (value, words) in enumerate(sorted(marks)):
        # Of two labels, either leans outwards, so that they do not overlap.
        anchor = "center" if len(marks) == 1 else "left" if at else "right"
        labelled_line(figure, value, words, xanchor=anchor)
    figure.update_yaxes(
        # Half a row above the first, for the labels of the marks.
        range=[len(table) - 0.4, -0.8],
        categoryorder="array",
        categoryarray=[short(name, 40) for name in table["name"]],
    )
    highest = most or 1.1 * max(table.value.max(), table.high.max(), *(value for value, _ in marks))
    figure.update_xaxes(title=unit, range=[0, highest])
    figure = finished(figure, title, height=130 + 46 * len(table))
    return figure.update_layout(margin_t=80 if marks else 50)


def film_beside_truth(film: pd.DataFrame, title: str, names: Mapping[int, str]) -> go.Figure:
    """Draw one film's histogram with its planted themes.

    `film` is from `core.results.ground_truth.film_reading`. Bars of factors whose theme was planted in the
    film are full and labelled, the others pale and hatched.
    """
    reviews = int(film.reviews.max())
    labels = [_label(row, names.get(row.factor, "")) for row in film.itertuples()]
    figure = go.Figure(
        go.Bar(
            x=labels,
            y=film["count"],
            text=[f"{count} of {reviews}" for count in film["count"]],
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": [factor_colour(factor) for factor in film.factor],
                "opacity": [1 if planted else PALE for planted in film.planted],
                "pattern": {"shape": ["" if planted else "/" for planted in film.planted]},
            },
            hovertemplate="%{x}: %{y} reviews<extra></extra>",
        )
    )
    figure.update_yaxes(title="reviews in which it is predicted", range=[0, 1.15 * reviews])
    figure.update_xaxes(type="category")
    return finished(figure, f"{short(title, 60)}: {reviews} reviews", height=360)


def _label(row: Any, name: str) -> str:
    """Return a factor's number, the first that its name says of the high end, and its theme, a line each."""
    first = high_end(name).partition(",")[0]
    lines = [f"factor {row.factor}", short(first, 14) if name else "", row.theme or "no theme"]
    return "<br>".join([*filter(None, lines), *(["<b>planted</b>"] if row.planted else [])])
