"""The texts in a column of ratings -> numbers: what says "not rated", which words mean two values, and the scale."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.layouts.layout import Layout
from core.data.layouts.values import rating_values
from core.data.tables import UserTable
from core.errors import BadInput
from core.formatting import counted

ABSENT_SHARE = 0.2
"""Share of zeros from which they may mean "not rated" where no layout says so."""
LOWEST = 0.5
"""Lowest rating of a scale below which 0 may mean "not rated": half a star, or 1."""
FEWEST_OTHERS = 4
"""Different ratings that must be left beside a value that means "not rated"."""
FEW = 3
"""Ratings outside of a layout's scale that are mistakes in any table, however small."""
USUAL_HIGHEST = 10
OUTLIER_SHARE = 0.01
"""Share of the ratings above USUAL_HIGHEST, below 0 or outside of a layout's scale, under which they are mistakes."""


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
    layout: Layout | None
    """The layout, unless the ratings do not fit it."""


def meaning_of(texts: pd.Series, table: UserTable, column: str, layout: Layout | None) -> Meaning:
    """Return the meaning of a column of ratings (categories of text).

    Raises BadInput for the first row that is no rating.
    """
    codes, given = texts.cat.codes.to_numpy(), texts.cat.categories.astype("str")
    counts = np.bincount(codes[codes >= 0], minlength=len(given))
    read = rating_values(given.tolist())
    _refuse_unreadable(table, column, given, counts, codes, read.unreadable)
    values, warnings = read.values.copy(), []
    numbers = pd.Series(counts, index=values).groupby(level=0).sum()
    numbers = numbers[numbers > 0]
    if layout is not None and (span := layout.scale or layout.within) and not _fit(numbers, layout, span):
        warnings.append(
            f"The columns are those of {layout.name}, but many ratings are outside of {span[0]:g} to {span[1]:g}. So "
            "they are read as those of a table of your own."
        )
        layout = None
    scale = None
    if layout is not None and layout.scale is not None:
        scale = float(layout.scale[0]), float(layout.scale[1])
    if read.words:
        scale = 0.0, 1.0
        warnings.append(f"{column!r} holds words, which are read as 1 (liked) and 0 (not liked).")
    elif read.out_of:
        warnings.append(f"{column!r} is read as ratings out of {read.out_of:g}.")
    meant = [] if layout is None else [value for value in layout.absent if value in numbers.index]
    guessed = [] if layout is not None or read.words else _guess_absent(numbers)
    absent_values = [*meant, *guessed]
    listed = " and ".join(f"{value:g}" for value in absent_values)
    if guessed:
        warnings.append(
            f"{listed} is read as “not rated”, since it is far from the other ratings, or far more frequent. If it "
            "is a rating, add 2 to all ratings."
        )
    elif not absent_values and not read.words and (zeros := _doubtful_zeros(numbers)):
        warnings.append(
            f"{counted(zeros, 'rating')} of 0 in {column!r} count as ratings; delete them if 0 means none."
        )
    if layout is not None and layout.within is not None:
        _refuse_outside(table, column, layout.within, np.append(values, np.nan)[codes])
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
        layout=layout,
    )


def _fit(counts: pd.Series, layout: Layout, span: tuple[float, float]) -> bool:
    """Return whether no more than a few ratings are outside of a layout's scale."""
    rated = counts.drop([value for value in layout.absent if value in counts.index])
    outside = rated[(rated.index < span[0]) | (rated.index > span[1])].sum()
    return bool(outside <= max(FEW, OUTLIER_SHARE * rated.sum()))


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


def _doubtful_zeros(counts: pd.Series) -> int:
    """Return how many ratings are 0, below a scale that may begin at LOWEST."""
    others = counts.drop(0.0, errors="ignore")
    doubtful = len(others) >= FEWEST_OTHERS and others.index.min() >= LOWEST
    return int(counts.get(0.0, 0)) if doubtful else 0


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
            f"{table.name}: {column} holds no ratings, but values such as {value!r}. Choose the column of the "
            "ratings, and give numbers there, or words such as like and dislike"
        )
    raise BadInput(
        f"{table.location(row)}: {column} is {value!r}, which is not a readable number; correct or delete "
        "the line"
    )


def _refuse_outside(table: UserTable, column: str, span: tuple[float, float], ratings: np.ndarray) -> None:
    """Raise BadInput for the first rating outside of a layout's scale."""
    outside = (ratings < span[0]) | (ratings > span[1])
    if outside.any():
        row = int(outside.argmax())
        raise BadInput(
            f"{table.location(row)}: {column} is {ratings[row]:g}, outside of {span[0]:g} to {span[1]:g}; correct or "
            "delete the line"
        )


def _refuse_outliers(table: UserTable, column: str, counts: pd.Series, ratings: np.ndarray) -> None:
    """Raise BadInput for the first of a few ratings that are beyond all others."""
    above, below = counts[counts.index > USUAL_HIGHEST].sum(), counts[counts.index < 0].sum()
    most = OUTLIER_SHARE * counts.sum()
    for number, outside in ((above, ratings > USUAL_HIGHEST), (below, ratings < 0)):
        if 0 < number < most:
            row = int(outside.argmax())
            raise BadInput(
                f"{table.location(row)}: {column} is {ratings[row]:g}, outside of 0 to {USUAL_HIGHEST}, unlike "
                "nearly all others; correct or delete the line"
            )
