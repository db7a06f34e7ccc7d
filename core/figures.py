"""Tables -> plotly figures. No table is computed and no file is read here beyond what a bar needs.

Film titles are untrusted: plotly reads some HTML in text, so every title is escaped.
"""

import html
import math
import textwrap
from collections.abc import Collection
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

PANELS = 24
"""Most films on one page of the grid: more panels in one figure block a browser."""
OWN, OTHER, ACCENT = "#0072B2", "#8C8C8C", "#D55E00"
"""Blue, grey and vermilion of Okabe and Ito: told apart by colour-blind readers too."""
MOST_TICKS = 12
"""Most factors whose numbers have room below a panel of the grid."""
TITLE_WIDTH = 30
"""Characters of a film's title in a panel."""


def histogram_grid(
    counts: pd.DataFrame, tops: pd.DataFrame, columns: int = 4, held_out: Collection[Any] = ()
) -> go.Figure:
    """Draw a panel a film: in how many of its reviews each factor is predicted.

    `counts` is a table of frequencies of at most PANELS films; bars of a film's own top factors (`tops`)
    are blue, the others grey; films in `held_out` (ids) are marked. Panels share both axes, so they compare.
    """
    films = counts[["film_id", "title", "reviews"]].drop_duplicates("film_id")
    factors = sorted(counts.factor.unique())
    columns = min(columns, max(1, len(films)))
    rows = max(1, math.ceil(len(films) / columns))
    figure = make_subplots(
        rows,
        columns,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=[
            f"{_short(f.title)}: {f.reviews}{' (held out)' if f.film_id in held_out else ''}"
            for f in films.itertuples()
        ],
        vertical_spacing=min(0.4 / rows, 1 / max(1, rows - 1)),
        horizontal_spacing=0.03,
    )
    own = set(zip(tops.film_id, tops.factor, strict=True))
    for i, film in enumerate(films.itertuples()):
        mine = counts[counts.film_id == film.film_id].sort_values("factor")
        is_own = [(film.film_id, factor) in own for factor in mine.factor]
        figure.add_bar(
            x=mine.factor.astype(str),
            y=mine["count"],
            # Many ticks have no room for their numbers, so each bar bears its factor's own.
            text=[
                str(factor) if count else "" for factor, count in zip(mine.factor, mine["count"], strict=True)
            ],
            textposition="outside",
            textangle=0,
            constraintext="none",
            textfont_size=9,
            cliponaxis=False,
            marker={
                "color": [OWN if o else OTHER for o in is_own],
                "pattern": {
                    "shape": ["" if o else "/" for o in is_own],
                    "fgopacity": 0.5,
                    "fillmode": "overlay",
                },
            },
            customdata=[
                "one of the film's top factors" if o else "not one of its top factors" for o in is_own
            ],
            hovertemplate=f"factor %{{x}}: %{{y}} of {film.reviews} reviews<br>%{{customdata}}<extra></extra>",
            showlegend=False,
            row=i // columns + 1,
            col=i % columns + 1,
        )
    figure.update_xaxes(
        type="category", categoryorder="array", categoryarray=[str(k) for k in factors], tickangle=0
    )
    figure.update_xaxes(tickfont_size=9, showticklabels=len(factors) <= MOST_TICKS)
    figure.update_xaxes(title_text="factor", title_font_size=10, row=rows)
    highest = max(1, int(counts.reviews.max()))
    figure.update_yaxes(tickfont_size=9, range=[0, 1.2 * highest])
    figure.update_yaxes(title_text="reviews", title_font_size=10, col=1)
    figure.update_annotations(font_size=11)
    figure.update_layout(height=90 + 150 * rows, margin={"l": 40, "r": 10, "t": 40, "b": 30}, bargap=0.15)
    return figure


def film_weights(weights: pd.Series, top: list[int], title: str) -> go.Figure:
    """Draw a film's weight on every factor, its top factors blue. `weights` is indexed by factor."""
    figure = go.Figure(
        go.Bar(
            x=weights.index.astype(str),
            y=weights,
            marker_color=[OWN if k in top else OTHER for k in weights.index],
            hovertemplate="factor %{x}: weight %{y:.3f}<extra></extra>",
        )
    )
    figure.update_xaxes(title="factor", type="category", nticks=25)
    figure.update_yaxes(title="weight (no unit)")
    return _finished(figure, f"Weights of {_short(title, 60)}")


def top_films(ranked: pd.DataFrame, factor: int) -> go.Figure:
    """Draw the films highest on a factor: title, weight, ratings."""
    names = [_short(title, 40) for title in ranked.title]
    figure = go.Figure(
        go.Bar(
            x=ranked.weight,
            y=names,
            orientation="h",
            marker_color=OWN,
            customdata=ranked.ratings,
            hovertemplate="%{y}: weight %{x:.3f}, %{customdata} ratings<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title="weight (no unit)")
    return _finished(figure, f"Films highest on factor {factor}", height=80 + 22 * len(ranked))


def common_factors(common: pd.DataFrame) -> go.Figure:
    """Draw among how many films' top factors each factor is, the most common first."""
    figure = go.Figure(
        go.Bar(
            x=common.factor.astype(str),
            y=common.films,
            marker_color=OWN,
            customdata=common.share * 100,
            hovertemplate="factor %{x}: %{y} films (%{customdata:.1f} %)<extra></extra>",
        )
    )
    figure.update_xaxes(title="factor", type="category")
    figure.update_yaxes(title="films that have it among their top")
    return _finished(figure, f"The {len(common)} most common top factors")


def probabilities_against_base(table: pd.DataFrame) -> go.Figure:
    """Draw each label's probability as a bar and its base rate as a mark: factor, probability, base_rate."""
    names = [f"factor {k}" for k in table.factor]
    figure = go.Figure()
    figure.add_bar(
        x=table.probability * 100,
        y=names,
        orientation="h",
        marker_color=OWN,
        name="probability for this review",
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    figure.add_scatter(
        x=table.base_rate * 100,
        y=names,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 14, "color": ACCENT, "line_width": 3},
        name="base rate (share of the reviews trained on)",
        hovertemplate="%{y}: base rate %{x:.1f} %<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title="%", range=[0, 100])
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    return _finished(figure, "", height=110 + 24 * len(table))


def losses(table: pd.DataFrame, title: str, unit: str) -> go.Figure:
    """Draw the loss of each epoch on what was trained on and on what was held out: train, valid."""
    figure = go.Figure()
    epochs = list(range(1, len(table) + 1))
    figure.add_scatter(x=epochs, y=table.train, name="trained on", line_color=OTHER, mode="lines+markers")
    figure.add_scatter(
        x=epochs, y=table.valid, name="held out", line={"color": OWN, "dash": "dash"}, mode="lines+markers"
    )
    figure.update_xaxes(title="epoch", dtick=1)
    figure.update_yaxes(title=unit)
    return _finished(figure, title, height=300)


def _finished(figure: go.Figure, title: str, height: int = 360) -> go.Figure:
    figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 50 if title else 30, "b": 10}, bargap=0.15
    )
    if title:
        figure.update_layout(title={"text": title, "font_size": 15})
    return figure


def _short(title: str, width: int = TITLE_WIDTH) -> str:
    """Give a title that fits, escaped.

    >>> _short("<b>Alien</b> (1979)")
    '&lt;b&gt;Alien&lt;/b&gt; (1979)'
    """
    return html.escape(textwrap.shorten(title, width, placeholder="…"), quote=False)
