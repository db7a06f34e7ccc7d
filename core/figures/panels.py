"""Counts of a few films -> the panels of the grid: the bars of each film, and the positions of their numbers.

Both pictures, that on the page (`grid`) and that in a file (`grid_picture`), are drawn from it, so that they
agree.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from core.figures.style import shortened
from core.formatting import counted
from core.meaning.suggested_names import NO_MEANING, high_end

PANELS = 24
"""Most films on one page of the grid; with more panels in one figure, a browser hangs."""
PANEL_WIDTH, PLOT_HEIGHT = 200, 110
"""Approximate size of a panel in pixels, by which panels per row and positions of numbers are computed."""
NUMBER_WIDTH, NUMBER_HEIGHT = 13, 10
"""Approximate size of a factor's number in pixels."""
MOST_TICKS = 12
"""Most factors that have room for all of their numbers, on the axis and above the bars."""
AXIS_NAME = 17
"""Most characters of a factor's name on the axis."""
MOST_OTHERS = 3
"""With more factors, the most bars with a number besides those of the film's top factors."""
MOST_LINES = 3
"""Most labelled heights of the axis above zero."""
HEADROOM = 1.25
"""Height of a panel as a multiple of the highest possible bar, to leave room for numbers."""


@dataclass(frozen=True)
class Histograms:
    """The histograms of at most PANELS films, to be drawn by `grid` or `grid_picture`."""

    counts: pd.DataFrame
    """A table of frequencies; if it has `agreement`, each panel states it."""
    tops: pd.DataFrame
    """A table of top factors."""
    held_out: Collection[Any] = ()
    """Ids of the films to be marked as held out."""
    shares: bool = False
    """Whether heights are percentages of a film's reviews instead of counts."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Names of factors as shown."""
    verdicts: Sequence[str] = ()
    """The word of the verdict on each factor; empty where it is not to be shown."""


class Bar(NamedTuple):
    """A factor of a film."""

    factor: int
    at: int
    """Its position on the axis."""
    predicted: int
    """Number of the film's reviews in which it is predicted."""
    height: float
    """The same as drawn, a count or a percentage."""
    is_top: bool
    """Whether it is one of the film's top factors."""


@dataclass(frozen=True)
class Panel:
    """A film's bars and their numbers."""

    film_id: Any
    title: str
    subtitle: str
    """Number of reviews, agreement if it is in the table, and whether the film was held out."""
    reviews: int
    bars: list[Bar]
    """Its top factors, and other factors that are predicted."""
    numbers: list[tuple[Bar, float]]
    """The bars with a number, and the height of each number."""


def panels(histograms: Histograms) -> tuple[list[Panel], float]:
    """Return one panel per film, in the order of the counts, and the upper end of the shared axis."""
    counts = histograms.counts
    places = {factor: at for at, factor in enumerate(factors_in(counts))}
    full = 100.0 if histograms.shares else float(max(1, counts.reviews.max()))
    tops = histograms.tops[histograms.tops.film_id.isin(counts.film_id)]
    top_factors = set(zip(tops.film_id, tops.factor, strict=True))
    drawn = []
    for film_id, rows in counts.groupby("film_id", sort=False):
        first = rows.iloc[0]
        unit = 100 / int(first.reviews) if histograms.shares else 1.0
        every = (
            Bar(factor, places[factor], count, count * unit, (film_id, factor) in top_factors)
            for factor, count in zip(rows.factor.tolist(), rows["count"].tolist(), strict=True)
        )
        bars = sorted((bar for bar in every if bar.is_top or bar.predicted), key=lambda bar: bar.at)
        subtitle = [counted(first.reviews, "review")]
        subtitle += [f"agreement {first.agreement:.0%}"] if pd.notna(first.get("agreement")) else []
        subtitle += ["held out"] if film_id in histograms.held_out else []
        numbers = _numbers(bars, len(places), HEADROOM * full)
        drawn.append(Panel(film_id, first.title, ", ".join(subtitle), int(first.reviews), bars, numbers))
    return drawn, HEADROOM * full


def factors_in(counts: pd.DataFrame) -> list[int]:
    """Return the factors of the axis, in its order."""
    return sorted(map(int, counts.factor.unique()))


def ticks(factors: list[int]) -> list[int]:
    """Return the factors that are labelled on the axis: all if there is room, else multiples of ten.

    >>> ticks(list(range(42)))
    [0, 10, 20, 30, 40]
    """
    return factors if len(factors) <= MOST_TICKS else [factor for factor in factors if factor % 10 == 0]


def axis_names(factors: list[int], names: Mapping[int, str]) -> list[str] | None:
    """Return what the names say of the factors' high ends, for the axis, shortened; None without names or room.

    A bar counts reviews that speak of the high end. A factor without a clear meaning has no name there.

    >>> axis_names([0, 2, 3], {0: "≈ horror, gore ↔ romance", 2: "no clear meaning"})
    ['≈ horror, gore', '', '']
    >>> axis_names([0], {}), axis_names(list(range(42)), {0: "scary"})
    (None, None)
    """
    named = [names.get(factor, NO_MEANING) for factor in factors]
    if len(factors) > MOST_TICKS or set(named) == {NO_MEANING}:
        return None
    return ["" if name == NO_MEANING else shortened(high_end(name), AXIS_NAME) for name in named]


def heights(top: float, shares: bool) -> list[float]:
    """Return the labelled heights of an axis that ends at `top`: up to four round numbers.

    >>> heights(HEADROOM * 12, False), heights(HEADROOM * 100, True), heights(HEADROOM * 1, False)
    ([0, 5, 10], [0, 50, 100], [0, 1])
    """
    if shares:
        return [0, 50, 100]
    full = round(top / HEADROOM)
    step = next(
        step * 10**power
        for power in range(12)
        for step in (1, 2, 5)
        if full / (step * 10**power) <= MOST_LINES
    )
    return list(range(0, full + 1, step))


def _numbers(bars: list[Bar], places: int, top: float) -> list[tuple[Bar, float]]:
    """Return the bars with a number, and the height of each number.

    A number is placed above the bars and numbers that it would cover. Only numbers of the film's top factors
    are raised for this; others without room are left out.
    """
    wide = NUMBER_WIDTH * places / PANEL_WIDTH
    tall = top * NUMBER_HEIGHT / PLOT_HEIGHT
    others = sorted((bar for bar in bars if not bar.is_top), key=lambda bar: -bar.predicted)
    placed: list[tuple[Bar, float]] = []
    for bar in [bar for bar in bars if bar.is_top] + others[: None if places <= MOST_TICKS else MOST_OTHERS]:
        lowest = height = max(other.height for other in bars if abs(other.at - bar.at) < wide / 2)
        for taken in sorted(at for other, at in placed if abs(other.at - bar.at) < wide):
            if abs(taken - height) < tall:
                height = taken + tall
        if bar.is_top or height == lowest:
            placed.append((bar, height))
    return placed
