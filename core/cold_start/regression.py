"""Vectors of films' reviews + the rated films' bias and weights -> those of films that have only reviews.

Kernel ridge regression (the mean of a Gaussian process): a film is placed where films stand whose reviews read
alike. A film counts by its ratings, since so much is known of it, and since so much hangs on it. The one number
to choose, how far to follow the reviews, is that under which the rated films, each placed by the others, come
nearest to where they stand. That needs no other data: leaving a film out is exact algebra.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save
from sklearn.preprocessing import normalize

from core.cold_start.kernels import likeness
from core.errors import DegenerateResult
from core.progress import Report, silent
from core.progress import part as share_of
from core.store import read_json, write_json

STAGE = "placing"
FEWEST_FILMS = 10
"""Rated films with reviews that are needed; with fewer, nothing can be learnt from leaving one out."""
COVERED = 0.95
"""Share of the rated films placed by the others that intervals hold, each counted by its ratings."""
STRENGTHS = np.exp(np.linspace(-4, 4, 17))
"""How far the reviews may be followed: variance that they explain, against noise of 1 for a film of average
ratings."""


@dataclass(frozen=True)
class Part:
    """One regression: numbers of films that are followed equally far."""

    names: list[str]
    strength: np.ndarray
    """One of STRENGTHS."""
    level: np.ndarray
    """Each number's mean, every film counted by its ratings."""
    coefficients: np.ndarray
    """Films x numbers."""
    inverse: np.ndarray
    """Films x films: inverse of kernel and noise."""
    left_out: np.ndarray
    """Films x numbers: each rated film as the others place it (only their common level still has its part)."""
    reach: np.ndarray
    """Half of a number's interval, for a film of which its likeness to others leaves a deviation of 1."""
    told: np.ndarray
    """Share of a number's variance over the ratings that is told of films left out; below 0 is worse than none."""


@dataclass(frozen=True)
class Placing:
    """What reviews tell of where films stand; fitted once, plain arrays."""

    films: pd.DataFrame
    """The rated films with reviews: film_id, title."""
    vectors: dict[str, np.ndarray]
    """Their vectors by each reader: films x directions."""
    parts: list[Part]

    def place(self, vectors: dict[str, np.ndarray]) -> pd.DataFrame:
        """Place films by the vectors that the same readers give them; a row a film.

        Columns: bias, bias_low, bias_high, and weight_k, low_k, high_k for each factor, with the ends of 95 %
        intervals, which are calibrated on rated films left out.
        """
        alike = likeness(vectors, self.vectors)
        columns: dict[str, np.ndarray] = {}
        for part in self.parts:
            kernel = part.strength * alike
            placed = part.level + kernel @ part.coefficients
            left = part.strength - np.einsum("ij,jk,ik->i", kernel, part.inverse, kernel, optimize=True)
            half = np.sqrt(left.clip(min=0))[:, None] * part.reach
            for name, *values in zip(part.names, placed.T, (placed - half).T, (placed + half).T, strict=True):
                columns |= dict(zip((name, *_ends(name)), values, strict=True))
        return pd.DataFrame(columns)

    def left_out(self) -> pd.DataFrame:
        """Return bias and weights of each rated film as the others place it, in the order of `films`."""
        return pd.DataFrame(
            np.hstack([part.left_out for part in self.parts]),
            columns=[name for part in self.parts for name in part.names],
        )

    def left_out_by(self, vectors: dict[str, np.ndarray]) -> pd.DataFrame:
        """Return what `left_out` gives where each rated film is read by other vectors, such as of fewer reviews."""
        alike = likeness(vectors, self.vectors)
        placed = []
        for part in self.parts:
            kernel = part.strength * alike
            # What the film itself adds to the coefficients of the others is taken away again.
            own = np.einsum("ij,ji->i", kernel, part.inverse) / np.diag(part.inverse)
            placed.append(part.level + kernel @ part.coefficients - own[:, None] * part.coefficients)
        return pd.DataFrame(np.hstack(placed), columns=[name for part in self.parts for name in part.names])

    def told(self) -> dict[str, float]:
        """Return the share of the bias' and each weight's variance that reviews tell of films left out."""
        return {
            name: float(share)
            for part in self.parts
            for name, share in zip(part.names, part.told, strict=True)
        }

    def nearest(self, vectors: dict[str, np.ndarray], count: int) -> list[pd.DataFrame]:
        """Return for each film, the rated films whose reviews read most alike: film_id, title, likeness (1 at most).

        Likeness here is the cosine between vectors from which the average is taken, averaged over the readers.
        """
        cosine = self.cosines(vectors)
        order = np.argsort(-cosine, axis=1, kind="stable")[:, :count]
        return [
            self.films.iloc[rows].assign(likeness=own[rows]).reset_index(drop=True)
            for rows, own in zip(order, cosine, strict=True)
        ]

    def cosines(self, vectors: dict[str, np.ndarray]) -> np.ndarray:
        """Return the likeness of some films to each rated film, as in `nearest`: films x rated films."""
        mean: np.ndarray = np.mean(
            [
                normalize(vectors[name] - known.mean(0)) @ normalize(known - known.mean(0)).T
                for name, known in self.vectors.items()
            ],
            axis=0,
        )
        return mean

    def save(self, folder: Path, more: Mapping[str, Any]) -> None:
        """Write placing.safetensors and placing.json, the latter with what else is known of this placing."""
        arrays = {f"vectors.{name}": vectors for name, vectors in self.vectors.items()}
        for number, part in enumerate(self.parts):
            arrays |= {f"{number}.{name}": value for name, value in asdict(part).items() if name != "names"}
        about = {
            "films": self.films.to_dict("list"),
            "readers": list(self.vectors),
            "parts": [part.names for part in self.parts],
            "told": self.told(),
            **more,
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


def fit(vectors: dict[str, np.ndarray], films: pd.DataFrame, report: Report = silent) -> Placing:
    """Learn from rated films: their vectors by each reader, and a row a film as in factors.parquet.

    `films` has film_id, title, ratings, bias and weight_0 …. Raises DegenerateResult where there are too few
    films, where a reader does not tell them apart, or where a bias or a weight is the same for all.
    """
    if len(films) < FEWEST_FILMS:
        raise DegenerateResult(
            f"{len(films)} rated films have reviews, and {FEWEST_FILMS} are needed to place others by them; "
            "choose another source of reviews"
        )
    alike = likeness(vectors, vectors)
    # What is known of a film grows with its ratings; their mean is the unit.
    weights = films["ratings"].to_numpy(np.float64)
    weights = weights / weights.mean()
    factors = [name for name in films.columns if name.startswith("weight_")]
    parts = [
        _part(alike, films[names].to_numpy(np.float64), weights, names, share_of(report, at, at + 0.5))
        for names, at in ((["bias"], 0.0), (factors, 0.5))
        if names
    ]
    return Placing(films[["film_id", "title"]].reset_index(drop=True), vectors, parts)


def told_of(placed: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of each number's variance that is told where films are placed so: films x numbers.

    >>> told_of(np.array([[1.0], [3.0]]), np.array([[0.0], [4.0]]), np.ones(2)).tolist()
    [0.75]
    """
    level = np.average(values, axis=0, weights=weights)
    untold, all_of_it = (
        np.average(np.square(values - other), axis=0, weights=weights) for other in (placed, level)
    )
    share: np.ndarray = 1 - untold / all_of_it
    return share


def _part(
    alike: np.ndarray, values: np.ndarray, weights: np.ndarray, names: list[str], report: Report
) -> Part:
    """Fit one regression; `values` is films x numbers."""
    level = np.average(values, axis=0, weights=weights)
    variance = np.average(np.square(values - level), axis=0, weights=weights)
    if not (variance > 0).all():
        raise DegenerateResult(
            f"{names[int(np.argmin(variance))]} is the same for all films with reviews; it cannot be placed"
        )

    def followed(strength: float) -> tuple[float, float, np.ndarray, np.ndarray, np.ndarray]:
        """Return the error that is left of the variance, and what makes it up."""
        done = (int(np.searchsorted(STRENGTHS, strength)) + 1) / len(STRENGTHS)
        report(STAGE, done, "finding how far to follow reviews")
        inverse = np.linalg.inv(strength * alike + np.diag(1 / weights))
        coefficients = inverse @ (values - level)
        # Of a film placed by the others (Sundararajan and Keerthi 2001).
        error = coefficients / np.diag(inverse)[:, None]
        untold = np.average(np.square(error), axis=0, weights=weights) / variance
        return float(untold.mean()), strength, inverse, coefficients, error

    _, strength, inverse, coefficients, error = min(map(followed, STRENGTHS), key=lambda tried: tried[0])
    # What likeness leaves open of a film that the others place, without the noise of its own ratings.
    left = np.sqrt((1 / np.diag(inverse) - 1 / weights).clip(min=1e-9))
    return Part(
        names=names,
        strength=np.array(strength),
        level=level,
        coefficients=coefficients,
        inverse=inverse,
        left_out=values - error,
        reach=np.array([_quantile(np.abs(column) / left, weights) for column in error.T]),
        told=told_of(values - error, values, weights),
    )


def _quantile(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the value below which lies the covered share of the weights."""
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
