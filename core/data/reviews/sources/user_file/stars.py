"""Stars as people write them -> numbers of 0 to 10: "4.5", "4,5", "4/5", "4 out of 5 stars", "★★★½".

A number without its scale gets that of its column: of 5, 10, 20 or 100, by the highest that is common.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.layouts.values import NO_RATING, number_out_of
from core.data.reading_notes import ReadingNotes
from core.formatting import counted

SCALES = (5, 10, 20, 100)
MAX_STARS = 10
FEW = 0.1
"""Share of the numbers above a scale up to which these are mistakes, and the scale stays."""
MOST_UNREAD = 0.5
"""Share of unreadable stars above which the column holds something else."""


@dataclass(frozen=True)
class Stars:
    """The stars of a file."""

    values: np.ndarray
    """Of each row, float32 from 0 to 10, NaN where there are none."""
    scale: tuple[float, float] | None
    """Lowest and highest number as in the file; None where there is none."""
    notes: ReadingNotes


def read_stars(given: pd.Series) -> Stars:
    """Return the stars in a column of texts; of a column that holds no stars, none, and a note.

    >>> read_stars(pd.Series(["0.5", "4,5", "3/5", None, "good"], dtype="str")).values.tolist()
    [1.0, 9.0, 6.0, nan, nan]
    """
    codes, texts = pd.factorize(given.str.strip())
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    blank = np.array([text.lower() in NO_RATING for text in texts], dtype=bool)
    pairs = [
        (np.nan, np.nan) if empty else number_out_of(text) for text, empty in zip(texts, blank, strict=True)
    ]
    number, most = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    plain = ~np.isnan(number) & np.isnan(most)
    scale, warnings = MAX_STARS, []
    if plain.any():
        scale = _scale(number[plain], counts[plain])
        if scale not in (0, MAX_STARS):
            warnings.append(_rescaled(scale))
    absent = plain & (number == 0) & (scale == SCALES[0])
    if absent.any():
        warnings.append(
            f"{counted(int(counts[absent].sum()), 'review')} with 0 stars of {scale}, which counts as none"
        )
        number, blank = np.where(absent, np.nan, number), blank | absent
    most = np.where(plain, scale or np.nan, most)
    with np.errstate(invalid="ignore"):
        values = np.where((number >= 0) & (number <= most), number / most * MAX_STARS, np.nan)
    unread = counts[np.isnan(values) & ~blank].sum()
    if unread > MOST_UNREAD * counts[~blank].sum():
        example = next(
            text for text, value in zip(texts[~blank], values[~blank], strict=True) if np.isnan(value)
        )
        note = f"the column of stars is left out: {example[:40]!r} is no number of stars"
        return Stars(np.full(len(given), np.nan, np.float32), None, ReadingNotes().added(warnings=[note]))
    if unread:
        whose = (
            "1 review is read without its" if unread == 1 else f"{unread:,} reviews are read without their"
        )
        warnings.append(f"{whose} stars, which are not on the scale")
    kept = number[~np.isnan(values)]
    span = (float(kept.min()), float(kept.max())) if len(kept) else None
    by_row = np.append(values, np.nan)[codes].astype(np.float32)
    return Stars(by_row, span, ReadingNotes().added(warnings=warnings))


def _scale(numbers: np.ndarray, counts: np.ndarray) -> int:
    """Return what the numbers are out of; 0 where they are of no scale of stars, such as 0 and 1 for yes and no."""
    for scale in SCALES:
        if counts[numbers > scale].sum() <= FEW * counts.sum():
            return scale if numbers[numbers <= scale].max(initial=0) > 1 else 0
    return 0


def _rescaled(scale: int) -> str:
    return f"the stars are taken to be out of {scale}, and read as out of {MAX_STARS}"
