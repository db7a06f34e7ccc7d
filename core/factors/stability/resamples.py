"""The models that were trained again, as far as they are compared, and how they are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.factors.rotation import axes
from core.factors.top_factors import standardised
from core.settings import Form


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

    return arranged(
        {name: side(name) for name in names_of(repeats, seeds)}, array("compared"), int(array("users"))
    )


def names_of(repeats: int, seeds: int) -> list[str]:
    """Return the names of all models, the whole first.

    >>> names_of(1, 1)
    ['whole', 'null', 'seed-0', 'half-0-0', 'half-0-1', 'null-0-0', 'null-0-1']
    """
    halves = [f"{kind}-{i}-{j}" for kind in ("half", "null") for i in range(repeats) for j in (0, 1)]
    return ["whole", "null", *(f"seed-{i}" for i in range(seeds)), *halves]


def arranged(sides: dict[str, Side], compared: np.ndarray, users: int) -> Resamples:
    """Return models by their names as resamples."""

    def pairs(kind: str) -> list[tuple[Side, Side]]:
        repeats = sum(name.startswith("half-") for name in sides) // 2
        return [(sides[f"{kind}-{i}-0"], sides[f"{kind}-{i}-1"]) for i in range(repeats)]

    return Resamples(
        whole=sides["whole"],
        halves=pairs("half"),
        null_whole=sides["null"],
        null_halves=pairs("null"),
        seeds=[side for name, side in sides.items() if name.startswith("seed-")],
        compared=compared,
        users=users,
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
