"""Vectors of films' reviews + the rated films' bias and weights -> those of films that have only reviews.

Kernel ridge regression (the mean of a Gaussian process): a film is placed where films stand whose reviews read
alike. A film counts by its ratings, since so much is known of it, and since so much hangs on it. How alike two
films are is a sum of kernels, two a reader of the reviews, in a mix under which the rated films, each placed by
the others, come nearest to where they stand. That needs no other data: leaving a film out is exact algebra.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save
from scipy.optimize import minimize
from sklearn.preprocessing import normalize

from core.errors import DegenerateResult
from core.placing.kernels import Kernels
from core.store import read_json, write_json

FEWEST_FILMS = 10
"""Rated films with reviews that are needed; with fewer, nothing can be learnt from leaving one out."""
COVERED = 0.95
"""Share of what intervals hold, of the rated films placed by the others, each counted by its ratings."""
START, TOWARDS_START = -1.0, 1e-3
"""Log of the kernels' weights, all together, from which the search for their mix starts, and how it is drawn back
there: the cost of one unit of log away from it, as a share of the variance."""
SEARCH = 60
"""Most steps of the search."""
RANGE = (-9.0, 4.0)
"""Within this range lies the log of a kernel's weight."""


@dataclass(frozen=True)
class Part:
    """One regression: numbers of films that share a mix of kernels."""

    names: list[str]
    mix: np.ndarray
    """Weight of each kernel, against noise of 1 for a film of average ratings."""
    level: np.ndarray
    """Each number's mean, every film counted by its ratings."""
    coefficients: np.ndarray
    """Films x numbers."""
    inverse: np.ndarray
    """Films x films: inverse of kernel and noise."""
    left_out: np.ndarray
    """Films x numbers: each rated film as the others place it (only their common level still has its part)."""
    reach: np.ndarray
    """Half of a number's interval, for a film whose kernel leaves a deviation of 1."""
    told: np.ndarray
    """Share of a number's variance over the ratings that is told of films left out; below 0 is worse than none."""


@dataclass(frozen=True)
class Placing:
    """What reviews tell of where films stand; fitted once, plain arrays."""

    films: pd.DataFrame
    """The rated films with reviews: film_id, title."""
    vectors: dict[str, np.ndarray]
    """A reader's vector of each of them: films x its directions."""
    parts: list[Part]

    def place(self, vectors: dict[str, np.ndarray]) -> pd.DataFrame:
        """Place films by the vectors that the same readers give them; a row a film.

        Columns: bias, bias_low, bias_high, and weight_k, low_k, high_k for each factor, with the ends of 95 %
        intervals. An interval is calibrated on rated films that were left out.
        """
        kernels = Kernels(self.vectors)
        between, own = kernels.to(vectors), kernels.own(vectors)
        columns: dict[str, np.ndarray] = {}
        for part in self.parts:
            kernel = np.tensordot(part.mix, between, 1)
            placed = part.level + kernel @ part.coefficients
            left = part.mix @ own - np.einsum("ij,jk,ik->i", kernel, part.inverse, kernel)
            half = np.sqrt(left.clip(min=0))[:, None] * part.reach
            for name, *values in zip(part.names, placed.T, (placed - half).T, (placed + half).T, strict=True):
                columns |= dict(zip((name, *_ends(name)), values, strict=True))
        return pd.DataFrame(columns)

    def left_out(self) -> pd.DataFrame:
        """Give bias and weights of each rated film as the others place it, in the order of `films`."""
        return pd.DataFrame(
            np.hstack([part.left_out for part in self.parts]),
            columns=[name for part in self.parts for name in part.names],
        )

    def told(self) -> dict[str, float]:
        """Give the share of the bias' and each weight's variance that reviews tell of films left out."""
        return {
            name: float(share)
            for part in self.parts
            for name, share in zip(part.names, part.told, strict=True)
        }

    def nearest(self, vectors: dict[str, np.ndarray], count: int) -> list[pd.DataFrame]:
        """Give, for each film, the rated films whose reviews read most alike: film_id, title, likeness (1 at most).

        Likeness is the cosine between vectors from which the average is taken, averaged over the readers.
        """
        likeness = np.zeros((len(next(iter(vectors.values()))), len(self.films)))
        for name, known in self.vectors.items():
            centre = known.mean(0)
            likeness += normalize(vectors[name] - centre) @ normalize(known - centre).T / len(self.vectors)
        order = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
        return [
            self.films.iloc[rows].assign(likeness=own[rows]).reset_index(drop=True)
            for rows, own in zip(order, likeness, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write placing.safetensors and placing.json."""
        arrays = {f"vectors.{name}": vectors for name, vectors in self.vectors.items()}
        for number, part in enumerate(self.parts):
            arrays |= {f"{number}.{name}": value for name, value in asdict(part).items() if name != "names"}
        about = {
            "films": self.films.to_dict("list"),
            "readers": list(self.vectors),
            "parts": [part.names for part in self.parts],
        }
        content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        (folder / "placing.safetensors").write_bytes(content)
        write_json(folder / "placing.json", about)


def load(folder: Path) -> Placing:
    """Read what `Placing.save` wrote."""
    arrays, about = load_file(folder / "placing.safetensors"), read_json(folder / "placing.json")
    parts = []
    for number, names in enumerate(about["parts"]):
        own = {key.split(".")[1]: array for key, array in arrays.items() if key.startswith(f"{number}.")}
        parts.append(Part(names=names, **own))
    vectors = {name: arrays[f"vectors.{name}"] for name in about["readers"]}
    return Placing(pd.DataFrame(about["films"]), vectors, parts)


def fit(vectors: dict[str, np.ndarray], films: pd.DataFrame) -> Placing:
    """Learn from rated films: their vectors by each reader, and a row a film as in factors.parquet.

    `films` has film_id, title, ratings, bias and weight_0 …. Raises DegenerateResult where there are too few
    films, or where a bias or a weight is the same for all.
    """
    if len(films) < FEWEST_FILMS:
        raise DegenerateResult(
            f"{len(films)} rated films have reviews, and {FEWEST_FILMS} are needed to place others by them; "
            "choose another source of reviews"
        )
    kernels = Kernels(vectors)
    among = kernels.to(vectors)
    # What is known of a film grows with its ratings; their mean is the unit.
    weights = films["ratings"].to_numpy(np.float64)
    weights = weights / weights.mean()
    factors = [name for name in films.columns if name.startswith("weight_")]
    parts = [
        _part(among, films[names].to_numpy(np.float64), weights, names)
        for names in (["bias"], factors)
        if names
    ]
    return Placing(films[["film_id", "title"]].reset_index(drop=True), vectors, parts)


def _part(kernels: np.ndarray, values: np.ndarray, weights: np.ndarray, names: list[str]) -> Part:
    """Fit one regression; `values` is films x numbers."""
    level = np.average(values, axis=0, weights=weights)
    variance = np.average(np.square(values - level), axis=0, weights=weights)
    if not (variance > 0).all():
        raise DegenerateResult(
            f"{names[int(np.argmin(variance))]} is the same for all films with reviews; it cannot be placed"
        )
    # Numbers of different units are chosen a mix for as if they had one deviation.
    mix = _mix(kernels, (values - level) / np.sqrt(variance), weights)
    inverse = np.linalg.inv(np.tensordot(mix, kernels, 1) + np.diag(1 / weights))
    coefficients = inverse @ (values - level)
    error = coefficients / np.diag(inverse)[:, None]
    # What the kernels leave open of a film that the others place, without the noise of its own ratings.
    left = np.sqrt((1 / np.diag(inverse) - 1 / weights).clip(min=1e-9))
    reach = [_quantile(np.abs(column) / left, weights) for column in error.T]
    told = 1 - np.average(np.square(error), axis=0, weights=weights) / variance
    return Part(names, mix, level, coefficients, inverse, values - error, np.array(reach), told)


def _mix(kernels: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give the weights of the kernels under which films left out are placed best, each counted by its ratings.

    A film left out has the error coefficient / inverse's diagonal (Sundararajan and Keerthi 2001), which has a
    gradient in closed form.
    """
    noise = np.diag(1 / weights)
    counted = weights[:, None] / (weights.sum() * values.shape[1])
    start = np.full(len(kernels), START - np.log(len(kernels)))

    def cost(logs: np.ndarray) -> tuple[float, np.ndarray]:
        mix = np.exp(logs)
        inverse = np.linalg.inv(np.tensordot(mix, kernels, 1) + noise)
        coefficients, diagonal = inverse @ values, np.diag(inverse)[:, None]
        error = coefficients / diagonal
        slope = []
        for weight, kernel in zip(mix, kernels, strict=True):
            turned = inverse @ kernel
            of_diagonal = np.einsum("ij,ji->i", turned, inverse)[:, None]
            of_error = weight * (error * of_diagonal - turned @ coefficients) / diagonal
            slope.append((2 * counted * error * of_error).sum())
        away = logs - start
        value = (counted * np.square(error)).sum() + TOWARDS_START * np.square(away).sum()
        return float(value), np.array(slope) + 2 * TOWARDS_START * away

    options: dict[str, Any] = {"maxiter": SEARCH}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=[RANGE] * len(start), options=options)
    mix: np.ndarray = np.exp(found.x)
    return mix


def _quantile(values: np.ndarray, weights: np.ndarray) -> float:
    """Give the value below which lies the covered share of the weights."""
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(share, COVERED)])


def _ends(name: str) -> tuple[str, str]:
    """Name the ends of an interval, as the films' table does.

    >>> _ends("bias"), _ends("weight_3")
    (('bias_low', 'bias_high'), ('low_3', 'high_3'))
    """
    factor = name.removeprefix("weight_")
    return (f"low_{factor}", f"high_{factor}") if factor != name else (f"{name}_low", f"{name}_high")
