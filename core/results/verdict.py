"""Stability and readability of a factor -> one verdict: solid, shaky or chance, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.results.run_record import FirstResults, RunRecord, Unmeasured

VerdictWord = Literal["solid", "shaky", "chance"]
VERDICTS: tuple[VerdictWord, ...] = ("solid", "shaky", "chance")
"""The verdicts, the best first."""
WHAT_VERDICTS_MEAN = (
    "Solid: other people's ratings lead to nearly the same factor, and reviews of new films tell it. "
    "Chance: other people's ratings lead to something else. "
    "Shaky: all between, and all that was not measured."
)
"""The three verdicts, for people."""

_REPEATS = {
    "stable": "Other people's ratings lead to nearly the same factor",
    "weak": "Other people's ratings lead to a similar factor",
    "noise": "Other people's ratings lead to something else",
    None: "Nobody measured whether other people's ratings lead to it",
}
_READABLE = {
    True: "reviews of new films tell it",
    False: "reviews of new films tell it no better than luck",
    None: "nobody measured whether reviews tell it",
}
_RAW = " This run shows raw factors. Each is one of many equivalent axes, so none is solid."


@dataclass(frozen=True)
class Verdict:
    """Whether a factor is one to rely on."""

    word: VerdictWord
    reason: str
    """A sentence for people."""


def verdicts(record: RunRecord | FirstResults) -> list[Verdict]:
    """Return the verdict on each factor.

    Solid: stable and readable. Chance: not distinguishable from noise, whatever reviews tell of it, since other
    ratings would lead to other films. Shaky: all others, those with something unmeasured and those of the raw form
    included, where rotating all factors together would change none of the predictions.
    """
    stability, readability, factors = record.stability, record.readability, record.factor_model.factors
    classes: Sequence[str | None] = (
        [None] * factors
        if isinstance(stability, Unmeasured)
        else [row.stability_class for row in stability.factors]
    )
    labels = [] if isinstance(readability, Unmeasured) else readability.per_label
    readable = {label.factor: label.readable for label in labels}
    raw = record.factor_model.form == "raw"
    return [_verdict(classes[factor], readable.get(factor), raw) for factor in range(factors)]


def _verdict(stability_class: str | None, readable: bool | None, raw: bool) -> Verdict:
    solid = stability_class == "stable" and bool(readable) and not raw
    word: VerdictWord = "chance" if stability_class == "noise" else "solid" if solid else "shaky"
    agree = (stability_class in ("stable", "weak")) == bool(readable)
    joint = "and" if agree or readable is None else "but"
    reason = f"{_REPEATS[stability_class]}, {joint} {_READABLE[readable]}."
    return Verdict(word, reason + (_RAW if raw else ""))
