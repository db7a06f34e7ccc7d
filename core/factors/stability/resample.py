"""Ratings -> models trained again: on random halves of the users, on permuted ratings, from other seeds.

Takes ratings and a plan, returns `Resamples`, which are stored as files. `train_again` trains them, `measure`
evaluates them.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from core.data.ratings.dataset import Ratings
from core.factors.models.base import all_trained_on
from core.factors.models.factor_model import settle, trainable
from core.factors.stability.resamples import Resamples, Side, arranged, names_of
from core.factors.stability.train_again import Trainings, of_users, shards_of
from core.progress import Report, named, part
from core.settings import FactorModelSettings, StabilitySettings
from core.shards.shard_store import ShardStore
from core.shards.shards import in_shards
from core.training.device import on_one
from core.training.device_rule import Work

STAGE = "stability"


@dataclass(frozen=True)
class Plan:
    """Settings of the models that are trained again."""

    model: FactorModelSettings
    """Its `factors` are trained or, where they are None, the `most_factors` of `stability`."""
    stability: StabilitySettings
    seed: int
    seeds: int
    """Number of models of all users from other seeds."""


def resample(
    ratings: Ratings, held_out: np.ndarray, plan: Plan, report: Report, shard_store: ShardStore
) -> Resamples:
    """Train the models of a plan on the ratings that are not held out; groups of them are kept in `shard_store`.

    Large data are reduced to a random part of the users. A plan should have `most_comparable` factors at
    most.
    """
    stability = plan.stability
    ratings, held_out = _some_users(ratings, held_out, stability.most_ratings, plan.seed)
    compared = _compared(ratings, held_out, stability)
    factors = plan.model.factors or min(stability.most_factors, _comparable(ratings, held_out, stability))
    settings = plan.model.replace(factors=factors, burn_in=stability.burn_in, samples=stability.samples)
    whole = all_trained_on(trainable(ratings, settings, held_out))
    names, trained_on = names_of(stability.repeats, plan.seeds), len(whole.rating)
    sizes = {name: trained_on // (2 if name.count("-") == 2 else 1) for name in names}
    share, message = part(report, 0.1, 1.0), f"training {len(names)} models"
    work = Work(STAGE, settings.method, sum(sizes.values()))
    with on_one(work) as device:
        # All others are trained as long, those on permuted ratings too, which would end at once by themselves.
        as_long = settle(whole, settings, plan.seed, named(part(report, 0.0, 0.1), STAGE))
        trainings = Trainings(ratings, held_out, as_long, plan.seed)
        shards = shards_of(trainings, sizes, device.type)
        found = in_shards(
            shards, shard_store, lambda done: share(STAGE, done, message), partial(share, STAGE)
        )
        arrays = {name: values for _, of_group in found for name, values in of_group.items()}
    sides = {name: Side(arrays[f"{name}-films"], arrays[f"{name}-root"]) for name in names}
    return arranged(sides, compared, int(ratings.table.user.nunique()))


def most_comparable(ratings: Ratings, held_out: np.ndarray, settings: StabilitySettings, seed: int) -> int:
    """Return the most factors that can be compared between halves of the users, 0 or less where none can.

    Each factor needs some films with enough ratings, and each half more users than factors.
    """
    return _comparable(*_some_users(ratings, held_out, settings.most_ratings, seed), settings)


def _comparable(ratings: Ratings, held_out: np.ndarray, settings: StabilitySettings) -> int:
    films = int(_compared(ratings, held_out, settings).sum()) // settings.films_a_factor
    users = int(ratings.table.user[~held_out].nunique())
    return min(films, users // 2 - 2)


def _some_users(ratings: Ratings, held_out: np.ndarray, most: int, seed: int) -> tuple[Ratings, np.ndarray]:
    """Return about `most` of the ratings, those of users drawn at random; all where there are fewer."""
    if len(ratings.table) <= most:
        return ratings, held_out
    drawn = np.random.default_rng(seed).random(len(ratings.user_ids)) < most / len(ratings.table)
    return of_users(ratings, held_out, drawn)


def _compared(ratings: Ratings, held_out: np.ndarray, settings: StabilitySettings) -> np.ndarray:
    """Mark the films with enough training ratings for one half of the users to have enough of them."""
    counts = np.bincount(ratings.table.film[~held_out], minlength=len(ratings.films))
    enough: np.ndarray = counts >= 2 * settings.least_ratings
    return enough
