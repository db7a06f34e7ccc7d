"""Scores of the models: calibration, readability of the factors, losses, choice of the number of factors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.curves import BASELINE_STYLES, STYLES
from core.figures.style import BLUE, GREY, VERMILION, error_bars, factor_title, finished, legend_below_title
from core.meaning.suggested_names import high_end

FEW_STEPS = 20
"""Most steps that have room for a mark and a number each."""


def reliability(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> go.Figure:
    """Draw the observed frequency of labels against the predicted probability, before and after calibration.

    `rows` is `reliability` of a run's classifier: under `before` and `after`, the rows of the reliability
    curve. Calibrated probabilities lie on the diagonal. Bars are 95% intervals.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": GREY, "width": 1, "dash": "dash"},
        name="says what is true",
        hoverinfo="skip",
    )
    for key, colour, symbol in (("before", VERMILION, "diamond-open"), ("after", BLUE, "circle")):
        table = pd.DataFrame(list(rows[key]))
        shares = table.drop(columns="pairs") * 100
        figure.add_scatter(
            x=shares.predicted,
            y=shares.observed,
            mode="lines+markers",
            name=f"{key} calibration",
            line={"color": colour, "width": 1, "dash": "solid" if key == "after" else "dot"},
            marker={"size": 9, "symbol": symbol, "line_width": 2},
            error_y=error_bars(
                shares.observed, (shares.observed_low, shares.observed_high), colour, thickness=1.5
            ),
            customdata=np.column_stack(
                [shares[["low", "high", "observed_low", "observed_high"]], table.pairs]
            ),
            hovertemplate=(
                "predicted %{x:.1f}% (%{customdata[0]:.1f} to %{customdata[1]:.1f})<br>"
                "true %{y:.1f}% (95% interval %{customdata[2]:.1f} to %{customdata[3]:.1f})<br>"
                "%{customdata[4]:,.0f} pairs of review and factor<extra></extra>"
            ),
        )
    most = max(
        max(row["predicted"], row["observed_high"]) for key in ("before", "after") for row in rows[key]
    )
    ends = [0, min(100.0, 105 * most)]
    figure.update_xaxes(title="mean predicted probability (%)", range=ends)
    figure.update_yaxes(title="share that is true (%)", range=ends)
    pairs = sum(row["pairs"] for row in rows["after"])
    title = f"Predicted and true shares (n = {pairs:,} pairs of review and factor)"
    return legend_below_title(finished(figure, title, height=420))


def readability(
    per_label: Sequence[Mapping[str, Any]], names: Mapping[int, str], most: int | None = None
) -> go.Figure:
    """Draw the readability of each factor from reviews; `per_label` is from a run's readability.

    Average precision with its 95% interval, with that of chance, shuffled labels and TF-IDF; sorted by gain
    over chance, at most `most` factors. A readable factor is a filled dot with a bold label; one that was not
    measured is a square.
    """
    measured = pd.DataFrame(list(per_label)).dropna(subset="average_precision")
    table = measured.sort_values("gain", ascending=False, kind="stable", ignore_index=True).head(
        most or len(measured)
    )
    table["at"] = np.arange(len(table))
    figure = go.Figure()
    for column, name, symbol, colour, size in (
        ("chance", "chance", "line-ns-open", GREY, 14),
        ("shuffled_average_precision", "shuffled labels", "x-thin-open", VERMILION, 8),
        ("tfidf_average_precision", "TF-IDF", "diamond-open", GREY, 8),
    ):
        there = table[table[column].notna()]
        figure.add_scatter(
            x=there[column],
            y=there["at"],
            mode="markers",
            name=name,
            showlegend=len(there) > 0,
            marker={"symbol": symbol, "size": size, "color": colour, "line_width": 2},
            hovertemplate=f"{name}: %{{x:.2f}}<extra></extra>",
        )
    readable = table.readable.eq(True)
    for rows, name, symbol, colour in (
        (readable, "readable", "circle", BLUE),
        (table.readable.eq(False), "not readable", "circle-open", BLUE),
        (table.readable.isna(), "not measured", "square-open", GREY),
    ):
        part = table[rows]
        # Without an interval, both ends are at the dot.
        ends = [
            (value, value) if given is None else tuple(given)
            for value, given in zip(part.average_precision, part.average_precision_interval, strict=True)
        ]
        low, high = (pd.Series([end[side] for end in ends], part.index, float) for side in (0, 1))
        carriers = [
            [factor_title(row.factor, names.get(row.factor, ""), 40), row.support, row.films]
            for row in part.itertuples()
        ]
        figure.add_scatter(
            x=part.average_precision,
            y=part["at"],
            mode="markers",
            name=name,
            showlegend=len(part) > 0,
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2, "color": colour}},
            error_x=error_bars(part.average_precision, (low, high), colour, thickness=1.5),
            customdata=[[*row, *end] for row, end in zip(carriers, ends, strict=True)],
            hovertemplate=(
                "%{customdata[0]}: %{x:.2f} (95% interval %{customdata[3]:.2f} to %{customdata[4]:.2f})<br>"
                "%{customdata[1]:,} reviews of %{customdata[2]:,} films carry it<extra></extra>"
            ),
        )
    labels = [factor_title(factor, high_end(names.get(factor, "")), 18) for factor in table.factor]
    figure.update_yaxes(
        range=[len(table) - 0.4, -0.6],
        tickmode="array",
        tickvals=table["at"],
        ticktext=[f"<b>{label}</b>" if bold else label for label, bold in zip(labels, readable, strict=True)],
        zeroline=False,
    )
    figure.update_xaxes(title="average precision<br>(1 is perfect)", range=[-0.02, 1.02])
    shown = f"{len(table)} of {len(measured)}" if len(table) < len(measured) else f"{len(measured)}"
    few = " with the largest gain over chance" if len(table) < len(measured) else ""
    figure = finished(
        figure, f"Average precision of {shown} factors{few}", height=190 + 26 * max(3, len(table))
    )
    # On a telephone each kind of mark has a line of its own.
    return legend_below_title(figure, 90)


def losses(
    table: pd.DataFrame, title: str, unit: str, step: str, baseline: tuple[str, float] | None = None
) -> go.Figure:
    """Draw the losses of each epoch, or sweep of a Bayesian fit: train, valid, and a named baseline."""
    figure = go.Figure()
    steps = list(range(1, len(table) + 1))
    few = len(table) <= FEW_STEPS
    mode = "lines+markers" if few else "lines"
    # As in the curves of a run.
    for name, values, (colour, dash, mark) in zip(
        ("trained on", "kept out"), (table.train, table.valid), STYLES, strict=True
    ):
        figure.add_scatter(
            x=steps, y=values, name=name, line={"color": colour, "dash": dash}, marker_symbol=mark, mode=mode
        )
    if baseline is not None:
        name, value = baseline
        figure.add_scatter(
            x=[steps[0], steps[-1]],
            y=[value, value],
            name=f"baseline: {name}",
            line={"color": BASELINE_STYLES[0][0], "dash": BASELINE_STYLES[0][1]},
            mode="lines",
        )
    figure.update_xaxes(title=step, dtick=1 if few else None)
    figure.update_yaxes(title=unit)
    return legend_below_title(finished(figure, title, height=320))


def choice(chosen: dict[str, Any], stable_from: float, unit: str) -> go.Figure:
    """Draw the choice of the number of factors; `chosen` is from the run's factor model.

    Upper chart: the correlation of each direction between halves of the users, against `stable_from`. Lower
    chart: the root of the halves' covariance along it, in `unit`, against the maximum in shuffled ratings.
    Directions that became factors are filled.
    """
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.08)
    sides = (
        ("correlations", stable_from, "correlation between halves", "", "stable from"),
        (
            "shared",
            chosen["null_shared"],
            "root of the covariance",
            f" ({unit})",
            "highest in shuffled ratings",
        ),
    )
    for row, (key, line, title, counted, label) in enumerate(sides, start=1):
        values = chosen[key]
        is_kept = [k < chosen["factors"] for k in range(len(values))]
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=values,
            mode="lines+markers",
            line={"color": GREY, "width": 1},
            marker={
                "size": 10,
                "color": [BLUE if k else GREY for k in is_kept],
                "symbol": ["circle" if k else "circle-open" for k in is_kept],
                "line_width": 2,
            },
            customdata=["kept" if k else "left out" for k in is_kept],
            hovertemplate=f"direction %{{x}}: {title} %{{y:.3f}}, %{{customdata}}<extra></extra>",
            showlegend=False,
            row=row,
            col=1,
        )
        figure.add_hline(
            y=line,
            line={"color": VERMILION, "dash": "dash", "width": 1.5},
            annotation={"text": f"{label} {line:.2f}", "font": {"color": VERMILION}},
            annotation_position="top right",
            row=row,
            col=1,
        )
        figure.update_yaxes(title=title + counted, rangemode="tozero", row=row, col=1)
    figure.update_xaxes(title="direction, strongest first", row=2)
    return finished(
        figure, f"{chosen['tried']} directions tried, {chosen['factors']} kept as factors", height=520
    )
