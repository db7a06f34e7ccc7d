"""A film read from its reviews, and a run's record -> sentences that warn of weak evidence.

`film` is the result of `inference.film.place`. Each sentence names the numbers that it rests on.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.formatting import counted
from core.results.factors_read import tells_nothing
from core.results.run_record import ColdStart, RunRecord
from core.results.sentences import readability_summary

FEW_WORDS = 20
"""Fewer words are weak evidence for any reader."""
MANY_UNKNOWN = 0.3
"""With a larger share of unknown words the text is hardly in the language that the classifier reads."""

KNOWS_NONE = (
    "The classifier knows no word of this but words such as “the”. So it cannot say what the text speaks of."
)


def caveats(film: Mapping[str, Any], record: RunRecord) -> list[str]:
    """Return the limits of the evidence on a film read from its reviews, one or more sentences each.

    Empty where the evidence is as good as the run's.
    """
    of_run = [readability_summary(record.readability)] if tells_nothing(record.readability) else []
    return [*reading_caveats(film), *of_run, *placing_caveats(film, record)]


def reading_caveats(film: Mapping[str, Any]) -> list[str]:
    """Return the limits of the texts, one or more sentences each."""
    if not film["known"]:
        return [KNOWS_NONE]
    sentences = []
    if film["words"] < FEW_WORDS:
        sentences.append(
            f"Thin evidence: fewer than {FEW_WORDS} words in all. Add a few sentences for a firmer answer."
        )
    if film["unknown_share"] > MANY_UNKNOWN:
        sentences.append(
            f"The classifier does not know {film['unknown_share']:.0%} of these words, so it can hardly read them. "
            "It knows only the language of the reviews that it learned from."
        )
    return sentences


def placing_caveats(film: Mapping[str, Any], record: RunRecord) -> list[str]:
    """Return the limits of where the film stands, as `caveats`; none where the run did not measure that."""
    cold_start = record.cold_start
    if not isinstance(cold_start, ColdStart) or "unmeasured" in film:
        return []
    few, rmse = cold_start.by_at_most(film["reviews"]), cold_start.rmse
    if few is None or rmse is None:
        return []
    sentences: list[str] = []
    as_few = "1 review" if few.reviews == 1 else f"{few.reviews} reviews or fewer"
    gains = (rmse.users_means - few.rmse, rmse.users_means - rmse.left_out)
    if gains[0] < gains[1] / 2:
        sentences.append(
            f"Thin evidence: {counted(film['reviews'], 'review')} {'says' if film['reviews'] == 1 else 'say'} "
            f"little about the rating. With {as_few} per film, the typical error is {few.rmse:.2f} stars. "
            f"With all reviews it is {rmse.left_out:.2f}. Each person's own mean errs by "
            f"{rmse.users_means:.2f}."
        )
    likeness = film["nearest"][0]["likeness"]
    if likeness < few.nearest_low:
        sentences.append(
            f"No rated film has similar reviews: the likeness to the nearest is {likeness:z.2f}. 95% of the rated "
            f"films have a neighbour at {few.nearest_low:z.2f} or more. So the film's position is a guess."
        )
    return sentences


def best_explained(placed: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return at most `many` factors of a placed film, by descending variance that reviews explain."""
    return placed.sort_values("told", ascending=False, kind="stable").head(many)


def expected_line(expected: Mapping[str, Any]) -> str:
    """Return the typical error of an expected rating; `expected` as `inference.film.place` returns it.

    >>> rmse = {"users_means": 1.06, "known": 0.9, "left_out": 1.04, "ratings": 4358, "films": 323}
    >>> expected_line({"rating": 3.61, "error": 1.05, "rmse": rmse}).split(". ")[0]
    '± 1.05 is the typical error (RMSE) on 323 rated films placed by as many reviews or fewer'
    """
    rmse = expected["rmse"]
    worth = "no worse" if rmse["users_means"] <= expected["error"] else "worse"
    return (
        f"± {expected['error']:.2f} is the typical error (RMSE) on {rmse['films']:,} rated films placed by as "
        f"many reviews or fewer. Each person's own mean is {worth} ({rmse['users_means']:.2f}). With the films' true "
        f"weights it would be {rmse['known']:.2f}"
    )
