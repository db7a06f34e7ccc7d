"""A run's grades -> sentences that say whether its reviews tell the factors, the same on every screen."""

from typing import Any

FEW_FILMS = 20
"""With fewer films held out, an interval drawn from them tends to be too narrow."""


def held_out(grade: dict[str, Any]) -> str:
    """Say what the classifier was graded on; `grade` is `classifier` of `run.json`.

    >>> held_out({"split": "films", "reviews_held_out": 32, "films_held_out": 4})
    '32 reviews of 4 films held out whole'
    """
    if grade["split"] == "films":
        films = f"{grade['films_held_out']:,} film{'s' if grade['films_held_out'] > 1 else ''}"
        return f"{grade['reviews_held_out']:,} reviews of {films} held out whole"
    return (
        f"{grade['reviews_held_out']:,} reviews held out at random, though other reviews of the same films were "
        "trained on, which flatters the classifier"
    )


def verdict(grade: dict[str, Any]) -> str:
    """Say what the gain over label frequencies is worth; `grade` is `classifier` of `run.json`.

    >>> verdict({"lrap_gain": 0.1, "lrap_gain_interval": [-0.1, 0.3], "split": "films", "films_held_out": 30})
    'The gain over label frequencies is +0.100 (95 % interval -0.100 to +0.300): it cannot be told from nothing.'
    """
    gain = f"The gain over label frequencies is {grade['lrap_gain']:+.3f}"
    films = f"{grade['films_held_out']} film{'s' if grade['films_held_out'] > 1 else ''} held out"
    if grade["lrap_gain_interval"] is None:
        return f"{gain}, from {films}: too few for an interval, so it cannot be told from nothing."
    low, high = grade["lrap_gain_interval"]
    worth = (
        "the reviews tell more than label frequencies"
        if low > 0
        else "the reviews tell less than label frequencies"
        if high < 0
        else "it cannot be told from nothing"
    )
    few = grade["split"] == "films" and grade["films_held_out"] < FEW_FILMS
    doubt = f"; with only {films} the interval may be too narrow" if few else ""
    return f"{gain} (95 % interval {low:+.3f} to {high:+.3f}): {worth}{doubt}."
