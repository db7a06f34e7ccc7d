"""The histograms: a panel a film, in how many of its reviews each factor is predicted."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.style import OTHER, OWN, short, titled

PANELS = 24
"""Most films on one page of the grid: more panels in one figure block a browser."""
MOST_TICKS = 12
"""Most factors whose numbers have room below a panel of the grid."""


def histogram_grid(
    counts: pd.DataFrame,
    tops: pd.DataFrame,
    columns: int = 4,
    held_out: Collection[Any] = (),
    names: Mapping[int, str] | None = None,
) -> go.Figure:
    """Draw a panel a film: in how many of its reviews each factor is predicted.

    `counts` is a table of frequencies of at most PANELS films; bars of a film's own top factors (`tops`)
    are blue, the others grey; films in `held_out` (ids) are marked. Panels share both axes, so they compare.
    A bar bears its factor's number; the factor's name, where it has one, stands in the hover.
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
            f"{short(f.title)}: {f.reviews}{' (held out)' if f.film_id in held_out else ''}"
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
                [
                    titled(factor, (names or {}).get(factor, "")),
                    "one of the film's top factors" if o else "not one of its top factors",
                ]
                for factor, o in zip(mine.factor, is_own, strict=True)
            ],
            hovertemplate=(
                f"%{{customdata[0]}}: %{{y}} of {film.reviews} reviews<br>%{{customdata[1]}}<extra></extra>"
            ),
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
