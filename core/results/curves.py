"""Loss and error curves of a run: the axes of a stage's curves, and the curves in a finished run's record.

Takes the points that stages report (`core.progress`), or a run's record; returns points and words for people.
Drawing is left to `figures`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.results.run_record import RunRecord
from core.settings import RunSettings

Points = tuple[dict[str, float], ...]

BASELINES = (
    "means of films and users",
    "word counts",
    "label frequencies, trained on",
    "label frequencies, kept out",
)
"""Constant curves: the error of the baselines."""


@dataclass(frozen=True)
class Axes:
    """The axes of a stage's curves."""

    step: str
    value: str
    note: str = ""
    """A sentence that explains them, if needed."""


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
    """Return the axes of a stage's curves; `method` is the factor model's."""
    axes = AXES.get(stage, Axes("step", "value"))
    return SWEEPS if stage == "factor model" and method == "gibbs" else axes


def steps_of(stage: str, settings: RunSettings) -> int:
    """Return the total number of epochs or sweeps of a stage.

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


def recorded(record: RunRecord) -> dict[str, Points]:
    """Return the curves in a run's record by stage, including stages that came from the cache.

    Those of the language model are left out where the run used the bundled encoder without training.
    """
    model, language, settings = record.factor_model, record.language_model, record.run_settings.language_model
    trained = settings.epochs or settings.frozen_epochs
    points = {
        "factor model": _points(model.losses, {"means of films and users": model.rmse_means**2}),
        "language model": _points(
            language.losses if trained else [],
            {"word counts": math.log(language.perplexity_unigram)} if language.perplexity_unigram else {},
            sampled=bool(settings.sampled_words),
        ),
        "classifier": _points(record.classifier.losses, {}),
    }
    return {stage: curve for stage, curve in points.items() if curve}


def last_values(points: Points) -> str:
    """Return the last value of each curve, for people; baselines last.

    >>> last_values(({"step": 1, "trained on": 0.7}, {"step": 2, "trained on": 0.61, "kept out": 0.65}))
    'trained on 0.610, kept out 0.650'
    """
    values: dict[str, float] = {}
    for point in points:
        values |= point
    names = sorted(values.keys() - {"step"}, key=lambda name: (name in BASELINES, list(values).index(name)))
    return ", ".join(f"{name} {values[name]:.3f}" for name in names)


def _points(
    losses: Sequence[Mapping[str, float]], baselines: Mapping[str, float], sampled: bool = False
) -> Points:
    trained = "trained on, sampled words" if sampled else "trained on"
    return tuple(
        {"step": number, trained: row["train"]}
        # Without held-out data there is no held-out loss.
        | ({"kept out": row["valid"]} if "valid" in row else {})
        | dict(baselines)
        for number, row in enumerate(losses, start=1)
    )
