"""Stability and readability of a factor -> one verdict: solid, shaky or chance, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.results.run_record import Readability, Stability, Unmeasured

VerdictWord = Literal["solid", "shaky", "chance"]
VERDICTS: tuple[VerdictWord, ...] = ("solid", "shaky", "chance")
"""The verdicts, the best first."""
WHAT_VERDICTS_MEAN = (
    "solid: other people's ratings lead to nearly the same factor, and reviews of films that the classifier never "
    "saw tell it; chance: other people's ratings lead to something else; shaky: all between, and all that was not "
    "measured"
)
"""The three verdicts, for people."""

_REPEATS = {
    "stable": "Other people's ratings lead to nearly the same factor",
    "weak": "Other people's ratings lead to a factor that only resembles it",
    "noise": "Other people's ratings lead to something else, so what its films share here is chance",
    None: "Whether other people's ratings lead to the same factor was not measured",
}
_READABLE = {
    True: "reviews of films that the classifier never saw tell it",
    False: "reviews of films that the classifier never saw do not tell it beyond luck",
    None: "whether reviews tell it was not measured",
}


@dataclass(frozen=True)
class Verdict:
    """Whether a factor is one to rely on."""

    word: VerdictWord
    reason: str
    """A sentence for people."""


def verdicts(
    stability: Stability | Unmeasured, readability: Readability | Unmeasured, factors: int
) -> list[Verdict]:
    """Return the verdict on each factor.

    Solid: stable and readable. Chance: not distinguishable from noise, whatever reviews tell of it, since other
    ratings would lead to other films. Shaky: all others, those with something unmeasured included.

    >>> missing = Unmeasured(unmeasured="too few films")
    >>> verdicts(missing, missing, 1)[0].word
    'shaky'
    """
    classes: Sequence[str | None] = (
        [None] * factors
        if isinstance(stability, Unmeasured)
        else [row.stability_class for row in stability.factors]
    )
    labels = [] if isinstance(readability, Unmeasured) else readability.per_label
    readable = {label.factor: label.readable for label in labels}
    return [_verdict(classes[factor], readable.get(factor)) for factor in range(factors)]


def _verdict(stability_class: str | None, readable: bool | None) -> Verdict:
    word: VerdictWord = (
        "chance"
        if stability_class == "noise"
        else "solid"
        if stability_class == "stable" and readable
        else "shaky"
    )
    agree = (stability_class in ("stable", "weak")) == bool(readable)
    joint = "and" if agree or readable is None else "but"
    return Verdict(word, f"{_REPEATS[stability_class]}, {joint} {_READABLE[readable]}.")
