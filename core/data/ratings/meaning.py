"""The texts in a column of ratings -> numbers: what says "not rated", which words mean two values, and the scale."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.layouts.layout import Layout
from core.data.layouts.values import rating_values
from core.data.tables import UserTable
from core.errors import BadInput

ABSENT_SHARE = 0.2
"""Share of zeros from which they may mean "not rated" where no layout says so."""
LOWEST = 0.5
"""Lowest rating of a scale below which 0 may mean "not rated": half a star, or 1."""
FEWEST_OTHERS = 4
"""Different ratings that must be left beside a value that means "not rated"."""
USUAL_HIGHEST = 10
OUTLIER_SHARE = 0.01
"""Share of the ratings above USUAL_HIGHEST, or below 0, under which they are mistakes."""


@dataclass(frozen=True)
class Meaning:
    """The ratings of all rows."""

    ratings: np.ndarray
    """NaN where there is none."""
    absent: np.ndarray
    """Whether a row's value means "not rated"."""
    why_absent: str
    scale: tuple[float, float] | None
    """None where it is what occurs."""
    warnings: tuple[str, ...]


def meaning_of(texts: pd.Series, table: UserTable, column: str, layout: Layout | None) -> Meaning:
    """Return the meaning of a column of ratings (categories of text).

    Raises BadInput for the first row that is no rating.
    """
    codes, given = texts.cat.codes.to_numpy(), texts.cat.categories.astype("str")
    counts = np.bincount(codes[codes >= 0], minlength=len(given))
    read = rating_values(given.tolist())
    _refuse_unreadable(table, column, given, counts, codes, read.unreadable)
    values, warnings = read.values.copy(), []
    scale = None
    if layout is not None and layout.scale is not None:
        scale = float(layout.scale[0]), float(layout.scale[1])
    if read.words:
        scale = 0.0, 1.0
        warnings.append(f"{column!r} holds words, which are read as 1 (liked) and 0 (not liked).")
    elif read.out_of:
        warnings.append(f"{column!r} is read as ratings out of {read.out_of:g}.")
    numbers = pd.Series(counts, index=values).groupby(level=0).sum()
    numbers = numbers[numbers > 0]
    meant = [] if layout is None else [value for value in layout.absent if value in numbers.index]
    guessed = [] if layout is not None or read.words else _guess_absent(numbers)
    absent_values = [*meant, *guessed]
    listed = " and ".join(f"{value:g}" for value in absent_values)
    if guessed:
        warnings.append(
            f"{listed} is taken for “not rated”, since it is far from the other ratings, or far more frequent. If it "
            "is a rating, add 2 to all ratings."
        )
    if scale is None:
        _refuse_outliers(table, column, numbers.drop(absent_values), np.append(values, np.nan)[codes])
    is_absent = np.isin(values, absent_values)
    values[is_absent] = np.nan
    every = np.append(values, np.nan)[codes]
    return Meaning(
        ratings=every,
        absent=np.append(is_absent, False)[codes],
        why_absent=f"{column} is {listed}, which means “not rated”",
        scale=scale,
        warnings=tuple(warnings),
    )


def _guess_absent(counts: pd.Series) -> list[float]:
    """Return the value that means "not rated": 0 where no other value is as frequent, and all are LOWEST or more; or
    -1 below a scale from 0.

    >>> _guess_absent(pd.Series({0.0: 62, 5.0: 10, 6.0: 9, 7.0: 9, 8.0: 10}))
    [0.0]
    """
    if counts.empty:
        return []
    lowest, others = counts.index.min(), counts.drop(counts.index.min())
    if len(others) < FEWEST_OTHERS:
        return []
    spike = counts[lowest] > max(others.max(), ABSENT_SHARE * counts.sum())
    if lowest == -1 and others.index.min() >= 0:
        # Below it, 0 may have the same meaning.
        return [-1.0, *_guess_absent(others)]
    return [0.0] if lowest == 0 and others.index.min() >= LOWEST and spike else []


def _refuse_unreadable(
    table: UserTable,
    column: str,
    texts: Collection[str],
    counts: np.ndarray,
    codes: np.ndarray,
    bad: np.ndarray,
) -> None:
    """Raise BadInput for the first value that is no rating; one parameter for each part of the column."""
    if not (bad & (counts > 0)).any():
        return
    row = int(np.append(bad, False)[codes].argmax())
    value = [*texts][codes[row]][:40]
    if counts[bad].sum() > counts.sum() / 2:
        raise BadInput(
            f"{table.name}: {column} holds no ratings, but values such as {value!r}; choose the column of the "
            "ratings, and give numbers there, or words such as like and dislike"
        )
    raise BadInput(
        f"{table.location(row)}: {column} is {value!r}, which is not a number that can be read; correct or delete "
        "the line"
    )


def _refuse_outliers(table: UserTable, column: str, counts: pd.Series, ratings: np.ndarray) -> None:
    """Raise BadInput for the first of a few ratings that are beyond all others."""
    above, below = counts[counts.index > USUAL_HIGHEST].sum(), counts[counts.index < 0].sum()
    most = OUTLIER_SHARE * counts.sum()
    for number, outside in ((above, ratings > USUAL_HIGHEST), (below, ratings < 0)):
        if 0 < number < most:
            row = int(outside.argmax())
            raise BadInput(
                f"{table.location(row)}: {column} is {ratings[row]:g}, outside of 0 to {USUAL_HIGHEST}, as hardly "
                "any other is; correct or delete the line"
            )
