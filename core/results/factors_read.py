"""What was read in reviews -> the factors that they speak of, and those to show first.

Takes a table with a row a factor, as `inference` gives it of one text or of several.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from core.results.run_record import Readability, Unmeasured
from core.results.verdict import VerdictWord, may_be_luck

STANDS_OUT = 1.5
"""Least odds of a factor in a single review, as a multiple of the odds of its base rate, for it to count as read."""


class FactorsRead(NamedTuple):
    """The factors that reviews speak of, the one farthest above its base rate first."""

    read: list[int]
    perhaps_luck: list[int]
    """Factors above their base rate that may be chance, that reviews do not tell, or that are too little
    above it."""
    not_measured: list[int]
    """Other factors above their base rate, of which nobody measured whether reviews tell them."""


def factors_read(
    table: pd.DataFrame, verdicts: Sequence[VerdictWord], readability: Readability | Unmeasured
) -> FactorsRead:
    """Return the factors that stand above their base rate, by whether anything shows that reviews tell them.

    Only a factor that was measured to be readable counts as read. `table` has factor, probability, base_rate, and of
    one review predicted (bool): it reaches its threshold. Of several reviews it has clear: the interval of the mean
    does not hold the base rate. `verdicts` has that of each factor. A single review has no interval, so there a
    factor has to stand out by STANDS_OUT.

    >>> table = pd.DataFrame({"factor": [0, 1, 2], "probability": [0.5, 0.9, 0.1], "base_rate": 0.2})
    >>> unmeasured = Unmeasured(unmeasured="too few films")
    >>> factors_read(table.assign(predicted=True), ["chance", "shaky", "shaky"], unmeasured)
    FactorsRead(read=[], perhaps_luck=[0], not_measured=[1])
    """
    is_one = _is_one_review(table)
    is_above = (table.predicted if is_one else table.clear).astype(bool) & (
        table.probability > table.base_rate
    )
    above = table[is_above]
    odds, usual = (share / (1 - share) for share in (above.probability, above.base_rate))
    little = set(above.factor[odds < STANDS_OUT * usual]) if is_one else set()
    labels = [] if isinstance(readability, Unmeasured) else readability.per_label
    readable = {label.factor: label.readable for label in labels}
    factors = FactorsRead([], [], [])
    for factor in highest_above(above):
        if may_be_luck(verdicts[factor]) or readable.get(factor) is False or factor in little:
            factors.perhaps_luck.append(factor)
        elif readable.get(factor):
            factors.read.append(factor)
        else:
            factors.not_measured.append(factor)
    return factors


def tells_nothing(readability: Readability | Unmeasured) -> bool:
    """Return whether reviews tell no factor of a run better than luck, so that no reading says much.

    >>> tells_nothing(Unmeasured(unmeasured="too few films"))
    False
    """
    return isinstance(readability, Readability) and not any(row.readable for row in readability.per_label)


def can_be_read(readability: Readability | Unmeasured, verdicts: Sequence[VerdictWord]) -> bool:
    """Return whether any factor could stand out: it is not of chance, and reviews reveal it, or nobody tested that.

    >>> can_be_read(Unmeasured(unmeasured="too few films"), ["chance", "shaky"])
    True
    """
    if isinstance(readability, Unmeasured):
        return not all(map(may_be_luck, verdicts))
    return any(
        label.readable is not False and not may_be_luck(verdicts[label.factor])
        for label in readability.per_label
    )


def farthest(table: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return the `many` labels farthest from their base rate, in the order of the table.

    For a single review the labels predicted are included too.
    """
    distance = (table.probability - table.base_rate).abs()
    farthest_labels = distance.rank(ascending=False, method="first") <= many
    return table[farthest_labels | table.predicted if _is_one_review(table) else farthest_labels]


def highest_above(table: pd.DataFrame) -> list[int]:
    """Return the labels by descending difference of their probability from their base rate."""
    order = (table.base_rate - table.probability).argsort(kind="stable")
    return [int(factor) for factor in table.factor.iloc[order]]


def _is_one_review(table: pd.DataFrame) -> bool:
    """Return whether a table is of one review; of several, `predicted` counts them."""
    return bool(table.predicted.dtype == bool)
