"""Ratings -> models trained again: on random halves of the users, on permuted ratings, from other seeds.

Takes ratings and a plan, returns `Resamples`, which are stored as files. `measure` evaluates them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.factors.models.factor_model import FactorModel, train
from core.factors.rotation import axes
from core.factors.top_factors import standardised, weights_of
from core.progress import Report, part
from core.settings import FactorModelSettings, Form, StabilitySettings

STAGE = "stability"


@dataclass(frozen=True)
class Side:
    """The stored part of a trained model, enough to bring its films into any form."""

    films: np.ndarray
    """Weights as fitted, a row a film of the ratings; NaN where a film had no ratings to train on."""
    root: np.ndarray
    """root.T @ root is the covariance of the users' weights."""

    def weights(self, form: Form, keep: int | None, compared: np.ndarray) -> np.ndarray:
        """Return the standardised weights of the compared films (a mask) in a form."""
        weights = self._centred()
        if form != "raw":
            weights = weights @ axes(weights[self._trained], self.root, form, keep)[0]
        return standardised(weights[compared])

    def loadings(self, compared: np.ndarray) -> np.ndarray:
        """Return the loadings of the compared films: weights for orthonormal users, with mean 0."""
        weights = self._centred()[compared] @ self.root.T
        return np.asarray(weights - weights.mean(0))

    @property
    def _trained(self) -> np.ndarray:
        return np.asarray(~np.isnan(self.films[:, 0]))

    def _centred(self) -> np.ndarray:
        """Return the weights of all films, centred; a film without training ratings is average."""
        films = self.films - self.films[self._trained].mean(0)
        return np.asarray(np.where(self._trained[:, None], films, 0.0))


@dataclass(frozen=True)
class Resamples:
    """Models trained again on halves of the users, on permuted ratings, and from other seeds."""

    whole: Side
    """A model of all users."""
    halves: list[tuple[Side, Side]]
    """Models of two disjoint halves of the users, from two seeds."""
    null_whole: Side
    """A model of all users on permuted ratings."""
    null_halves: list[tuple[Side, Side]]
    """Models of two halves of the users on permuted ratings."""
    seeds: list[Side]
    """Models of all users from other seeds than `whole`."""
    compared: np.ndarray
    """True for films with enough ratings."""
    users: int
    """Number of users."""


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
    reports = iter(_shares(report, 4 * stability.repeats + 2 + plan.seeds))
    whole = train(ratings, settings, plan.seed, next(reports), held_out)
    # All others are trained as long, those on permuted ratings too, which would end at once by themselves.
    as_long = whole.settings or settings

    def side(data: Ratings, mask: np.ndarray, seed: int) -> Side:
        return _side(train(data, as_long, seed, next(reports), mask), ratings)

    def halves(data: Ratings, seed: int) -> tuple[Side, Side]:
        users = np.random.default_rng(seed).permutation(len(ratings.user_ids))
        first = users < len(users) / 2
        return (
            side(*_of_users(data, held_out, first), seed),
            side(*_of_users(data, held_out, ~first), seed + 1),
        )

    null = permuted(ratings, plan.seed)
    return Resamples(
        whole=_side(whole, ratings),
        halves=[halves(ratings, plan.seed + i) for i in range(stability.repeats)],
        null_whole=side(null, held_out, plan.seed),
        null_halves=[halves(null, plan.seed + i) for i in range(stability.repeats)],
        seeds=[side(ratings, held_out, plan.seed + 1 + i) for i in range(plan.seeds)],
        compared=compared,
        users=int(ratings.table.user.nunique()),
    )


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


def save(resamples: Resamples, folder: Path) -> None:
    """Write the arrays as NPY files."""
    for name, value in _arrays(resamples):
        np.save(folder / f"{name}.npy", value, allow_pickle=False)


def load(folder: Path) -> Resamples:
    """Return the models that `save` wrote."""
    repeats, seeds = (len(list(folder.glob(name))) for name in ("half-*-0-films.npy", "seed-*-films.npy"))

    def array(name: str) -> np.ndarray:
        values: np.ndarray = np.load(folder / f"{name}.npy", allow_pickle=False)
        return values

    def side(name: str) -> Side:
        return Side(array(f"{name}-films"), array(f"{name}-root"))

    return Resamples(
        whole=side("whole"),
        halves=[(side(f"half-{i}-0"), side(f"half-{i}-1")) for i in range(repeats)],
        null_whole=side("null"),
        null_halves=[(side(f"null-{i}-0"), side(f"null-{i}-1")) for i in range(repeats)],
        seeds=[side(f"seed-{i}") for i in range(seeds)],
        compared=array("compared"),
        users=int(array("users")),
    )


def _arrays(resamples: Resamples) -> Iterator[tuple[str, np.ndarray]]:
    sides = {"whole": resamples.whole, "null": resamples.null_whole}
    for kind, pairs in (("half", resamples.halves), ("null", resamples.null_halves)):
        sides |= {f"{kind}-{i}-{j}": side for i, pair in enumerate(pairs) for j, side in enumerate(pair)}
    sides |= {f"seed-{i}": side for i, side in enumerate(resamples.seeds)}
    for name, side in sides.items():
        yield f"{name}-films", side.films.astype(np.float32)
        yield f"{name}-root", side.root
    yield "compared", resamples.compared
    yield "users", np.array(resamples.users)


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


def _shares(report: Report, fits: int) -> list[Report]:
    """Return a report for each of `fits` fits, which take about equally long."""

    def share(i: int) -> Report:
        piece = part(report, i / fits, (i + 1) / fits)
        return lambda _, done, __, ___=None: piece(STAGE, done, f"training model {i + 1} of {fits}")

    return [share(i) for i in range(fits)]


def _side(model: FactorModel, ratings: Ratings) -> Side:
    """Return the stored part of a model."""
    users = weights_of(model.users)
    users = users - users.mean(0)
    root = np.linalg.qr(users, mode="r") / np.sqrt(len(users))
    return Side(spread(weights_of(model.films), model, ratings), root)


def spread(films: np.ndarray, model: FactorModel, ratings: Ratings) -> np.ndarray:
    """Return the rows of a model's films in the order of the ratings' films, NaN where the model has none."""
    table = pd.DataFrame(films, index=model.films.film_id)
    rows: np.ndarray = table.reindex(ratings.films.film_id).to_numpy()
    return rows
