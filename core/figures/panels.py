"""Counts of a few films -> what stands in each panel of the grid: its bars, and where its numbers have room.

Two pictures are drawn from it, on the page (`grid`) and for printing (`grid_picture`), so that they agree.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from core.formatting import counted

PANELS = 24
"""Most films on one page of the grid: more panels in one figure block a browser."""
PANEL_WIDTH, PLOT_HEIGHT = 200, 110
"""A panel in pixels, about: how many fit side by side, and where its numbers have room."""
NUMBER_WIDTH, NUMBER_HEIGHT = 13, 10
"""What a factor's number takes in pixels, about."""
MOST_TICKS = 12
"""So many factors have room for all of their numbers, on the axis and above the bars."""
MOST_OTHERS = 3
"""Where there are more, so many bars bear their number besides those of the film's top factors."""
MOST_LINES = 3
"""Heights that bear a number, besides none."""
HEADROOM = 1.25
"""How much higher than the highest bar that there may be a panel is, for the numbers above it."""


class Bar(NamedTuple):
    """A factor of a film."""

    factor: int
    at: int
    """Its place on the axis."""
    predicted: int
    """In how many of the film's reviews."""
    height: float
    """The same, as it is drawn."""
    own: bool
    """Whether it is one of the film's top factors."""


@dataclass(frozen=True)
class Panel:
    """A film's bars and their numbers."""

    film_id: Any
    title: str
    said: str
    """How many reviews it has, its agreement where that is in the table, and whether it was held out."""
    reviews: int
    bars: list[Bar]
    """Its top factors, and the others that are predicted."""
    numbers: list[tuple[Bar, float]]
    """The bars whose number is written, and how high it stands."""


def panels(
    counts: pd.DataFrame, tops: pd.DataFrame, held_out: Collection[Any] = (), shares: bool = False
) -> tuple[list[Panel], float]:
    """Return a panel a film, in the order of `counts`, and the top end of the axis that all panels share.

    `counts` is a table of frequencies (where it has `agreement`, that is said too), `tops` of top factors,
    `held_out` has ids of films. Heights are numbers of reviews, or with `shares` % of the film's reviews.
    """
    places = {factor: at for at, factor in enumerate(factors_in(counts))}
    full = 100.0 if shares else float(max(1, counts.reviews.max()))
    tops = tops[tops.film_id.isin(counts.film_id)]
    own = set(zip(tops.film_id, tops.factor, strict=True))
    found = []
    for film_id, mine in counts.groupby("film_id", sort=False):
        first = mine.iloc[0]
        unit = 100 / int(first.reviews) if shares else 1.0
        every = (
            Bar(factor, places[factor], count, count * unit, (film_id, factor) in own)
            for factor, count in zip(mine.factor.tolist(), mine["count"].tolist(), strict=True)
        )
        bars = sorted((bar for bar in every if bar.own or bar.predicted), key=lambda bar: bar.at)
        said = [counted(first.reviews, "review")]
        said += [f"agreement {first.agreement:.0%}"] if pd.notna(first.get("agreement")) else []
        said += ["held out"] if film_id in held_out else []
        numbers = _numbers(bars, len(places), HEADROOM * full)
        found.append(Panel(film_id, first.title, ", ".join(said), int(first.reviews), bars, numbers))
    return found, HEADROOM * full


def factors_in(counts: pd.DataFrame) -> list[int]:
    """Return the factors of the axis, in its order."""
    return sorted(map(int, counts.factor.unique()))


def ticks(factors: list[int]) -> list[int]:
    """Return the factors whose numbers stand on the axis: all that have room, else round ones.

    >>> ticks(list(range(42)))
    [0, 10, 20, 30, 40]
    """
    return factors if len(factors) <= MOST_TICKS else [factor for factor in factors if factor % 10 == 0]


def heights(top: float, shares: bool) -> list[float]:
    """Return the heights that bear a number, where the axis ends at `top`: some four, round ones.

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
    """Return the bars that bear their number and how high it stands: above the bars that it would cover and above
    other numbers. Only those of the film's top factors are lifted; another without room is left out."""
    wide = NUMBER_WIDTH * places / PANEL_WIDTH
    tall = top * NUMBER_HEIGHT / PLOT_HEIGHT
    others = sorted((bar for bar in bars if not bar.own), key=lambda bar: -bar.predicted)
    placed: list[tuple[Bar, float]] = []
    for bar in [bar for bar in bars if bar.own] + others[: None if places <= MOST_TICKS else MOST_OTHERS]:
        lowest = height = max(other.height for other in bars if abs(other.at - bar.at) < wide / 2)
        for taken in sorted(at for other, at in placed if abs(other.at - bar.at) < wide):
            if abs(taken - height) < tall:
                height = taken + tall
        if bar.own or height == lowest:
            placed.append((bar, height))
    return placed
