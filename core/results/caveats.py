"""A film read from its reviews, and a run's record -> sentences that warn of weak evidence.

`film` is the result of `inference.film.place`. Each sentence names the numbers that it rests on.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.formatting import counted
from core.results.run_record import ColdStart, Readability, RunRecord
from core.results.sentences import readability_summary

FEW_WORDS = 20
"""Fewer words are weak evidence for any reader."""
MANY_UNKNOWN = 0.3
"""With a larger share of unknown words the text is hardly in the language that the classifier reads."""


def caveats(film: Mapping[str, Any], record: RunRecord) -> list[str]:
    """Return the limits of the evidence on a film read from its reviews, one or more sentences each.

    Empty where the evidence is as good as the run's.
    """
    sentences = []
    if film["words"] < FEW_WORDS:
        sentences.append(
            f"Thin evidence: fewer than {FEW_WORDS} words in all. Take the answer as a hint at most."
        )
    if film["unknown_share"] > MANY_UNKNOWN:
        sentences.append(
            f"The classifier does not know {film['unknown_share']:.0%} of these words, so it can hardly read this "
            "text. Is it in another language than the reviews that it learned from?"
        )
    readability = record.readability
    if isinstance(readability, Readability) and not any(label.readable for label in readability.per_label):
        sentences.append(f"{readability_summary(readability)} So none of the probabilities says much.")
    if isinstance(record.cold_start, ColdStart) and "unmeasured" not in film:
        sentences += _placed(film, record.cold_start)
    return sentences


def _placed(film: Mapping[str, Any], cold_start: ColdStart) -> list[str]:
    """Return the limits of the evidence on a film's weights; empty where the run did not measure them."""
    few, rmse = cold_start.by_at_most(film["reviews"]), cold_start.rmse
    if few is None or rmse is None:
        return []
    sentences, at_most = [], counted(few.reviews, "review")
    gains = (rmse.users_means - few.rmse, rmse.users_means - rmse.left_out)
    if gains[0] < gains[1] / 2:
        sentences.append(
            f"Thin evidence: from {counted(film['reviews'], 'review')}, less than half is known of what reviews "
            f"can tell of a rating. On rated films left out the typical error is {few.rmse:.2f} from at "
            f"most {at_most} a film and {rmse.left_out:.2f} from all that there are; each person's own mean "
            f"alone is {rmse.users_means:.2f} off."
        )
    likeness = film["nearest"][0]["likeness"]
    if likeness < few.nearest_low:
        sentences.append(
            f"These reviews read unlike those of all rated films: the likeness to the nearest is "
            f"{likeness:.2f}, and 95 % of the rated films, read by at most {at_most} each, "
            f"have a neighbour of {few.nearest_low:.2f} or more. "
            "Where the film stands is a guess beyond what was learnt."
        )
    return sentences


def farthest(table: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return the `many` labels farthest from their base rate, in the order of the table.

    For a single review the labels predicted are included too.
    """
    distance = (table.probability - table.base_rate).abs()
    farthest_labels = distance.rank(ascending=False, method="first") <= many
    is_shown = farthest_labels | table.predicted if table.predicted.dtype == bool else farthest_labels
    return table[is_shown]


def highest_above(table: pd.DataFrame) -> list[int]:
    """Return the labels by descending difference of their probability from their base rate."""
    order = (table.base_rate - table.probability).argsort(kind="stable")
    return [int(factor) for factor in table.factor.iloc[order]]


def best_explained(placed: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return at most `many` factors of a placed film, by descending variance that reviews explain."""
    return placed.sort_values("told", ascending=False, kind="stable").head(many)


def expected_line(expected: Mapping[str, Any]) -> str:
    """Return the typical error of an expected rating; `expected` as `inference.film.place` returns it.

    >>> rmse = {"users_means": 1.06, "known": 0.9, "left_out": 1.04, "ratings": 4358, "films": 323}
    >>> expected_line({"rating": 3.61, "error": 1.05, "rmse": rmse}).split(";")[0]
    '± 1.05 is the typical error (RMSE) on 323 rated films left out and placed by as few reviews'
    """
    rmse = expected["rmse"]
    worth = "alone is no worse" if rmse["users_means"] <= expected["error"] else "alone is worse"
    return (
        f"± {expected['error']:.2f} is the typical error (RMSE) on {rmse['films']:,} rated films left out and placed "
        f"by as few reviews; each person's own mean {worth} ({rmse['users_means']:.2f}), and where the films "
        f"really stand would give {rmse['known']:.2f}"
    )
