"""A factor's films, spread and company, a film's factors, the map, and how the number of factors was chosen."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import ACCENT, FAINT, OTHER, OWN, PALE, finished, short, titled

MOST_POINTS = 3000
"""Films on a map from which it is drawn by WebGL, which old machines lack and few films do not need."""
REACH = 1.6
"""How far beyond the largest weight an interval is drawn."""
LITTLE_AIR = 0.4
"""Rows left free between the films at either end."""


def films_at_both_ends(ends: pd.DataFrame, factor: int, name: str, unit: str) -> go.Figure:
    """Draw the films at both ends of a factor: the table of `profiles.ends`.

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
            marker=_bars(ends, OWN),
            error_x=_whiskers(ends, OWN),
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
    return finished(figure, f"Both ends of {titled(factor, name, 20)}", height=110 + 21 * max(4, len(ends)))


def distribution(
    bins: pd.DataFrame, factor: int, name: str, unit: str, marked: tuple[str, float] | None = None
) -> go.Figure:
    """Draw how many films have which weight: low, high, films. `marked` is a film's title and weight."""
    figure = go.Figure(
        go.Bar(
            x=(bins.low + bins.high) / 2,
            y=bins.films,
            width=bins.high - bins.low,
            marker={"color": OWN, "opacity": 0.75},
            customdata=np.column_stack([bins.low, bins.high]),
            hovertemplate="weight %{customdata[0]:.2f} to %{customdata[1]:.2f}: %{y} films<extra></extra>",
        )
    )
    if marked is not None:
        title, weight = marked
        figure.add_vline(x=weight, line={"color": ACCENT, "width": 2})
        middle = (bins.low.iloc[0] + bins.high.iloc[-1]) / 2
        figure.add_annotation(
            x=weight,
            y=1.0,
            yref="paper",
            yanchor="bottom",
            # The text stays inside the chart at either end.
            xanchor="left" if weight < middle else "right",
            text=f"{short(title, 36)}: {weight:+.2f}",
            showarrow=False,
            font={"color": ACCENT},
        )
    figure.update_xaxes(title=unit)
    figure.update_yaxes(title="films")
    count = int(bins.films.sum())
    return finished(figure, f"{count:,} films on {titled(factor, name, 20)}", height=280)


def associations(found: pd.DataFrame, factor: int, name: str, unit: str) -> go.Figure:
    """Draw what one factor goes with: name, kind, films, effect, low, high, clear.

    Effects whose interval excludes zero are blue and filled, the others grey and hollow.
    """
    at = np.arange(len(found)) + np.where(found.kind == "year", LITTLE_AIR, 0)
    figure = go.Figure()
    for clear, colour in ((True, OWN), (False, OTHER)):
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
    figure.update_layout(
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"}
    )
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
            hovertemplate=f"{label}: %{{x:.2f}} ({low:.2f} to {high:.2f})<extra></extra>",
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
    return finished(figure, "", height=190)


def film_weights(film: pd.DataFrame, title: str, names: Mapping[int, str], unit: str) -> go.Figure:
    """Draw a film's weight on every factor, its top factors blue: the table of `profiles.of_film`."""
    figure = go.Figure()
    for own, colour in ((True, OWN), (False, OTHER)):
        part = film[film.own == own]
        figure.add_bar(
            x=part.factor.astype(str),
            y=part.weight,
            marker=_bars(part, colour),
            error_y=_whiskers(part, colour),
            customdata=[
                [titled(row.factor, names.get(row.factor, "")), _between(row.low, row.high)]
                for row in part.itertuples(index=False)
            ],
            hovertemplate="%{customdata[0]}: weight %{y:.2f}%{customdata[1]}<extra></extra>",
            showlegend=False,
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(categoryorder="array", categoryarray=film.factor.astype(str).tolist())
    figure.update_xaxes(title="factor", type="category", nticks=25)
    # One weight of which nothing is known would flatten all others: its line leaves the chart.
    reach = REACH * max(1.0, float(film.weight.abs().max()))
    lowest, highest = film[["low", "weight"]].min(axis=None), film[["high", "weight"]].max(axis=None)
    figure.update_yaxes(
        title=unit, range=[max(-reach, 1.1 * min(0.0, lowest)), min(reach, 1.1 * max(0.0, highest))]
    )
    return finished(figure, f"Weights of {short(title, 60)}")


def factor_map(
    points: pd.DataFrame,
    factors: tuple[int, int],
    names: Mapping[int, str],
    unit: str,
    marked: Any = None,
) -> go.Figure:
    """Draw films by their weights on two factors: film_id, title, ratings, x, y. `marked` is a film's id."""
    draw = go.Scatter if len(points) <= MOST_POINTS else go.Scattergl
    across, up = (titled(k, names.get(k, ""), 30) for k in factors)
    hover = (
        f"<b>%{{customdata[1]}}</b><br>{across}: %{{x:.2f}}<br>{up}: %{{y:.2f}}"
        "<br>%{customdata[2]:,} ratings<extra></extra>"
    )
    figure = go.Figure()
    for part, marker in (
        (points[points.film_id != marked], {"color": OWN, "size": 7, "opacity": 0.5}),
        (points[points.film_id == marked], {"color": ACCENT, "size": 14, "symbol": "diamond"}),
    ):
        titles = [short(title, 80) for title in part.title]
        figure.add_trace(
            draw(
                x=part.x,
                y=part.y,
                mode="markers",
                marker=marker,
                customdata=[*zip(part.film_id, titles, part.ratings, strict=True)],
                hovertemplate=hover,
                showlegend=False,
            )
        )
        if part.film_id.eq(marked).any():
            x, y = part.x.iloc[0], part.y.iloc[0]
            figure.add_annotation(
                x=x,
                y=y,
                text=f"<b>{short(part.title.iloc[0], 40)}</b>",
                font={"color": ACCENT, "size": 13},
                # Legible above other points, on a light page and on a dark one.
                bgcolor="rgba(255, 255, 255, 0.9)",
                borderpad=3,
                arrowcolor=ACCENT,
                # The label points into the chart.
                ax=50 if x < points.x.mean() else -50,
                ay=-35 if y < points.y.mean() else 35,
            )
    figure.update_xaxes(title=across, zeroline=True, zerolinecolor=OTHER)
    figure.update_yaxes(title=up, zeroline=True, zerolinecolor=OTHER)
    figure.update_layout(dragmode="select", newselection_line_color=ACCENT)
    return finished(figure, f"{len(points):,} films by {unit}", height=580)


def common_factors(common: pd.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """Draw among how many films' top factors each factor is, the most common first."""
    titles = [titled(k, names.get(k, "")) for k in common.factor]
    figure = go.Figure(
        go.Bar(
            x=common.factor.astype(str),
            y=common.films,
            marker_color=OWN,
            customdata=[*zip(titles, common.share * 100, strict=True)],
            hovertemplate="%{customdata[0]}: %{y} films (%{customdata[1]:.1f} %)<extra></extra>",
        )
    )
    figure.update_xaxes(title="factor", type="category")
    figure.update_yaxes(title="films that have it among their top")
    return finished(figure, f"The {len(common)} most common top factors")


def choice(chosen: dict[str, Any], stable_from: float) -> go.Figure:
    """Draw how the number of factors was chosen: `chosen` of the run's factor model.

    Left: how far each direction repeats between halves of the users, against `stable_from`. Right: how much of
    the ratings' variance the halves share along it, against what they share where tastes were shuffled away.
    Directions that were kept are filled.
    """
    figure = make_subplots(1, 2, horizontal_spacing=0.12)
    sides = (
        ("correlations", stable_from, "correlation between halves", "stable from"),
        ("shared", chosen["null_shared"], "shared strength", "by chance"),
    )
    for column, (key, line, title, label) in enumerate(sides, start=1):
        values = chosen[key]
        kept = [k < chosen["factors"] for k in range(len(values))]
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=values,
            mode="lines+markers",
            line={"color": OTHER, "width": 1},
            marker={
                "size": 10,
                "color": [OWN if k else OTHER for k in kept],
                "symbol": ["circle" if k else "circle-open" for k in kept],
                "line_width": 2,
            },
            customdata=["kept" if k else "left out" for k in kept],
            hovertemplate=f"direction %{{x}}: {title} %{{y:.3f}}, %{{customdata}}<extra></extra>",
            showlegend=False,
            row=1,
            col=column,
        )
        figure.add_hline(
            y=line,
            line={"color": ACCENT, "dash": "dash", "width": 1.5},
            annotation={"text": f"{label} {line:.2f}", "font": {"color": ACCENT}},
            annotation_position="top right",
            row=1,
            col=column,
        )
        figure.update_yaxes(title=title, rangemode="tozero", row=1, col=column)
    figure.update_xaxes(title="direction, strongest first")
    return finished(
        figure, f"{chosen['tried']} directions tried, {chosen['factors']} kept as factors", height=320
    )


def _bars(table: pd.DataFrame, colour: str) -> dict[str, Any]:
    """Give bars in a colour: pale below their intervals, and paler and hatched where they may be nothing."""
    sure = 1.0 if table.low.isna().all() else PALE
    return {
        "color": colour,
        "opacity": [FAINT if doubtful else sure for doubtful in table.doubtful],
        "pattern": {
            "shape": ["/" if doubtful else "" for doubtful in table.doubtful],
            "fgopacity": 0.6,
            "fillmode": "overlay",
        },
    }


def _whiskers(table: pd.DataFrame, colour: str) -> dict[str, Any]:
    """Give the intervals of weights, none where the table has none."""
    if table.low.isna().all():
        return {"visible": False}
    return {
        "type": "data",
        "symmetric": False,
        "array": table.high - table.weight,
        "arrayminus": table.weight - table.low,
        "color": colour,
        "thickness": 2,
        "width": 0,
    }


def _said(table: pd.DataFrame, titles: list[str]) -> list[list[Any]]:
    return [
        [title, _between(row.low, row.high), row.ratings]
        for title, row in zip(titles, table.itertuples(index=False), strict=True)
    ]


def _between(low: float, high: float) -> str:
    """Give an interval for people, nothing where there is none.

    >>> _between(-0.5, 1.25)
    ' (95 % interval -0.50 to 1.25)'
    """
    return "" if np.isnan(low) else f" (95 % interval {low:.2f} to {high:.2f})"
