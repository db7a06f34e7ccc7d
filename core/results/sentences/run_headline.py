"""A run's record -> what it found, in one headline, and, where nothing holds up, why and what does better."""

from dataclasses import dataclass
from typing import Literal

from core.formatting import counted, interval
from core.results.run_record import PENDING, FirstResults, RunRecord, Unmeasured
from core.results.verdict import VerdictWord, has_learnt, may_be_luck

MANY_FACTORS = 16
"""More factors than so many are called too many where none of them holds up: `stable` looks for no more."""
NOT_LEARNT = "This recommender predicts ratings no better than plain means"

Remedy = Literal["starter", "accurate", "data"]
"""What does better: a preset, or other data."""


def headline(record: RunRecord | FirstResults, verdicts: list[VerdictWord]) -> str:
    """Return how many tastes a run learned, how many hold up, and how many of these have words beyond luck.

    Of a model that has not learnt, only that is said.
    """
    if not has_learnt(record.factor_model):
        return f"{NOT_LEARNT}."
    learned = f"This recommender learned {counted(len(verdicts), 'taste')}"
    if record.factor_model.form == "raw":
        return f"{learned}, in raw form. Raw tastes have no fixed axes, so none has a meaning alone."
    claim = "it holds up" if len(verdicts) == 1 else "they hold up"
    if record.stability == PENDING:
        return f"{learned}. The run has yet to check {'it' if len(verdicts) == 1 else 'them'}."
    if isinstance(record.stability, Unmeasured):
        return f"{learned}. This run did not test if {claim}: {record.stability.unmeasured}."
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
            if not may_be_luck(verdict)
        )
        words = f", and reviews have words for {f'{speaking:,}' if speaking else 'none'}"
    return f"{learned}. {', '.join(holding)}{words}."


def _hold(count: int) -> str:
    return "holds" if count == 1 else "hold"


def not_learnt(record: RunRecord | FirstResults) -> str:
    """Return that a model has not learnt, by which numbers, and what may do better; empty where it has learnt."""
    return "" if has_learnt(record.factor_model) else f"{NOT_LEARNT}. {_how_far_from_means(record)}"


def _how_far_from_means(record: RunRecord | FirstResults) -> str:
    model = record.factor_model
    ends = model.rmse_gain_interval
    gain = model.rmse_means - model.rmse_valid
    size = f"{abs(gain):.3f} stars {'better' if gain > 0 else 'worse'}"
    doubt = f"That is {size} ({interval(ends, '+z.3f')}). " if ends else ""
    try_next = (
        "The preset accurate may do better."
        if _remedy_of_not_learnt(record) == "accurate"
        else "These ratings contain too little to learn from."
    )
    return (
        f"On ratings kept out it errs by {model.rmse_valid:.3f} stars; the means of films and users err by "
        f"{model.rmse_means:.3f}. {doubt}So no factor gets a class. {try_next}"
    )


def _remedy_of_not_learnt(record: RunRecord | FirstResults) -> Remedy:
    # A Bayesian model has learnt what there is.
    return "data" if record.factor_model.method == "gibbs" else "accurate"


@dataclass(frozen=True)
class WhyNothingHolds:
    """Why no factor of a run holds up, and what does better."""

    reason: str
    remedy: Remedy


def why_nothing_holds(record: RunRecord | FirstResults) -> WhyNothingHolds:
    """Return the likeliest reason why no factor holds up."""
    model, ratings = record.factor_model, record.ratings
    if not has_learnt(model):
        return WhyNothingHolds(_how_far_from_means(record), _remedy_of_not_learnt(record))
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
