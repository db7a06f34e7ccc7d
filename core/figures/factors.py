"""A factor: its films, their spread, what it goes with, how far it repeats; and which factors are common."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.bars import bars, between, whiskers
from core.figures.style import ACCENT, OTHER, OWN, factor_colour, finished, short, titled

MOST_ANGLES = 10
"""Directions that two halves of the users have in common, of which so many are drawn."""
LITTLE_AIR = 0.4
"""Rows left free between the films at either end."""


def films_at_both_ends(ends: pd.DataFrame, factor: int, name: str, unit: str, films: int) -> go.Figure:
    """Draw the films at both ends of a factor: the table of `profiles.ends`, out of so many films.

    An interval is drawn where there is one. Bars whose interval holds zero are faint and hatched. A dagger marks
    films of few ratings.
    """
    at = np.arange(len(ends)) + np.where(ends.end == "lowest", LITTLE_AIR, 0)
    figure = go.Figure(
        go.Bar(
            x=ends.weight,
            y=at,
            orientation="h",
            width=0.72,
            marker=bars(ends, factor_colour(factor)),
            error_x=whiskers(ends, factor_colour(factor)),
            customdata=_said(ends, [short(title, 80) for title in ends.title]),
            hovertemplate=(
                "%{customdata[0]}<br>weight %{x:.2f}%{customdata[1]}<br>%{customdata[2]:,} ratings<extra></extra>"
            ),
        )
    )
    labels = [f"{'† ' if few else ''}{short(t, 34)}" for t, few in zip(ends.title, ends.few, strict=True)]
    figure.update_yaxes(
        autorange="reversed", automargin=True, tickmode="array", tickvals=at, ticktext=labels, zeroline=False
    )
    figure.update_xaxes(title=unit, zeroline=True, zerolinewidth=1.5, zerolinecolor=OTHER)
    return finished(
        figure,
        f"{len(ends)} of {films:,} films, both ends of {titled(factor, name, 20)}",
        height=110 + 21 * max(4, len(ends)),
    )


def distribution(
    bins: pd.DataFrame,
    factor: int,
    name: str,
    unit: str,
    marked: tuple[str, float, float, float] | None = None,
) -> go.Figure:
    """Draw how many films have which weight: low, high, films. `marked` is a film's title, weight, low and high.

    A band is drawn over the film's interval where there is one.
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
            figure.add_vrect(x0=low, x1=high, fillcolor=OTHER, opacity=0.35, line_width=0)
        figure.add_vline(x=weight, line={"color": OTHER, "width": 2})
        middle = (bins.low.iloc[0] + bins.high.iloc[-1]) / 2
        figure.add_annotation(
            x=weight,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            # The text stays inside the chart at either end.
            xanchor="left" if weight < middle else "right",
            text=f"{short(title, 36)}: {weight:+z.2f}{'' if np.isnan(low) else f' ({low:+z.2f} to {high:+z.2f})'}",
            showarrow=False,
        )
    figure.update_xaxes(title=unit)
    figure.update_yaxes(title="films")
    count = int(bins.films.sum())
    return finished(figure, f"{count:,} films on {titled(factor, name, 20)}", height=280)


def associations(found: pd.DataFrame, factor: int, name: str, unit: str) -> go.Figure:
    """Draw what one factor goes with: name, kind, films, effect, low, high, clear.

    Effects whose interval excludes zero are filled, in the factor's colour, the others grey and hollow.
    """
    at = np.arange(len(found)) + np.where(found.kind == "year", LITTLE_AIR, 0)
    figure = go.Figure()
    for clear, colour in ((True, factor_colour(factor)), (False, OTHER)):
        rows = found.clear.to_numpy() == clear
        part = found[rows]
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
            error_x={
                "type": "data",
                "symmetric": False,
                "array": part.high - part.effect,
                "arrayminus": part.effect - part.low,
                "color": colour,
                "thickness": 1.5,
                "width": 0,
            },
            opacity=1 if clear else 0.7,
            customdata=np.column_stack(
                [[short(n, 40) for n in part["name"]], part.films, part.low, part.high]
            ),
            hovertemplate=(
                "%{customdata[0]} (%{customdata[1]} films): %{x:+.2f}<br>"
                "interval %{customdata[2]:+.2f} to %{customdata[3]:+.2f}<extra></extra>"
            ),
            showlegend=False,
        )
    labels = [
        f"{'<b>' if c else ''}{short(n, 24)}{'</b>' if c else ''} ({f:,})"
        for n, c, f in zip(found["name"], found.clear, found.films, strict=True)
    ]
    figure.update_yaxes(
        autorange="reversed", automargin=True, tickmode="array", tickvals=at, ticktext=labels, zeroline=False
    )
    figure.update_xaxes(title=f"difference in {unit}", zeroline=True, zerolinecolor=OTHER)
    return finished(
        figure, f"Genres and years, {titled(factor, name, 20)}", height=130 + 22 * max(3, len(found))
    )


def stability(row: dict[str, Any], found: dict[str, Any]) -> go.Figure:
    """Draw how far one factor repeats: a row of `factors` of the run's `stability`, and the whole of it."""
    shown = [
        ("other halves of the users", row["stability"], *row["interval"], OWN),
        ("other seeds", row["seeds"], *row["seeds_interval"], OWN),
        ("by chance (tastes shuffled)", found["null"]["mean"], 0.0, found["null"]["high"], OTHER),
    ]
    figure = go.Figure()
    for label, value, low, high, colour in shown:
        figure.add_scatter(
            x=[value],
            y=[label],
            mode="markers",
            marker={"size": 11, "color": colour, "symbol": "circle" if colour == OWN else "circle-open"},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [max(0.0, high - value)],
                "arrayminus": [max(0.0, value - low)],
                "color": colour,
                "thickness": 2,
            },
            hovertemplate=f"{label}: %{{x:.2f}} ({low:z.2f} to {high:z.2f})<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=found["stable_from"], line={"color": ACCENT, "dash": "dash", "width": 1.5})
    figure.add_annotation(
        x=found["stable_from"],
        y=1,
        yref="paper",
        yanchor="bottom",
        text=f"stable from {found['stable_from']:.2f}",
        showarrow=False,
        font={"color": ACCENT},
    )
    figure.update_xaxes(
        title="correlation of the films' weights", range=[min(0.0, *(s[2] for s in shown)), 1.03]
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    return finished(figure, f"How far it repeats: {found['repeats']} halvings of the users", height=215)


def subspace(found: dict[str, list[float]]) -> go.Figure:
    """Draw how alike two halves' spaces of factors are: cosines of principal angles, `halves` and `null`."""
    figure = go.Figure()
    for key, label, colour, dash in (
        ("halves", "halves of the users", OWN, "solid"),
        ("null", "the same, tastes shuffled", OTHER, "dash"),
    ):
        cosines = found[key][:MOST_ANGLES]
        figure.add_scatter(
            x=list(range(1, len(cosines) + 1)),
            y=cosines,
            name=label,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"size": 9, "symbol": "circle" if colour == OWN else "circle-open"},
            hovertemplate=f"{label}, dimension %{{x}}: cosine %{{y:.2f}}<extra></extra>",
        )
    figure.update_xaxes(title="dimension, most alike first", dtick=1)
    figure.update_yaxes(title="cosine of the principal angle", range=[0, 1.05])
    return finished(figure, f"The first {len(cosines)} dimensions of the factors' space", height=300)


def common_factors(common: pd.DataFrame, names: Mapping[int, str], films: int) -> go.Figure:
    """Draw among how many of so many films' top factors each factor is, the most common first."""
    titles = [titled(k, names.get(k, "")) for k in common.factor]
    figure = go.Figure(
        go.Bar(
            x=common.factor.astype(str),
            y=common.films,
            marker_color=[factor_colour(k) for k in common.factor],
            customdata=[*zip(titles, common.share * 100, strict=True)],
            hovertemplate="%{customdata[0]}: %{y} films (%{customdata[1]:.1f} %)<extra></extra>",
        )
    )
    figure.update_xaxes(title="factor", type="category")
    figure.update_yaxes(title="films that have it among their top")
    return finished(figure, f"The {len(common)} most common top factors of {films:,} films")


def _said(table: pd.DataFrame, titles: list[str]) -> list[list[Any]]:
    return [
        [title, between(row.low, row.high), row.ratings]
        for title, row in zip(titles, table.itertuples(index=False), strict=True)
    ]
