"""Many trainings of a factor model -> the stored part of each: in groups that are fitted together, in threads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from core.factors.models.base import Fit, Split
from core.factors.models.factor_model import fit_all, fits_together
from core.factors.stability.resamples import Side
from core.progress import Values
from core.settings import FactorModelSettings
from core.training.processor import workers
from core.training.threads import in_threads

RATINGS_AT_ONCE = 3_000_000
"""Ratings of the models that are fitted at a time, which take some hundred bytes each in a fit."""


@dataclass(frozen=True)
class Training:
    """What a model is trained on."""

    split: Split
    films: int
    """How many films there are, with the untrained ones."""
    seed: int


def train_again(
    sizes: Mapping[str, int],
    training: Callable[[str], Training],
    settings: FactorModelSettings,
    report: Callable[[float], None],
    device: torch.device,
) -> dict[str, Side]:
    """Return models by name; `sizes` has their names and numbers of ratings, `training` what each is trained on.

    The models are dealt out to as many groups as there are threads, or as memory asks for. A method that knows one
    model at a time has one thread, since it may draw from the global random states.
    """
    threads = workers() if device.type == "cpu" and fits_together(settings) else 1
    threads = max(1, min(threads, RATINGS_AT_ONCE // max(sizes.values())))
    groups = dealt(sizes, threads)
    shares = {group[0]: 0.0 for group in groups}

    def train(group: list[str], check: Callable[[], None]) -> dict[str, Side]:
        def note(stage: str, done: float, message: str, values: Values | None = None) -> None:
            shares[group[0]] = done
            check()

        trainings = [training(name) for name in group]
        splits, seeds = [one.split for one in trainings], [one.seed for one in trainings]
        fits = fit_all(splits, settings, seeds, note)
        return dict(zip(group, map(_side, trainings, fits), strict=True))

    trained = in_threads(train, groups, threads, lambda: report(sum(shares.values()) / len(shares)))
    return {name: side for group in trained for name, side in group.items()}


def dealt(sizes: Mapping[str, int], threads: int) -> list[list[str]]:
    """Return names in the fewest groups of which as many as there are threads stay within RATINGS_AT_ONCE.

    A group has one model at least.

    >>> dealt({"a": 1_000_000, "b": 1_000_000, "c": 1_000_000, "d": 500_000}, 2)
    [['a'], ['b'], ['c'], ['d']]
    >>> dealt({"a": 100_000, "b": 100_000, "c": 100_000}, 2)
    [['a', 'c'], ['b']]
    """
    names, room = list(sizes), RATINGS_AT_ONCE // threads
    for count in range(threads, len(names), threads):
        groups = [names[number::count] for number in range(count)]
        if all(len(group) == 1 or sum(sizes[name] for name in group) <= room for group in groups):
            return groups
    return [[name] for name in names]


def _side(training: Training, fit: Fit) -> Side:
    """Return the stored part of a model."""
    films = np.full((training.films, fit.films.shape[1]), np.nan, fit.films.dtype)
    films[training.split.films] = fit.films
    users = fit.users - fit.users.mean(0)
    return Side(films, np.linalg.qr(users, mode="r") / np.sqrt(len(users)))
