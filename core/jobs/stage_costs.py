"""What a stage's seconds grow with, and which settings decide whether it comes from the cache.

Takes settings by full name and sizes of the data, returns amounts of work in no unit: only ratios between runs
count. A stage that is not named here takes as long as in earlier runs, and comes from the cache where a run had
the same settings throughout.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Flat = Mapping[str, Any]
"""Settings by full name, as `core.settings.changes.flat` returns them."""


@dataclass(frozen=True)
class Sizes:
    """Sizes of a run's data; None where no earlier run had the same data."""

    ratings: int | None = None
    factors: int | None = None
    reviews: int | None = None
    """All that the source has of the rated films."""
    labelled: int | None = None
    """Those of the chosen films."""


@dataclass(frozen=True)
class Cost:
    """What decides the seconds of a stage."""

    decided_by: tuple[str, ...] | None = ("",)
    """Settings, or groups of them, that decide its result; none where it is never kept in the cache."""
    alike: Callable[[Flat], object] = lambda settings: None
    """What two runs must share for their seconds to be comparable."""
    work: Callable[[Flat, Sizes], float | None] = lambda settings, sizes: 1.0
    """What the seconds grow with; None where that is not known."""


def cost_of(stage: str) -> Cost:
    """Return what decides the seconds of a stage."""
    return COSTS.get(stage, Cost())


def same_result(stage: str, one: Flat, other: Flat) -> bool:
    """Return whether a run finds the stage in the cache where another run with these settings has left it."""
    groups = cost_of(stage).decided_by
    if groups is None:
        return False
    names = [name for name in {*one, *other} if any(_within(name, group) for group in groups)]
    return all(one.get(name) == other.get(name) for name in names)


def _within(name: str, group: str) -> bool:
    return group in ("", name) or name.startswith(f"{group}.")


def _product(*counts: int | None) -> float | None:
    """Return the product of counts, None where one is not known."""
    result = 1.0
    for count in counts:
        if count is None:
            return None
        result *= max(count, 1)
    return result


def _shown(settings: Flat, ratings: int | None, sweeps: tuple[str, ...]) -> int | None:
    """Return how many ratings a fit of the factor model goes through; `sweeps` are the settings of a Bayesian one."""
    if ratings is None:
        return None
    if settings["factor_model.method"] == "gibbs":
        return ratings * sum(int(settings[name]) for name in sweeps)
    # Of few ratings, which are gone through until there are enough steps, fewer do not make it quicker.
    least = int(settings.get("factor_model.least_steps") or 0) * int(settings["factor_model.batch_size"])
    return max(ratings * int(settings["factor_model.epochs"]), least)


def _fit(settings: Flat, sizes: Sizes) -> float | None:
    shown = _shown(settings, sizes.ratings, ("factor_model.burn_in", "factor_model.samples"))
    return _product(shown, sizes.factors)


def _fits_again(settings: Flat, sizes: Sizes) -> float | None:
    """Return the work of the models that are trained again; of large data a part of the ratings is used."""
    repeats, seeds = int(settings["stability.repeats"]), int(settings["stability.seeds"])
    ratings = None if sizes.ratings is None else min(sizes.ratings, int(settings["stability.most_ratings"]))
    shown = _shown(settings, ratings, ("stability.burn_in", "stability.samples"))
    # Each repeat is four fits on half of the users: two on their ratings, two on permuted ones.
    return _product(shown, sizes.factors, 2 * repeats + 2 + seeds)


def _epochs_of_language_model(settings: Flat) -> int:
    return int(settings["language_model.epochs"]) + int(settings["language_model.frozen_epochs"])


def _epochs_of_classifier(settings: Flat) -> int:
    phases = settings["classifier.phases"]
    return sum(int(phase["epochs"]) for phase in phases) or int(settings["classifier.head_epochs"])


def _method(settings: Flat) -> object:
    """Return what makes fits of the factor model comparable: method, device, and whether it chooses the number."""
    return settings["factor_model.method"], settings.get("device"), settings["factor_model.factors"] is None


def _encoder(settings: Flat) -> object:
    names = ("start", "embedding_size", "hidden_size", "layers")
    return [settings.get("device"), *(settings[f"language_model.{name}"] for name in names)]


def _of_all_reviews(settings: Flat, sizes: Sizes) -> float | None:
    return _product(sizes.reviews)


def _of_labelled(settings: Flat, sizes: Sizes) -> float | None:
    return _product(sizes.labelled)


_FACTORS = ("ratings", "factor_model", "stability", "form", "seed")
_TEXTS = ("ratings", "reviews")
_READ = (*_TEXTS, "language_model", "seed")
_LABELS = (*_FACTORS, *_READ, "selection", "classifier", "split")

COSTS: Mapping[str, Cost] = {
    "ratings": Cost(None, work=lambda settings, sizes: _product(sizes.ratings)),
    "factor model": Cost(_FACTORS, _method, _fit),
    "stability": Cost(_FACTORS, _method, _fits_again),
    "top factors": Cost(None),
    "reviews": Cost(_TEXTS, lambda settings: settings["reviews"], _of_all_reviews),
    "labels": Cost(None),
    "language model": Cost(
        (*_READ, "classifier.max_length"),
        lambda settings: [_encoder(settings), _epochs_of_language_model(settings) > 0],
        lambda settings, sizes: _product(sizes.reviews, _epochs_of_language_model(settings)),
    ),
    "words": Cost((*_FACTORS, *_TEXTS, "selection.least_ratings"), work=_of_all_reviews),
    "features": Cost(
        (*_READ, "classifier.max_length", "classifier.sequence_length"), _encoder, _of_all_reviews
    ),
    "classifier": Cost(
        _LABELS,
        lambda settings: [_encoder(settings), bool(settings["classifier.phases"])],
        lambda settings, sizes: _product(sizes.labelled, _epochs_of_classifier(settings)),
    ),
    "predictions": Cost(_LABELS, work=_of_labelled),
    "frequencies": Cost(None),
    "evaluation": Cost(_LABELS, work=_of_labelled),
    "placing": Cost((*_FACTORS, *_READ, "classifier"), work=_of_all_reviews),
    "report": Cost(None),
}
"""By stage of the chain."""
