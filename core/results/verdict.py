"""Stability and readability of a factor -> one verdict: solid, shaky or chance, with its reason.

A model that predicts ratings no better than plain means has not learnt, so none of its factors gets a class.
"""

from dataclasses import dataclass
from typing import Literal

from core.results.run_record import (
    FactorModelRecord,
    FactorStability,
    FirstResults,
    LabelGrade,
    RunRecord,
    Stability,
    Unmeasured,
)

VerdictWord = Literal["solid", "shaky", "chance", "no class"]
CLASSES: tuple[VerdictWord, ...] = ("solid", "shaky", "chance")
"""The classes of factors, the best first."""
NO_CLASS: VerdictWord = "no class"
VERDICTS = (*CLASSES, NO_CLASS)
"""The verdicts, the best first."""
WHAT_VERDICTS_MEAN = (
    "Solid: other people's ratings lead to nearly the same factor, and reviews of new films reveal it. "
    "Chance: other people's ratings lead to something else. "
    "Shaky: everything in between, and everything not measured."
)
"""The three classes, for people."""
LEAST_GAIN = 0.01
"""Of a run that predates the interval: by so many stars the error has to be below that of the means."""

_REPEATS = {
    "stable": "Other people's ratings lead to nearly the same factor",
    "weak": "Other people's ratings lead to a partly similar factor",
    "noise": "Other people's ratings lead to something else",
}
_RAW = " This run shows raw factors. Each is one of many equivalent axes, so none is solid."
_NOT_LEARNT = "The model predicts no better than plain means, so its factors mean nothing."


@dataclass(frozen=True)
class Verdict:
    """Whether a factor is one to rely on."""

    word: VerdictWord
    reason: str
    """Sentences for people."""


def has_learnt(model: FactorModelRecord) -> bool:
    """Return whether a model predicts ratings better than the means of films and users, beyond luck."""
    if model.rmse_gain_interval is None:
        return model.rmse_valid <= model.rmse_means - LEAST_GAIN
    return model.rmse_gain_interval[0] > 0


def may_be_luck(word: VerdictWord) -> bool:
    """Return whether nothing shows that a factor with this verdict is more than luck."""
    return word in ("chance", NO_CLASS)


def verdicts(record: RunRecord | FirstResults) -> list[Verdict]:
    """Return the verdict on each factor.

    Solid: stable and readable. Chance: not distinguishable from noise, whatever reviews tell of it, since other
    ratings would lead to other films. Shaky: all others, those with something unmeasured and those of the raw form
    included, where rotating all factors together would change none of the predictions.
    """
    stability, readability, factors = record.stability, record.readability, record.factor_model.factors
    if not has_learnt(record.factor_model):
        return [Verdict(NO_CLASS, _NOT_LEARNT)] * factors
    labels = [] if isinstance(readability, Unmeasured) else readability.per_label
    grades = {label.factor: label for label in labels}
    raw = record.factor_model.form == "raw"
    return [_verdict(stability, grades.get(factor), factor, raw) for factor in range(factors)]


def _verdict(stability: Stability | Unmeasured, grade: LabelGrade | None, factor: int, raw: bool) -> Verdict:
    row = None if isinstance(stability, Unmeasured) else stability.factors[factor]
    stability_class = row.stability_class if row else None
    is_solid = stability_class == "stable" and grade is not None and bool(grade.readable) and not raw
    word: VerdictWord = "chance" if stability_class == "noise" else "solid" if is_solid else "shaky"
    reasons = f"{_repeats(row, stability)} {_readable(grade)}"
    return Verdict(word, reasons + (_RAW if raw else ""))


def _repeats(row: FactorStability | None, stability: Stability | Unmeasured) -> str:
    if row is None or isinstance(stability, Unmeasured):
        return "This run did not test if other people's ratings lead to it."
    return (
        f"{_REPEATS[row.stability_class]} (correlation {row.stability:z.2f}; shuffled tastes reach "
        f"{stability.null.high:.2f})." + (f" Measured among {stability.among}." if stability.among else "")
    )


def _readable(grade: LabelGrade | None) -> str:
    if grade is None or grade.readable is None:
        return "This run did not test if reviews reveal it."
    told = (
        "Reviews of new films reveal it"
        if grade.readable
        else "Reviews of new films do not clearly reveal it"
    )
    if grade.average_precision is None or grade.chance is None:
        return f"{told}."
    return f"{told} (precision {grade.average_precision:.2f}; guessing reaches {grade.chance:.2f})."
