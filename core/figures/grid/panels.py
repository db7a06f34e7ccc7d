"""Counts of a few films -> the panels of the grid: the bars of each film, and the factors on its axis.

Both pictures, that on the page (`grid`) and that in a file (`grid_picture`), are drawn from it, so that they
agree.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from core.formatting import counted

PANELS = 24
"""Most films on one page of the grid; with more panels in one figure, a browser hangs."""
PANEL_WIDTH = 200
"""Approximate width of a panel in pixels, by which the panels per row are computed."""
MOST_FACTORS = 12
"""Most bars of a panel. Where more factors are predicted, the last one stands for all others."""
OTHER, APART = -1, 0.7
"""Stands for all factors that have no bar of their own, and how far its bar stands apart from the others."""
FEWEST_REVIEWS = 5
"""Panels of films with fewer reviews are dimmed."""
MOST_LINES = 3
"""Most labelled heights of the axis above zero."""
HEADROOM = 1.05
"""Height of a panel as a multiple of the highest possible bar."""


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
    is_read: bool = True
    """Whether the reviews were read; else the film's top factors alone are drawn, as outlines."""


class Bar(NamedTuple):
    """A factor of a film."""

    factor: int
    """OTHER for all without a bar of their own."""
    at: float
    """Its position on the axis."""
    predicted: int
    """Number of the film's reviews in which it is predicted; of OTHER, the sum over its factors."""
    height: float
    """The same as drawn, a count or a percentage, at most all of its reviews."""
    is_top: bool
    """Whether it is one of the film's top factors."""


class Tick(NamedTuple):
    """A factor's number on the axis of a film."""

    at: float
    text: str
    is_top: bool
    """Whether it is one of the film's top factors."""


@dataclass(frozen=True)
class Panel:
    """A film's bars, and the factors on its axis."""

    film_id: str
    title: str
    subtitle: str
    """Number of reviews, agreement if it is in the table, and whether the film was held out."""
    reviews: int
    bars: list[Bar]
    """Its top factors, and other factors that are predicted."""
    ticks: list[Tick]
    others: int
    """How many factors OTHER stands for."""

    @property
    def has_few_reviews(self) -> bool:
        """Whether the film has too few reviews to say much."""
        return self.reviews < FEWEST_REVIEWS


@dataclass(frozen=True)
class Page:
    """The panels of a page, on one scale."""

    panels: list[Panel]
    top: float
    """Upper end of the shared axis."""
    places: float
    """Width of a panel in bars."""
    shared: list[int]
    """The factors on the axis, the same for all panels; empty where each panel has its own."""

    @property
    def factors(self) -> list[int]:
        """All factors that have a bar or a place of their own."""
        own = {bar.factor for panel in self.panels for bar in panel.bars} - {OTHER}
        return self.shared or sorted(own)


def panels(histograms: Histograms) -> Page:
    """Return one panel per film, in the order of the counts.

    Up to MOST_FACTORS factors are on the axis of each panel. Of more, a panel has those that are the film's top
    factors and those predicted most often on the page; all others are one bar, at most as high as all reviews.
    """
    counts = histograms.counts
    by_total = (
        counts.groupby("factor")["count"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    )
    shared = sorted(map(int, by_total)) if len(by_total) <= MOST_FACTORS else []
    full = 100.0 if histograms.shares else float(max(1, counts.reviews.max()))
    tops = histograms.tops[histograms.tops.film_id.isin(counts.film_id)]
    places = len(shared) or max([MOST_FACTORS - 1, *tops.groupby("film_id").size()]) + 1 + APART
    top_factors = set(zip(tops.film_id, tops.factor, strict=True))
    drawn = []
    for film_id, rows in counts.groupby("film_id", sort=False):
        first = rows.iloc[0]
        reviews = int(first.reviews)
        unit = 100 / reviews if histograms.shares else 1.0
        predicted = dict(zip(rows.factor.tolist(), rows["count"].tolist(), strict=True))
        own = {factor for factor in predicted if (film_id, factor) in top_factors}
        axis = shared or _axis_of(own, by_total)
        bars = [
            Bar(
                factor,
                at,
                predicted.get(factor, 0),
                predicted.get(factor, 0) * unit if histograms.is_read else full,
                factor in own,
            )
            for at, factor in enumerate(axis)
            if factor in own or predicted.get(factor)
        ]
        left = [count for factor, count in predicted.items() if factor not in axis]
        if sum(left):
            bars.append(Bar(OTHER, len(axis) + APART, sum(left), min(sum(left), reviews) * unit, False))
        ticks = [
            Tick(at, str(factor), factor in own)
            for at, factor in enumerate(axis)
            if shared or factor in own or predicted.get(factor)
        ]
        ticks += [Tick(len(axis) + APART, "other", False)] if sum(left) else []
        drawn.append(
            Panel(
                film_id,
                first.title,
                _subtitle(first, film_id in histograms.held_out),
                reviews,
                bars,
                ticks,
                len(left),
            )
        )
    return Page(drawn, HEADROOM * full, places, shared)


def _axis_of(own: set[int], by_total: list[int]) -> list[int]:
    """Return the factors of a panel that has not room for all: its own, then those predicted most often."""
    most = max(MOST_FACTORS - 1, len(own))
    others = [factor for factor in by_total if factor not in own]
    return sorted([*own, *others[: most - len(own)]])


def _subtitle(film: Any, is_held_out: bool) -> str:
    few = ", too few to say much" if film.reviews < FEWEST_REVIEWS else ""
    parts = [counted(film.reviews, "review") + few]
    parts += [f"agreement {film.agreement:.0%}"] if pd.notna(film.get("agreement")) else []
    parts += ["held out"] if is_held_out else []
    return ", ".join(parts)


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
