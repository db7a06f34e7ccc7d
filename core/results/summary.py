"""A run's record -> five sentences that sum it up, and the factor that serves best as an example."""

from collections.abc import Callable, Sequence

import pandas as pd

from core.results.run_record import RatingsRecord, ReviewsRecord, RunRecord, Stability, Unmeasured
from core.results.sentences import (
    gain_line,
    graded_on,
    readability_line,
    stability_line,
    threshold_line,
)
from core.results.verdict import VerdictWord

HOW_CHOSEN = (
    "chosen by a rule: the strongest of the solid factors, or, where none is solid, of the shaky ones"
)
"""The rule of `example_factor`, for people."""


def summary(record: RunRecord, title: Callable[[int], str]) -> dict[str, str]:
    """Return five sentences, each under its heading: data, ratings, stability, reviews, dominating factor.

    `title` returns a factor's number and name, escaped for the place where the sentences are shown; no other
    part contains untrusted text.
    """
    return {
        "Data": _data(record.ratings, record.reviews),
        "Ratings kept out": _ratings(record),
        "Factors that repeat": _repeat(record.stability),
        "What reviews tell": _reviews(record),
        "The dominating factor": _dominating(record, title),
    }


def example_factor(verdicts: Sequence[VerdictWord], strengths: Sequence[float] | None) -> int | None:
    """Return the factor with the best evidence by the rule HOW_CHOSEN, None where all are chance.

    >>> example_factor(["shaky", "solid", "solid"], [0.9, 0.5, 0.1])
    1
    >>> example_factor(["chance", "shaky"], None), example_factor(["chance"], [0.9])
    (1, None)
    """
    strength = strengths or [0.0] * len(verdicts)
    supported = [k for k, word in enumerate(verdicts) if word != "chance"]
    return max(supported, key=lambda k: (verdicts[k] == "solid", strength[k]), default=None)


def goes_with(associations: pd.DataFrame, factor: int, unit: str) -> str:
    """Return the genre with the largest clear effect on a factor, as a sentence, "" without one.

    `unit` is the unit of the difference.

    >>> row = {"factor": 0, "kind": "genre", "name": "War", "films": 9, "effect": 1.5, "low": 1, "high": 2}
    >>> goes_with(pd.DataFrame([row | {"clear": True}]), 0, "weight").split(" (")[0]
    'Its high end goes with War: the mean weight of these films lies 1.50 above that of the others'
    """
    clear = associations[
        (associations.factor == factor) & (associations.kind == "genre") & associations.clear
    ]
    if clear.empty:
        return ""
    row = clear.loc[clear.effect.abs().idxmax()]
    end, side = ("high", "above") if row.effect > 0 else ("low", "below")
    return (
        f"Its {end} end goes with {row['name']}: the mean {unit} of these films lies {abs(row.effect):.2f} {side} "
        f"that of the others (interval {row.low:+z.2f} to {row.high:+z.2f}, widened for {len(associations):,} "
        f"comparisons; {row.films:,} films)."
    )


def _data(ratings: RatingsRecord, reviews: ReviewsRecord) -> str:
    looked_at = reviews.films_with_reviews + reviews.films_without
    return (
        f"{ratings.ratings:,} ratings by {ratings.users:,} users of {ratings.films:,} films, and "
        f"{reviews.reviews:,} reviews of {reviews.films_with_reviews:,} of the {looked_at:,} films looked at."
    )


def _ratings(record: RunRecord) -> str:
    model, share = record.factor_model, record.run_settings.factor_model.valid_share
    return (
        f"{model.factors:,} factors predict the ratings kept out ({share:.0%} of all) with an error (RMSE) of "
        f"{model.rmse_valid:.3f} stars; the means of films and users alone, the baseline, reach "
        f"{model.rmse_means:.3f}."
    )


def _repeat(stability: Stability | Unmeasured) -> str:
    if isinstance(stability, Unmeasured):
        return f"How far the factors repeat was {stability_line(stability)}."
    return (
        f"Trained on the ratings of other people ({stability.users:,} users, halved {stability.repeats} times): "
        f"{stability_line(stability)}."
    )


def _reviews(record: RunRecord) -> str:
    classifier = record.classifier
    gain = gain_line(classifier).removesuffix(".")
    return (
        f"The true factors of {graded_on(classifier)} are ranked with an LRAP of {classifier.lrap:.3f} (1 is "
        f"perfect), where label frequencies alone, the baseline, reach {classifier.lrap_baseline:.3f}; "
        f"{gain[:1].lower()}{gain[1:]}. One by one: "
        f"{readability_line(record.readability, record.factor_model.factors)}."
    )


def _dominating(record: RunRecord, title: Callable[[int], str]) -> str:
    factor, predictions = record.dominating_factor, record.predictions
    if factor is None:
        return f"No factor is predicted in any review. {threshold_line(record.classifier)}"
    labels = len(record.classifier.labels)
    return (
        f"{predictions.of_dominating:,} of {predictions.predicted:,} predictions ({predictions.share:.0%}) are "
        f"of {title(factor)}; if all {labels} were predicted equally often, it would be {1 / labels:.0%}."
    )
