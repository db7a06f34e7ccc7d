"""How sure the classifier is of a review, and how the models' losses fell."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

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
