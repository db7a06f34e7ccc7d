"""Vectors of films' reviews + the rated films' bias and weights -> those of films that have only reviews.

Kernel ridge regression (the mean of a Gaussian process): a film gets the weights of films whose reviews are similar.
Films are weighted by their ratings: the more there are, the better its weights are known, and the more predictions
depend on them. The one hyper-parameter, the kernel's strength, minimises the leave-one-out error over the rated
films, which has a closed form.
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
"""Kernel variances that are tried, against noise of variance 1 for a film with the mean number of ratings."""
TOLD = "told"
"""The name of `explained_variance` in the files."""


@dataclass(frozen=True)
class Part:
    """One regression: targets (bias, or weights) that have one kernel strength."""

    names: list[str]
    strength: np.ndarray
    """One of STRENGTHS."""
    level: np.ndarray
    """The mean of each target, films weighted by their ratings."""
    coefficients: np.ndarray
    """Films x targets."""
    inverse: np.ndarray
    """Films x films: inverse of kernel and noise."""
    left_out: np.ndarray
    """Films x targets: each rated film as the others predict it (only the level still includes it)."""
    reach: np.ndarray
    """Half the interval's width of each target, for a film whose predictive standard deviation is 1."""
    explained_variance: np.ndarray
    """Of each target, for films left out (R², films weighted); below 0 is worse than the mean."""


@dataclass(frozen=True)
class ColdStartModel:
    """Predicts a film's bias and weights from its reviews; plain arrays."""

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
            share = np.einsum("ij,ji->i", kernel, part.inverse) / np.diag(part.inverse)
            placed.append(part.level + kernel @ part.coefficients - share[:, None] * part.coefficients)
        return pd.DataFrame(np.hstack(placed), columns=[name for part in self.parts for name in part.names])

    def explained_variance(self) -> dict[str, float]:
        """Return the share of the variance of the bias and of each weight that reviews explain for films left out."""
        return {
            name: float(share)
            for part in self.parts
            for name, share in zip(part.names, part.explained_variance, strict=True)
        }

    def nearest(self, vectors: dict[str, np.ndarray], count: int) -> list[pd.DataFrame]:
        """Return for each film, the rated films whose reviews read most alike: film_id, title, likeness (1 at most).

        Likeness here is the cosine between vectors from which the average is taken, averaged over the readers.
        """
        cosine = self.cosines(vectors)
        order = np.argsort(-cosine, axis=1, kind="stable")[:, :count]
        return [
            self.films.iloc[rows].assign(likeness=values[rows]).reset_index(drop=True)
            for rows, values in zip(order, cosine, strict=True)
        ]

    def cosines(self, vectors: dict[str, np.ndarray]) -> np.ndarray:
        """Return the likeness of some films to each rated film, as in `nearest`: films x rated films."""
        similarity = [
            normalize(vectors[name] - rated.mean(0)) @ normalize(rated - rated.mean(0)).T
            for name, rated in self.vectors.items()
        ]
        return np.asarray(np.mean(similarity, axis=0))

    def save(self, folder: Path, more: Mapping[str, Any]) -> None:
        """Write placing.safetensors and placing.json, the latter with the entries of `more` besides."""
        arrays = {f"vectors.{name}": vectors for name, vectors in self.vectors.items()}
        for number, part in enumerate(self.parts):
            values = asdict(part) | {TOLD: part.explained_variance}
            stored = values.keys() - {"names", "explained_variance"}
            arrays |= {f"{number}.{name}": values[name] for name in stored}
        about = {
            "films": self.films.to_dict("list"),
            "readers": list(self.vectors),
            "parts": [part.names for part in self.parts],
            TOLD: self.explained_variance(),
            **more,
        }
        content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        (folder / "placing.safetensors").write_bytes(content)
        write_json(folder / "placing.json", about)


def load(folder: Path) -> ColdStartModel:
    """Read what `ColdStartModel.save` wrote."""
    arrays, about = load_file(folder / "placing.safetensors"), read_json(folder / "placing.json")
    parts = []
    for number, names in enumerate(about["parts"]):
        of_part = {key.split(".")[1]: array for key, array in arrays.items() if key.startswith(f"{number}.")}
        parts.append(Part(names=names, explained_variance=of_part.pop(TOLD), **of_part))
    vectors = {name: arrays[f"vectors.{name}"] for name in about["readers"]}
    return ColdStartModel(pd.DataFrame(about["films"]), vectors, parts)


def fit(vectors: dict[str, np.ndarray], films: pd.DataFrame, report: Report = silent) -> ColdStartModel:
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
    return ColdStartModel(films[["film_id", "title"]].reset_index(drop=True), vectors, parts)


def explained_variance(placed: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of each target's variance that predictions explain (R²), films weighted; both films x targets.

    >>> explained_variance(np.array([[1.0], [3.0]]), np.array([[0.0], [4.0]]), np.ones(2)).tolist()
    [0.75]
    """
    level = np.average(values, axis=0, weights=weights)
    unexplained, variance = (
        np.average(np.square(values - other), axis=0, weights=weights) for other in (placed, level)
    )
    return np.asarray(1 - unexplained / variance)


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

    def fit_with(strength: float) -> tuple[float, float, np.ndarray, np.ndarray, np.ndarray]:
        """Return the unexplained share of the variance, the strength, and the fit and its errors with it."""
        done = (int(np.searchsorted(STRENGTHS, strength)) + 1) / len(STRENGTHS)
        report(STAGE, done, "finding how far to follow reviews")
        inverse = np.linalg.inv(strength * alike + np.diag(1 / weights))
        coefficients = inverse @ (values - level)
        # Of a film placed by the others (Sundararajan and Keerthi 2001).
        error = coefficients / np.diag(inverse)[:, None]
        unexplained = np.average(np.square(error), axis=0, weights=weights) / variance
        return float(unexplained.mean()), strength, inverse, coefficients, error

    _, strength, inverse, coefficients, error = min(map(fit_with, STRENGTHS), key=lambda fitted: fitted[0])
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
        explained_variance=explained_variance(values - error, values, weights),
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
