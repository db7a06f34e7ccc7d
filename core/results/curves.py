"""How a run's losses and errors went: what a stage's curves count, and which a finished run's record holds.

Takes the points that stages report (`core.progress`), or a run's record, gives points and words for people.
Drawing is left to `figures`.
"""

import math
from dataclasses import dataclass
from typing import Any

from core.settings import RunSettings

Points = tuple[dict[str, float], ...]

BASELINES = (
    "means of films and users",
    "word counts",
    "label frequencies, trained on",
    "label frequencies, kept out",
)
"""Lines that stay where they are: what is reached without the training."""


@dataclass(frozen=True)
class Axes:
    """What the curves of a stage count."""

    step: str
    value: str
    note: str = ""
    """What has to be known to read them, in a sentence."""


AXES = {
    "factor model": Axes("epoch", "mean squared error (squared stars)"),
    "language model": Axes("epoch", "cross-entropy (nats a word)"),
    "classifier": Axes("epoch", "binary cross-entropy (nats a label)"),
}

SWEEPS = Axes(
    "sweep",
    AXES["factor model"].value,
    "Kept out: each sweep alone at first, then the mean of all samples so far.",
)


def axes_of(stage: str, method: str) -> Axes:
    """Return what a stage's curves count; `method` is the factor model's."""
    axes = AXES.get(stage, Axes("step", "value"))
    return SWEEPS if stage == "factor model" and method == "gibbs" else axes


def steps_of(stage: str, settings: RunSettings) -> int:
    """Return how many epochs or sweeps a stage trains in all.

    >>> steps_of("factor model", RunSettings())
    5
    """
    model, language, reader = settings.factor_model, settings.language_model, settings.classifier
    if stage == "factor model":
        return model.epochs if model.method == "dot-bias" else model.burn_in + model.samples
    if stage == "language model":
        return language.frozen_epochs + language.epochs
    head = reader.head_epochs if reader.head_first or not reader.phases else 0
    return head + sum(phase.epochs for phase in reader.phases)


def recorded(record: dict[str, Any]) -> dict[str, Points]:
    """Return the curves that a run's record holds, by stage: also of one whose stages came from the cache.

    The language model's are left out where the run took the bundled encoder as it is and trained none.
    """
    model, language = record["factor_model"], record.get("language_model", {})
    how = record["settings"].get("language_model", {})
    trained = how.get("epochs") or how.get("frozen_epochs")
    found = {
        "factor model": _points(
            model.get("losses", []), {"means of films and users": _square(model.get("rmse_means"))}
        ),
        "language model": _points(
            language.get("losses", []) if trained else [],
            {"word counts": _log(language.get("perplexity_unigram"))},
            sampled=bool(how.get("sampled_words")),
        ),
        "classifier": _points(record["classifier"].get("losses", []), {}),
    }
    return {stage: points for stage, points in found.items() if points}


def last_values(points: Points) -> str:
    """Return where the curves stand, for people: the last value of each line, baselines last.

    >>> last_values(({"step": 1, "trained on": 0.7}, {"step": 2, "trained on": 0.61, "kept out": 0.65}))
    'trained on 0.610, kept out 0.650'
    """
    values: dict[str, float] = {}
    for point in points:
        values |= point
    names = sorted(values.keys() - {"step"}, key=lambda name: (name in BASELINES, list(values).index(name)))
    return ", ".join(f"{name} {values[name]:.3f}" for name in names)


def _points(
    losses: list[dict[str, float]], baselines: dict[str, float | None], sampled: bool = False
) -> Points:
    trained = "trained on, sampled words" if sampled else "trained on"
    constant = {name: value for name, value in baselines.items() if value is not None}
    return tuple(
        {"step": number, trained: row["train"]}
        # A loss on what was kept out is lacking where nothing was.
        | ({"kept out": row["valid"]} if "valid" in row else {})
        | constant
        for number, row in enumerate(losses, start=1)
    )


def _square(value: float | None) -> float | None:
    return None if value is None else value**2


def _log(value: float | None) -> float | None:
    return math.log(value) if value else None
