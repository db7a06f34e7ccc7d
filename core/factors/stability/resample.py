"""Training again: on random halves of the users, on halves without any taste, and from other seeds.

Takes ratings and a way of training, gives `Resamples`, which are kept as files. What they say is left to the
rest of the folder.
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
    """One trained model, in short: enough to bring its films into any form."""

    films: np.ndarray
    """Weights as the fit left them, a row a film of the ratings; not a number where it learnt nothing of one."""
    root: np.ndarray
    """root.T @ root is the covariance of the users' weights."""

    def weights(self, form: Form, keep: int | None, compared: np.ndarray) -> np.ndarray:
        """Return the weights of the films compared (a mask) in a form, with mean 0 and standard deviation 1."""
        weights = self._centred()
        if form != "raw":
            weights = weights @ axes(weights[self._known], self.root, form, keep)[0]
        return standardised(weights[compared])

    def loadings(self, compared: np.ndarray) -> np.ndarray:
        """Return the weights of the films compared as they are when the users are orthonormal, with mean 0."""
        weights = self._centred()[compared] @ self.root.T
        return np.asarray(weights - weights.mean(0))

    @property
    def _known(self) -> np.ndarray:
        return np.asarray(~np.isnan(self.films[:, 0]))

    def _centred(self) -> np.ndarray:
        """Return the weights of all films, centred; a film of which nothing was learnt is average."""
        films = self.films - self.films[self._known].mean(0)
        return np.asarray(np.where(self._known[:, None], films, 0.0))


@dataclass(frozen=True)
class Resamples:
    """What training again gave."""

    whole: Side
    """A model of all users."""
    halves: list[tuple[Side, Side]]
    """Models of two halves of the users that share nobody, from two seeds."""
    null_whole: Side
    """A model of all users, tastes permuted away."""
    null_halves: list[tuple[Side, Side]]
    """The same of halves of theirs."""
    seeds: list[Side]
    """Models of all users from other seeds than `whole`."""
    compared: np.ndarray
    """True for films with enough ratings."""
    users: int
    """How many users there were."""


def resample(
    ratings: Ratings,
    held_out: np.ndarray,
    settings: FactorModelSettings,
    how: StabilitySettings,
    seed: int,
    report: Report,
) -> Resamples:
    """Train again and again, with `settings.factors` or, where they are to be chosen, `how.most_factors`.

    Of large data a random part of the users is used. No more factors should be asked for than `most_comparable`.
    """
    ratings, held_out = _some_users(ratings, held_out, how.most_ratings, seed)
    compared = _compared(ratings, held_out, how)
    factors = settings.factors or min(how.most_factors, _comparable(ratings, held_out, how))
    settings = settings.replace(factors=factors, burn_in=how.burn_in, samples=how.samples)
    fits = iter(_shares(report, 4 * how.repeats + 2 + how.seeds))

    def side(data: Ratings, mask: np.ndarray, own_seed: int) -> Side:
        return _side(train(data, settings, own_seed, next(fits), mask), ratings)

    def halves(data: Ratings, own_seed: int) -> tuple[Side, Side]:
        users = np.random.default_rng(own_seed).permutation(len(ratings.user_ids))
        first = users < len(users) / 2
        return (
            side(*_of_users(data, held_out, first), own_seed),
            side(*_of_users(data, held_out, ~first), own_seed + 1),
        )

    null = permuted(ratings, seed)
    return Resamples(
        whole=side(ratings, held_out, seed),
        halves=[halves(ratings, seed + i) for i in range(how.repeats)],
        null_whole=side(null, held_out, seed),
        null_halves=[halves(null, seed + i) for i in range(how.repeats)],
        seeds=[side(ratings, held_out, seed + 1 + i) for i in range(how.seeds)],
        compared=compared,
        users=int(ratings.table.user.nunique()),
    )


def most_comparable(ratings: Ratings, held_out: np.ndarray, how: StabilitySettings, seed: int) -> int:
    """Return the most factors that can be compared between halves of the users, 0 or less where none can.

    Each factor needs some films with enough ratings, and each half more users than factors.
    """
    return _comparable(*_some_users(ratings, held_out, how.most_ratings, seed), how)


def _comparable(ratings: Ratings, held_out: np.ndarray, how: StabilitySettings) -> int:
    films = int(_compared(ratings, held_out, how).sum()) // how.films_a_factor
    users = int(ratings.table.user[~held_out].nunique())
    return min(films, users // 2 - 2)


def permuted(ratings: Ratings, seed: int) -> Ratings:
    """Return ratings without taste: each film's ratings dealt out anew among those who rated it (Horn 1965)."""
    film = ratings.table.film.to_numpy()
    by_film = np.argsort(film, kind="stable")
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(film)), film))
    dealt = np.empty(len(film), dtype=np.float32)
    dealt[by_film] = ratings.table.rating.to_numpy()[shuffled]
    return replace(ratings, table=ratings.table.assign(rating=dealt))


def save(resamples: Resamples, folder: Path) -> None:
    """Write the arrays as NPY files."""
    for name, value in _arrays(resamples):
        np.save(folder / f"{name}.npy", value, allow_pickle=False)


def load(folder: Path, how: StabilitySettings) -> Resamples:
    """Return what `save` wrote."""

    def array(name: str) -> np.ndarray:
        values: np.ndarray = np.load(folder / f"{name}.npy", allow_pickle=False)
        return values

    def side(name: str) -> Side:
        return Side(array(f"{name}-films"), array(f"{name}-root"))

    return Resamples(
        whole=side("whole"),
        halves=[(side(f"half-{i}-0"), side(f"half-{i}-1")) for i in range(how.repeats)],
        null_whole=side("null"),
        null_halves=[(side(f"null-{i}-0"), side(f"null-{i}-1")) for i in range(how.repeats)],
        seeds=[side(f"seed-{i}") for i in range(how.seeds)],
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
    """Return the ratings of so many users, drawn at random, that they are about `most`."""
    if len(ratings.table) <= most:
        return ratings, held_out
    drawn = np.random.default_rng(seed).random(len(ratings.user_ids)) < most / len(ratings.table)
    return _of_users(ratings, held_out, drawn)


def _of_users(ratings: Ratings, held_out: np.ndarray, users: np.ndarray) -> tuple[Ratings, np.ndarray]:
    kept = users[ratings.table.user.to_numpy()]
    return replace(ratings, table=ratings.table[kept].reset_index(drop=True)), held_out[kept]


def _compared(ratings: Ratings, held_out: np.ndarray, how: StabilitySettings) -> np.ndarray:
    """Mark the films that a half of the users can be expected to give enough ratings to train on."""
    counts = np.bincount(ratings.table.film[~held_out], minlength=len(ratings.films))
    enough: np.ndarray = counts >= 2 * how.least_ratings
    return enough


def _shares(report: Report, fits: int) -> list[Report]:
    """Return a report for each of so many fits of about equal length."""

    def share(i: int) -> Report:
        piece = part(report, i / fits, (i + 1) / fits)
        return lambda _, done, __, ___=None: piece(STAGE, done, f"training model {i + 1} of {fits}")

    return [share(i) for i in range(fits)]


def _side(model: FactorModel, ratings: Ratings) -> Side:
    users = weights_of(model.users)
    users = users - users.mean(0)
    root = np.linalg.qr(users, mode="r") / np.sqrt(len(users))
    return Side(spread(weights_of(model.films), model, ratings), root)


def spread(films: np.ndarray, model: FactorModel, ratings: Ratings) -> np.ndarray:
    """Return a row for each film of the ratings, not a number where the model has none."""
    table = pd.DataFrame(films, index=model.films.film_id)
    rows: np.ndarray = table.reindex(ratings.films.film_id).to_numpy()
    return rows
