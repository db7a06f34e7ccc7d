"""Many trainings of a factor model -> the stored part of each, by shards: groups that are fitted together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.data.ratings.dataset import Ratings
from core.factors.models.base import Fit, Split, all_trained_on
from core.factors.models.factor_model import fit_all, fits_together, trainable
from core.progress import Values
from core.settings import FactorModelSettings
from core.shards.shard_store import Arrays
from core.shards.shards import Progress, Shards
from core.training.processor import workers

RATINGS_AT_ONCE = 3_000_000
"""Ratings of the models that are fitted at a time, which take some hundred bytes each in a fit."""
RATINGS = 400_000
"""Ratings of a group: larger ones take little less time, and more memory."""
GROUPS = 4
"""Least groups, so that as many cores have work on few ratings too."""


@dataclass(frozen=True)
class Trainings:
    """What the models are trained on; a model's name says which part."""

    ratings: Ratings
    held_out: np.ndarray
    settings: FactorModelSettings
    seed: int

    def split(self, name: str) -> Split:
        """Return the ratings that the model of a name is trained on; its number tells the halves of a repeat."""
        ratings, mask = self.ratings, self.held_out
        if name.startswith("null"):
            ratings = permuted(ratings, self.seed)
        _, *numbers = name.split("-")
        if len(numbers) == 2:
            draws = np.random.default_rng(self.seed + int(numbers[0]))
            users = draws.permutation(len(ratings.user_ids))
            is_first = users < len(users) / 2
            ratings, mask = of_users(ratings, mask, is_first if numbers[1] == "0" else ~is_first)
        return all_trained_on(trainable(ratings, self.settings, mask))

    def seed_of(self, name: str) -> int:
        """Return the seed of the model of a name."""
        kind, *numbers = name.split("-")
        return self.seed + sum(map(int, numbers)) + (kind == "seed")


def train_group(trainings: Trainings, names: list[str], progress: Progress) -> Arrays:
    """Return weights of films and the root of the users' covariance of each model of a group, fitted together."""

    def note(stage: str, done: float, message: str, values: Values | None = None) -> None:
        progress(done)

    splits = [trainings.split(name) for name in names]
    seeds = [trainings.seed_of(name) for name in names]
    fits = fit_all(splits, trainings.settings, seeds, note)
    films, arrays = len(trainings.ratings.films), dict[str, np.ndarray]()
    for name, split, fit in zip(names, splits, fits, strict=True):
        arrays |= {f"{name}-films": _of_all_films(split, fit, films), f"{name}-root": _root(fit)}
    return arrays


def shards_of(trainings: Trainings, sizes: Mapping[str, int], device: str) -> Shards[Trainings, list[str]]:
    """Return models in shards; `sizes` has their names and numbers of ratings.

    Groups follow from the sizes alone. A method that knows one model at a time has one thread, since it may draw
    from the global random states.
    """
    groups = {" ".join(group): group for group in grouped(sizes)}
    totals = {name: sum(sizes[model] for model in group) for name, group in groups.items()}
    threads = workers() if device == "cpu" and fits_together(trainings.settings) else 1
    return Shards(
        work=train_group,
        common=trainings,
        sizes=totals,
        argument=groups.__getitem__,
        device=device,
        at_once=max(1, min(threads, RATINGS_AT_ONCE // max(totals.values()))),
    )


def grouped(sizes: Mapping[str, int]) -> list[list[str]]:
    """Return names in the fewest groups, GROUPS at least, with no more than RATINGS or a single model each.

    >>> grouped({"a": 100_000, "b": 100_000, "c": 100_000, "d": 50_000, "e": 50_000})
    [['a', 'e'], ['b'], ['c'], ['d']]
    >>> grouped({"a": 500_000, "b": 250_000, "c": 250_000})
    [['a'], ['b'], ['c']]
    """
    names = list(sizes)
    for count in range(min(GROUPS, len(names)), len(names)):
        groups = [names[number::count] for number in range(count)]
        if all(len(group) == 1 or sum(sizes[name] for name in group) <= RATINGS for group in groups):
            return groups
    return [[name] for name in names]


def permuted(ratings: Ratings, seed: int) -> Ratings:
    """Return each film's ratings permuted among its users (parallel analysis, Horn 1965), without tastes."""
    film = ratings.table.film.to_numpy()
    by_film = np.argsort(film, kind="stable")
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(film)), film))
    permuted_ratings = np.empty(len(film), dtype=np.float32)
    permuted_ratings[by_film] = ratings.table.rating.to_numpy()[shuffled]
    return replace(ratings, table=ratings.table.assign(rating=permuted_ratings))


def of_users(ratings: Ratings, held_out: np.ndarray, users: np.ndarray) -> tuple[Ratings, np.ndarray]:
    """Return the ratings of some users (a mask), and the mask of the held-out ones among them."""
    rows = users[ratings.table.user.to_numpy()]
    return replace(ratings, table=ratings.table[rows].reset_index(drop=True)), held_out[rows]


def _of_all_films(split: Split, fit: Fit, films: int) -> np.ndarray:
    """Return the weights of all films, NaN of those without ratings to train on."""
    weights = np.full((films, fit.films.shape[1]), np.nan, fit.films.dtype)
    weights[split.films] = fit.films
    return weights


def _root(fit: Fit) -> np.ndarray:
    users = fit.users - fit.users.mean(0)
    root: np.ndarray = np.linalg.qr(users, mode="r") / np.sqrt(len(users))
    return root
