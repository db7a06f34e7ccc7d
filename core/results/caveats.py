"""What was read of a film, and what the run measured -> sentences that say when the evidence is thin.

`film` is what `inference.film.place` gives, `record` the run's `run.json`. Each rule says what it goes by.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.formatting import counted
from core.results.sentences import readability_told

FEW_WORDS = 20
"""Fewer words say little, whoever reads them."""
MANY_UNKNOWN = 0.3
"""With a larger share of unknown words the text is hardly in the language that the classifier reads."""


def by_as_many(placing: Mapping[str, Any], reviews: int) -> dict[str, Any] | None:
    """Return what the run measured on films placed by as many reviews, or by fewer where so many were not tried:
    reviews (at most so many a film), rmse, told, nearest_low. None in an older run.

    >>> by_as_many({"few_reviews": [{"reviews": 1}, {"reviews": 3}, {"reviews": 10}]}, 5)
    {'reviews': 3}
    """
    fit = [row for row in placing.get("few_reviews", []) if row["reviews"] <= reviews]
    return fit[-1] if fit else None


def thin(film: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    """Return what makes the evidence thin, each in a sentence or some; nothing where it is as good as the run's."""
    found = []
    if film["words"] < FEW_WORDS:
        found.append(
            f"Thin evidence: fewer than {FEW_WORDS} words in all. Take the answer as a hint at most."
        )
    if film["unknown_share"] > MANY_UNKNOWN:
        found.append(
            f"The classifier does not know {film['unknown_share']:.0%} of these words, so it can hardly read this "
            "text. Is it in another language than the reviews that it learned from?"
        )
    readability = record["readability"]
    if "unmeasured" not in readability and not any(row.get("readable") for row in readability["per_label"]):
        found.append(f"{readability_told(readability)} So none of the probabilities says much.")
    measured = by_as_many(record["placing"], film["reviews"])
    if "unmeasured" in film or measured is None:
        return found
    rmse, at_most = record["placing"]["rmse"], counted(measured["reviews"], "review")
    gained = (rmse["users_means"] - measured["rmse"], rmse["users_means"] - rmse["left_out"])
    if gained[0] < gained[1] / 2:
        found.append(
            f"Thin evidence: from {counted(film['reviews'], 'review')}, less than half is known of what reviews "
            f"can tell of a rating. On rated films left out the typical error is {measured['rmse']:.2f} from at "
            f"most {at_most} a film and {rmse['left_out']:.2f} from all that there are; each person's own mean "
            f"alone is {rmse['users_means']:.2f} off."
        )
    if film["nearest"][0]["likeness"] < measured["nearest_low"]:
        found.append(
            f"These reviews read unlike those of all rated films: the likeness to the nearest is "
            f"{film['nearest'][0]['likeness']:.2f}, and 95 % of the rated films, read by at most {at_most} each, "
            f"have a neighbour of {measured['nearest_low']:.2f} or more. "
            "Where the film stands is a guess beyond what was learnt."
        )
    return found


def farthest(table: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return the labels that say most: the `many` farthest above or below their base rate, and what one review is
    predicted to carry; in their order."""
    distance = (table.probability - table.base_rate).abs()
    kept = distance.rank(ascending=False, method="first") <= many
    return table[kept | table.predicted] if table.predicted.dtype == bool else table[kept]


def highest_above(table: pd.DataFrame) -> list[int]:
    """Return the labels by how far their probability is above their base rate, the highest first."""
    order = (table.base_rate - table.probability).argsort(kind="stable")
    return [int(factor) for factor in table.factor.iloc[order]]


def best_told(placed: pd.DataFrame, many: int) -> pd.DataFrame:
    """Return the factors of a placed film that reviews tell best, at most so many, best first."""
    return placed.sort_values("told", ascending=False, kind="stable").head(many)


def expected_line(found: Mapping[str, Any]) -> str:
    """Return how far off a rating that is expected may be; `found` is `expected` of a film placed.

    >>> rmse = {"users_means": 1.06, "known": 0.9, "left_out": 1.04, "ratings": 4358, "films": 323}
    >>> expected_line({"rating": 3.61, "error": 1.05, "rmse": rmse}).split(";")[0]
    '± 1.05 is the typical error (RMSE) on 323 rated films left out and placed by as few reviews'
    """
    rmse = found["rmse"]
    worth = "alone is no worse" if rmse["users_means"] <= found["error"] else "alone is worse"
    return (
        f"± {found['error']:.2f} is the typical error (RMSE) on {rmse['films']:,} rated films left out and placed "
        f"by as few reviews; each person's own mean {worth} ({rmse['users_means']:.2f}), and where the films "
        f"really stand would give {rmse['known']:.2f}"
    )
