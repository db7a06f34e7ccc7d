"""Ratings -> models trained again: on random halves of the users, on permuted ratings, from other seeds.

Takes ratings and a plan, returns `Resamples`, which are stored as files. `train_again` trains them, `measure`
evaluates them.
"""

from dataclasses import dataclass, replace

import numpy as np

from core.data.ratings.dataset import Ratings
from core.factors.models.base import all_trained_on
from core.factors.models.factor_model import settle, trainable
from core.factors.stability.resamples import Resamples, arranged, names_of
from core.factors.stability.train_again import Training, train_again
from core.progress import Report, named, part
from core.settings import FactorModelSettings, StabilitySettings
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


def resample(ratings: Ratings, held_out: np.ndarray, plan: Plan, report: Report) -> Resamples:
    """Train the models of a plan on the ratings that are not held out.

    Large data are reduced to a random part of the users. A plan should have `most_comparable` factors at
    most.
    """
    stability = plan.stability
    ratings, held_out = _some_users(ratings, held_out, stability.most_ratings, plan.seed)
    compared = _compared(ratings, held_out, stability)
    factors = plan.model.factors or min(stability.most_factors, _comparable(ratings, held_out, stability))
    settings = plan.model.replace(factors=factors, burn_in=stability.burn_in, samples=stability.samples)
    whole = all_trained_on(trainable(ratings, settings, held_out))
    null = permuted(ratings, plan.seed)
    names = names_of(stability.repeats, plan.seeds)

    def training(name: str) -> Training:
        """Return what the model of a name is trained on; the halves of a repeat are told by its number."""
        data = null if name.startswith("null") else ratings
        kind, *numbers = name.split("-")
        seed = plan.seed + sum(map(int, numbers)) + (kind == "seed")
        mask = held_out
        if len(numbers) == 2:
            users = np.random.default_rng(plan.seed + int(numbers[0])).permutation(len(ratings.user_ids))
            is_first = users < len(users) / 2
            data, mask = _of_users(data, held_out, is_first if numbers[1] == "0" else ~is_first)
        parts = all_trained_on(trainable(data, settings, mask))
        return Training(parts, len(ratings.films), seed)

    trained_on = len(whole.rating)
    sizes = {name: trained_on // (2 if name.count("-") == 2 else 1) for name in names}
    share, message = part(report, 0.1, 1.0), f"training {len(names)} models"
    with on_one(Work(STAGE, settings.method, sum(sizes.values()))) as device:
        # All others are trained as long, those on permuted ratings too, which would end at once by themselves.
        as_long = settle(whole, settings, plan.seed, named(part(report, 0.0, 0.1), STAGE))
        sides = train_again(sizes, training, as_long, lambda done: share(STAGE, done, message), device)
    return arranged({name: sides[name] for name in names}, compared, int(ratings.table.user.nunique()))


def most_comparable(ratings: Ratings, held_out: np.ndarray, settings: StabilitySettings, seed: int) -> int:
    """Return the most factors that can be compared between halves of the users, 0 or less where none can.

    Each factor needs some films with enough ratings, and each half more users than factors.
    """
    return _comparable(*_some_users(ratings, held_out, settings.most_ratings, seed), settings)


def _comparable(ratings: Ratings, held_out: np.ndarray, settings: StabilitySettings) -> int:
    films = int(_compared(ratings, held_out, settings).sum()) // settings.films_a_factor
    users = int(ratings.table.user[~held_out].nunique())
    return min(films, users // 2 - 2)


def permuted(ratings: Ratings, seed: int) -> Ratings:
    """Return each film's ratings permuted among its users (parallel analysis, Horn 1965), without tastes."""
    film = ratings.table.film.to_numpy()
    by_film = np.argsort(film, kind="stable")
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(film)), film))
    permuted_ratings = np.empty(len(film), dtype=np.float32)
    permuted_ratings[by_film] = ratings.table.rating.to_numpy()[shuffled]
    return replace(ratings, table=ratings.table.assign(rating=permuted_ratings))


def _some_users(ratings: Ratings, held_out: np.ndarray, most: int, seed: int) -> tuple[Ratings, np.ndarray]:
    """Return about `most` of the ratings, those of users drawn at random; all where there are fewer."""
    if len(ratings.table) <= most:
        return ratings, held_out
    drawn = np.random.default_rng(seed).random(len(ratings.user_ids)) < most / len(ratings.table)
    return _of_users(ratings, held_out, drawn)


def _of_users(ratings: Ratings, held_out: np.ndarray, users: np.ndarray) -> tuple[Ratings, np.ndarray]:
    """Return the ratings of some users (a mask), and the mask of the held-out ones among them."""
    rows = users[ratings.table.user.to_numpy()]
    return replace(ratings, table=ratings.table[rows].reset_index(drop=True)), held_out[rows]


def _compared(ratings: Ratings, held_out: np.ndarray, settings: StabilitySettings) -> np.ndarray:
    """Mark the films with enough training ratings for one half of the users to have enough of them."""
    counts = np.bincount(ratings.table.film[~held_out], minlength=len(ratings.films))
    enough: np.ndarray = counts >= 2 * settings.least_ratings
    return enough
