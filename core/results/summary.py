"""A run's record -> what it says in five sentences, and the factor that serves best as an example.

Takes `run.json`, whole or of an older run as `predict.read_record` gives it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from core.results.sentences import (
    READABILITY,
    VERDICTS,
    held_out,
    readability_line,
    stability_line,
    threshold_line,
    verdict,
)

HOW_CHOSEN = (
    "chosen by a rule: of the factors that are stable, or at least weak and readable from reviews, the stable ones "
    "come first, then the readable ones, then the strongest"
)
"""How `example_factor` chooses, for people."""


def story(record: dict[str, Any], title: Callable[[int], str]) -> dict[str, str]:
    """Return five sentences, each under its heading: data, ratings, stability, reviews, dominating factor.

    `title` gives a factor's number and name, safe where the sentences are shown; the rest is no stranger's text.
    """
    return {
        "Data": _data(record["ratings"], record["reviews"]),
        "Ratings kept out": _ratings(record),
        "Factors that repeat": _repeat(record["stability"]),
        "What reviews tell": _reviews(record),
        "The dominating factor": _dominating(record, title),
    }


def example_factor(
    stability: Sequence[str], readability: Sequence[str], strengths: Sequence[float] | None
) -> int | None:
    """Return the factor with the best evidence (HOW_CHOSEN), None where no factor has any; takes the words that
    `stability_verdicts` and `readability_verdicts` give.

    >>> stable, weak, told, untold = "stable", "weak", "readable from reviews", "not readable from reviews"
    >>> example_factor([weak, stable, stable], [told, untold, told], [0.9, 0.5, 0.1])
    2
    >>> example_factor([weak, weak], [untold, told], None), example_factor([weak], [untold], [0.9])
    (1, None)
    """
    stable = [word == VERDICTS["stable"] for word in stability]
    told = [word == READABILITY[True] for word in readability]
    supported = [k for k, word in enumerate(stability) if stable[k] or (word == VERDICTS["weak"] and told[k])]
    strength = strengths or [0.0] * len(stability)
    return max(supported, key=lambda k: (stable[k], told[k], strength[k]), default=None)


def goes_with(associations: pd.DataFrame, factor: int, unit: str) -> str:
    """Return which genre a factor goes with most clearly, "" where none is clear; `unit` is that of a difference.

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


def _data(ratings: dict[str, Any], reviews: dict[str, Any]) -> str:
    looked_at = reviews["films_with_reviews"] + reviews["films_without"]
    return (
        f"{ratings['ratings']:,} ratings by {ratings['users']:,} users of {ratings['films']:,} films, and "
        f"{reviews['reviews']:,} reviews of {reviews['films_with_reviews']:,} of the {looked_at:,} films looked at."
    )


def _ratings(record: dict[str, Any]) -> str:
    model = record["factor_model"]
    share = record["settings"]["factor_model"].get("valid_share")
    kept_out = "" if share is None else f" ({share:.0%} of all)"
    return (
        f"{model['factors']:,} factors predict the ratings kept out{kept_out} with an error (RMSE) of "
        f"{model['rmse_valid']:.3f} stars; the means of films and users alone, the baseline, reach "
        f"{model['rmse_means']:.3f}."
    )


def _repeat(found: dict[str, Any]) -> str:
    if "unmeasured" in found:
        return f"How far the factors repeat was {stability_line(found)}."
    return (
        f"Trained on the ratings of other people ({found['users']:,} users, halved {found['repeats']} times): "
        f"{stability_line(found)}."
    )


def _reviews(record: dict[str, Any]) -> str:
    grade = record["classifier"]
    gain = verdict(grade).removesuffix(".")
    told = readability_line(record["readability"], record["factor_model"]["factors"])
    return (
        f"The true factors of {held_out(grade)} are ranked with an LRAP of {grade['lrap']:.3f} (1 is perfect), "
        f"where label frequencies alone, the baseline, reach {grade['lrap_baseline']:.3f}; "
        f"{gain[:1].lower()}{gain[1:]}. One by one: {told}."
    )


def _dominating(record: dict[str, Any], title: Callable[[int], str]) -> str:
    factor, predicted = record["dominating_factor"], record["predictions"]
    if factor is None:
        return f"No factor is predicted in any review. {threshold_line(record['classifier'])}"
    labels = len(record["classifier"]["labels"])
    return (
        f"{predicted['of_dominating']:,} of {predicted['predicted']:,} predictions ({predicted['share']:.0%}) are "
        f"of {title(factor)}; if all {labels} were predicted equally often, it would be {1 / labels:.0%}."
    )
