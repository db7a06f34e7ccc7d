"""A factor: its films, their distribution, its associations and stability; and the most common factors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import Row, bars, between, labelled_rows
from core.figures.style import (
    BLUE,
    GREY,
    LABEL_ROOM,
    LONGEST_LABEL,
    VERMILION,
    error_bars,
    factor_colour,
    factor_title,
    finished,
    labelled_line,
    legend_below_title,
    short,
    shortened,
)
from core.formatting import counted

MOST_ANGLES = 10
"""Most shared directions of two halves of the users that are drawn."""
LITTLE_AIR = 0.4
"""Gap between the films at either end, in rows."""


def films_of_end(films: pd.DataFrame, factor: int, reach: float) -> go.Figure:
    """Draw the films of one end of a factor, the most extreme first; `films` has rows of `tables.factors.ends`.

    Intervals are drawn if there are any. Bars whose interval holds zero are faint and hatched. A dagger marks films
    with few ratings. A click selects the film's id.
    """
    downwards = bool((films.end == "lowest").any())
    rows = [
        Row(
            key=film.film_id,
            label=f"{'† ' if film.few else ''}{shortened(film.title, LONGEST_LABEL)}",
            value=film.weight,
            low=film.low,
            high=film.high,
            hover=[
                f"<b>{short(film.title, 80)}</b>",
                f"weight {film.weight:+z.2f}{between(film.low, film.high)}",
                counted(film.ratings, "rating"),
                "click: all about this film",
            ],
            doubtful=film.doubtful,
        )
        for film in films.iloc[:: -1 if downwards else 1].itertuples()
    ]
    return labelled_rows(rows, factor_colour(factor), reach, downwards)


def decades(table: pd.DataFrame, factor: int, unit: str) -> go.Figure:
    """Draw the mean weight of each decade's films, 95% intervals; `table` is from `tables.factors.by_decade`."""
    colour = factor_colour(factor)
    figure = go.Figure(
        go.Bar(
            x=[f"{decade}s" for decade in table.decade],
            y=table.weight,
            marker=bars(table.assign(doubtful=(table.low <= 0) & (table.high >= 0)), colour),
            error_y=error_bars(table.weight, (table.low, table.high), colour),
            customdata=[
                [row.films, f"{row.weight:+z.2f}{between(row.low, row.high)}"] for row in table.itertuples()
            ],
            hovertemplate="%{x}: mean weight %{customdata[1]}<br>%{customdata[0]:,} films<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=unit, zeroline=True, zerolinecolor=GREY)
    return finished(figure, f"Decades, factor {factor}", height=300)


def distribution(
    bins: pd.DataFrame,
    factor: int,
    name: str,
    unit: str,
    marked: tuple[str, float, float, float] | None = None,
) -> go.Figure:
    """Draw a histogram of the films' weights: low, high, films.

    `marked` is the title, weight, low and high of a film to be marked. A band shows the film's interval, if
    it has one.
    """
    figure = go.Figure(
        go.Bar(
            x=(bins.low + bins.high) / 2,
            y=bins.films,
            width=bins.high - bins.low,
            marker={"color": factor_colour(factor), "opacity": 0.75},
            customdata=np.column_stack([bins.low, bins.high]),
            hovertemplate="weight %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y} films<extra></extra>",
        )
    )
    if marked is not None:
        title, weight, low, high = marked
        if not np.isnan(low):
            figure.add_vrect(x0=low, x1=high, fillcolor=GREY, opacity=0.35, line_width=0)
        figure.add_vline(x=weight, line={"color": GREY, "width": 2})
        middle = (bins.low.iloc[0] + bins.high.iloc[-1]) / 2
        figure.add_annotation(
            x=weight,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            # Keep the text inside the chart.
            xanchor="left" if weight < middle else "right",
            text=f"{short(title, 36)}: {weight:+z.2f}{'' if np.isnan(low) else f' ({low:+z.2f} to {high:+z.2f})'}",
        )
    figure.update_xaxes(title=unit)
    figure.update_yaxes(title="films")
    count = int(bins.films.sum())
    return finished(figure, f"{count:,} films on {factor_title(factor, name, 40)}", 280, LABEL_ROOM)


def associations(effects: pd.DataFrame, factor: int, name: str, unit: str) -> go.Figure:
    """Draw the associations of a factor: name, kind, films, effect, low, high, clear.

    Effects whose interval excludes zero are filled, in the factor's colour; the others are grey and hollow.
    """
    at = np.arange(len(effects)) + np.where(effects.kind == "year", LITTLE_AIR, 0)
    figure = go.Figure()
    for clear, colour in ((True, factor_colour(factor)), (False, GREY)):
        rows = effects.clear.to_numpy() == clear
        part = effects[rows]
        figure.add_scatter(
            x=part.effect,
            y=at[rows],
            mode="markers",
            marker={
                "size": 9,
                "color": colour,
                "symbol": "circle" if clear else "circle-open",
                "line_width": 2,
            },
            error_x=error_bars(part.effect, (part.low, part.high), colour, thickness=1.5),
            opacity=1 if clear else 0.7,
            customdata=[
                [
                    short(row.name, 40),
                    row.films,
                    f"{row.effect:+z.2f}",
                    f"interval {row.low:+z.2f} to {row.high:+z.2f}",
                ]
                for row in part.itertuples(index=False)
            ],
            hovertemplate=(
                "%{customdata[0]} (%{customdata[1]} films): %{customdata[2]}<br>%{customdata[3]}<extra></extra>"
            ),
            showlegend=False,
        )
    labels = [
        f"{'<b>' if c else ''}{short(n, 24)}{'</b>' if c else ''} ({f:,})"
        for n, c, f in zip(effects["name"], effects.clear, effects.films, strict=True)
    ]
    figure.update_yaxes(autorange="reversed", tickmode="array", tickvals=at, ticktext=labels, zeroline=False)
    figure.update_xaxes(title=f"difference in {unit}", zeroline=True, zerolinecolor=GREY)
    return finished(
        figure, f"Genres and years, {factor_title(factor, name, 40)}", height=130 + 22 * max(3, len(effects))
    )


def stability(row: Mapping[str, Any], of_run: Mapping[str, Any]) -> go.Figure:
    """Draw the stability of a factor: `of_run` is the run's `stability`, `row` one of its `factors`."""
    shown = [
        ("other halves of the users", row["stability"], *row["interval"], BLUE),
        ("other seeds", row["seeds"], *row["seeds_interval"], BLUE),
        ("by chance (tastes shuffled)", of_run["null"]["mean"], 0.0, of_run["null"]["high"], GREY),
    ]
    figure = go.Figure()
    for label, value, low, high, colour in shown:
        figure.add_scatter(
            x=[value],
            y=[label],
            mode="markers",
            marker={"size": 11, "color": colour, "symbol": "circle" if colour == BLUE else "circle-open"},
            error_x=error_bars(np.array([value]), (np.array([low]), np.array([high])), colour, width=4),
            hovertemplate=f"{label}: %{{x:.2f}} ({low:z.2f} to {high:z.2f})<extra></extra>",
            showlegend=False,
        )
    stable_from = of_run["stable_from"]
    labelled_line(figure, stable_from, f"stable from {stable_from:.2f}", font_color=VERMILION)
    figure.update_xaxes(
        title="correlation of<br>the films' weights", range=[min(0.0, *(s[2] for s in shown)), 1.03]
    )
    figure.update_yaxes(autorange="reversed")
    return finished(figure, f"How far it repeats: {of_run['repeats']} halvings of the users", height=215)


def subspace(angles: Mapping[str, Sequence[float]]) -> go.Figure:
    """Draw the similarity of two halves' factor spaces: cosines of principal angles, `halves` and `null`."""
    figure = go.Figure()
    for key, label, colour, dash in (
        ("halves", "halves of the users", BLUE, "solid"),
        ("null", "the same, tastes shuffled", GREY, "dash"),
    ):
        cosines = angles[key][:MOST_ANGLES]
        figure.add_scatter(
            x=list(range(1, len(cosines) + 1)),
            y=cosines,
            name=label,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"size": 9, "symbol": "circle" if colour == BLUE else "circle-open"},
            hovertemplate=f"{label}, dimension %{{x}}: cosine %{{y:.2f}}<extra></extra>",
        )
    figure.update_xaxes(title="dimension, most alike first", dtick=1)
    figure.update_yaxes(title="cosine of the principal angle", range=[0, 1.05])
    figure = finished(figure, f"The first {len(cosines)} dimensions of the factors' space", height=300)
    return legend_below_title(figure)


def common_factors(common: pd.DataFrame, names: Mapping[int, str], films: int) -> go.Figure:
    """Draw for how many of `films` films each factor is a top factor, the most common first."""
    titles = [factor_title(k, names.get(k, "")) for k in common.factor]
    figure = go.Figure(
        go.Bar(
            x=common.factor.astype(str),
            y=common.films,
            marker_color=[factor_colour(k) for k in common.factor],
            customdata=[*zip(titles, common.share * 100, strict=True)],
            hovertemplate="%{customdata[0]}: %{y} films (%{customdata[1]:.1f}%)<extra></extra>",
        )
    )
    figure.update_xaxes(title="factor", type="category")
    figure.update_yaxes(title="films with it among their top factors")
    return finished(figure, f"The {len(common)} most common top factors of {films:,} films")
