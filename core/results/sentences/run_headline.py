"""A run's record -> what it found, in one headline, and, where nothing holds up, why and what does better."""

from dataclasses import dataclass
from typing import Literal

from core.formatting import counted
from core.results.run_record import PENDING, FirstResults, RunRecord, Unmeasured
from core.results.verdict import VerdictWord

MANY_FACTORS = 16
"""More factors than so many are called too many where none of them holds up: `stable` looks for no more."""
LEAST_GAIN = 0.01
"""A model whose error is not so many stars (or units of the ratings) below that of the means has hardly learnt."""

Remedy = Literal["starter", "accurate", "data"]
"""What does better: a preset, or other data."""


def headline(record: RunRecord | FirstResults, verdicts: list[VerdictWord]) -> str:
    """Return how many tastes a run learned, how many hold up, and of how many reviews speak."""
    learned = f"This recommender learned {counted(len(verdicts), 'taste')}"
    if record.factor_model.form == "raw":
        return f"{learned}, but left them as the fit made them. Such tastes cannot be told apart."
    if record.stability == PENDING:
        return f"{learned}. Whether they hold up is being checked."
    if isinstance(record.stability, Unmeasured):
        return f"{learned}. Whether they hold up was not checked: {record.stability.unmeasured}."
    solid, shaky = verdicts.count("solid"), verdicts.count("shaky")
    if not solid + shaky:
        return f"{learned}, and none of them holds up."
    holding = [f"{solid:,} {_hold(solid)} up"] if solid else []
    if shaky:
        holding.append(f"{shaky:,} more in part" if solid else f"{shaky:,} {_hold(shaky)} up in part")
    words = ""
    if not isinstance(record.words, Unmeasured):
        speaking = sum(
            row.has_words
            for row, verdict in zip(record.words.factors, verdicts, strict=True)
            if verdict != "chance"
        )
        words = f", and reviews speak of {f'{speaking:,}' if speaking else 'none'} of them"
    return f"{learned}. {', '.join(holding)}{words}."


def _hold(count: int) -> str:
    return "holds" if count == 1 else "hold"


@dataclass(frozen=True)
class WhyNothingHolds:
    """Why no factor of a run holds up, and what does better."""

    reason: str
    remedy: Remedy


def why_nothing_holds(record: RunRecord) -> WhyNothingHolds:
    """Return the likeliest reason why no factor holds up."""
    model, ratings = record.factor_model, record.ratings
    if model.rmse_valid > model.rmse_means - LEAST_GAIN:
        return WhyNothingHolds(
            f"The model hardly learned: it errs by {model.rmse_valid:.2f} stars, and plain means err by "
            f"{model.rmse_means:.2f}.",
            # A Bayesian model has learnt what there is.
            "data" if model.method == "gibbs" else "accurate",
        )
    if model.factors > MANY_FACTORS:
        return WhyNothingHolds(
            f"{model.factors:,} factors are too many for {ratings.ratings:,} ratings: other people's ratings lead to "
            "other factors.",
            "starter",
        )
    return WhyNothingHolds(
        f"{ratings.ratings:,} ratings by {counted(ratings.users, 'user')} are too few: other people's ratings lead "
        "to other factors.",
        "data",
    )
