"""The phrases of a review that moved a factor, for and against."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import BLUE, GREY, VERMILION, WHOLE, factor_title, finished, short
from core.meaning.suggested_names import high_end

PHRASE = 34
"""Most characters of a phrase beside its bar."""
MANY_PHRASES = 5
"""Phrases drawn for a factor, and as many against it, the strongest."""


def phrases_that_moved(moved: pd.DataFrame, factor: int, name: str) -> go.Figure:
    """Draw by how many points the probability of a factor would fall without each phrase, those for it above.

    `moved` has word and fall (of a probability), the strongest phrase first. Bars against the factor are hatched. A
    phrase that stands in the text several times has one bar, the sum.
    """
    words = moved.word.str.split().str.join(" ")
    alike = moved.assign(word=words).groupby(words.str.lower(), sort=False)
    phrases = alike.agg(word=("word", "first"), fall=("fall", "sum"), times=("fall", "size"))
    sides = (phrases[phrases.fall > 0], phrases[phrases.fall <= 0])
    shown = pd.concat([side.head(MANY_PHRASES) for side in sides])
    shown = shown.sort_values("fall", ascending=False, kind="stable")
    rows, points = np.arange(len(shown)), 100 * shown.fall.to_numpy()
    figure = go.Figure(
        go.Bar(
            x=points,
            y=rows,
            orientation="h",
            marker={
                "color": [BLUE if point > 0 else VERMILION for point in points],
                "pattern": {"shape": ["" if point > 0 else "/" for point in points]},
            },
            text=[f"{point:+z.1f}" for point in points],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                [short(word, WHOLE), f"{abs(point):.1f} points {'lower' if point > 0 else 'higher'}"]
                for word, point in zip(shown.word, points, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>without it: %{customdata[1]}<extra></extra>",
        )
    )
    figure.update_yaxes(
        autorange="reversed",
        tickmode="array",
        tickvals=rows,
        ticktext=[
            short(word, PHRASE) + (f" (×{times})" if times > 1 else "")
            for word, times in zip(shown.word, shown.times, strict=True)
        ],
        zeroline=False,
        # Lines would cross the numbers.
        showgrid=False,
    )
    # Room for the numbers beside the longest bars.
    reach = 1.3 * np.abs(points).max(initial=0.1)
    ends = [-reach if (points < 0).any() else 0, reach if (points > 0).any() else 0]
    figure.update_xaxes(
        title="points of probability<br>← against · for →", range=ends, zeroline=True, zerolinecolor=GREY
    )
    title = f"Phrases that moved {factor_title(factor, high_end(name), PHRASE)}"
    return finished(figure, title, height=100 + 34 * max(3, len(shown)))
