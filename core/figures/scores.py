"""How sure the classifier is of a review, how the models' losses fell, how the number of factors was chosen."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import ACCENT, OTHER, OWN, finished, titled

FEW_STEPS = 20
"""So many steps have room for a mark and a number each."""


def probabilities_against_base(table: pd.DataFrame, names: Mapping[int, str]) -> go.Figure:
    """Draw each label's probability as a bar and its base rate as a mark: factor, probability, base_rate."""
    labels = [titled(k, names.get(k, ""), 30) for k in table.factor]
    figure = go.Figure()
    figure.add_bar(
        x=table.probability * 100,
        y=labels,
        orientation="h",
        marker_color=OWN,
        name="probability for this review",
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    figure.add_scatter(
        x=table.base_rate * 100,
        y=labels,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 14, "color": ACCENT, "line_width": 3},
        name="base rate (share of the reviews trained on)",
        hovertemplate="%{y}: base rate %{x:.1f} %<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title="%", range=[0, 100])
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    return finished(figure, "", height=110 + 24 * len(table))


def losses(table: pd.DataFrame, title: str, unit: str, step: str = "epoch") -> go.Figure:
    """Draw the loss of each step (an epoch, or a sweep of a Bayesian fit): train, valid."""
    figure = go.Figure()
    steps = list(range(1, len(table) + 1))
    few = len(table) <= FEW_STEPS
    mode = "lines+markers" if few else "lines"
    figure.add_scatter(x=steps, y=table.train, name="trained on", line_color=OTHER, mode=mode)
    figure.add_scatter(
        x=steps, y=table.valid, name="held out", line={"color": OWN, "dash": "dash"}, mode=mode
    )
    figure.update_xaxes(title=step, dtick=1 if few else None)
    figure.update_yaxes(title=unit)
    return finished(figure, title, height=300)


def choice(chosen: dict[str, Any], stable_from: float, unit: str) -> go.Figure:
    """Draw how the number of factors was chosen: `chosen` of the run's factor model.

    Above: how far each direction repeats between halves of the users, against `stable_from`. Below: how strongly
    the halves vary together along it, the root of their covariance in `unit`, against the most in shuffled
    ratings. Directions that were kept are filled.
    """
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.08)
    sides = (
        ("correlations", stable_from, "correlation between halves", "", "stable from"),
        ("shared", chosen["null_shared"], "root of the covariance", f" ({unit})", "most in shuffled ratings"),
    )
    for row, (key, line, title, counted, label) in enumerate(sides, start=1):
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
            row=row,
            col=1,
        )
        figure.add_hline(
            y=line,
            line={"color": ACCENT, "dash": "dash", "width": 1.5},
            annotation={"text": f"{label} {line:.2f}", "font": {"color": ACCENT}},
            annotation_position="top right",
            row=row,
            col=1,
        )
        figure.update_yaxes(title=title + counted, rangemode="tozero", row=row, col=1)
    figure.update_xaxes(title="direction, strongest first", row=2)
    return finished(
        figure, f"{chosen['tried']} directions tried, {chosen['factors']} kept as factors", height=520
    )
