"""Vectors of films' reviews + bias and weights of rated films -> bias and weights of films with only reviews.

Kernel ridge regression (the mean of a Gaussian process): a film gets the weights of films whose reviews are
similar. Each film counts by its number of ratings, since more ratings make its weights more precise. The one
hyper-parameter, the kernel's strength, minimises the leave-one-out error over the rated films, which has a
closed form.
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
"""Least rated films with reviews; with fewer, leaving one out is not informative."""
COVERED = 0.95
"""Share of the rated films, weighted by ratings, that lie in their interval when the others place them."""
STRENGTHS = np.exp(np.linspace(-4, 4, 17))
"""Kernel variances that are tried, against noise of variance 1 for a film with the mean number of ratings."""
EXPLAINED_KEY = "told"
"""The key of `explained_variance` in the files."""


@dataclass(frozen=True)
class Part:
    """One regression: the targets (bias, or weights) that share a kernel strength."""

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
    """Films x targets: each rated film predicted from the others (only the level includes it)."""
    reach: np.ndarray
    """Half the interval's width of each target, at a predictive standard deviation of 1."""
    explained_variance: np.ndarray
    """R² of each target for left-out films, weighted by ratings; below 0 is worse than the mean."""


@dataclass(frozen=True)
class ColdStartModel:
    """A regression of a film's bias and weights on its reviews, as plain arrays."""

    films: pd.DataFrame
    """The rated films with reviews: film_id, title."""
    vectors: dict[str, np.ndarray]
    """Their vectors by each reader: films x directions."""
    parts: list[Part]

    def place(self, vectors: dict[str, np.ndarray]) -> pd.DataFrame:
        """Place films by their vectors from the same readers; return a row a film.

        Columns: bias, bias_low, bias_high, and weight_k, low_k, high_k for each factor: values and the ends
        of 95% intervals, which are calibrated on left-out rated films.
        """
        similarity = likeness(vectors, self.vectors)
        columns: dict[str, np.ndarray] = {}
        for part in self.parts:
            kernel = part.strength * similarity
            placed = part.level + kernel @ part.coefficients
            variance = part.strength - np.einsum("ij,jk,ik->i", kernel, part.inverse, kernel, optimize=True)
            half = np.sqrt(variance.clip(min=0))[:, None] * part.reach
            for name, *values in zip(part.names, placed.T, (placed - half).T, (placed + half).T, strict=True):
                columns |= dict(zip((name, *_ends(name)), values, strict=True))
        return pd.DataFrame(columns)

    def left_out(self) -> pd.DataFrame:
        """Return bias and weights of each rated film, predicted from the others, in the order of `films`."""
        return pd.DataFrame(
            np.hstack([part.left_out for part in self.parts]),
            columns=[name for part in self.parts for name in part.names],
        )

    def left_out_by(self, vectors: dict[str, np.ndarray]) -> pd.DataFrame:
        """Return `left_out` with other vectors of the left-out film, such as those of fewer reviews."""
        similarity = likeness(vectors, self.vectors)
        placed = []
        for part in self.parts:
            kernel = part.strength * similarity
            # Remove the contribution of the film itself to the coefficients of the others.
            share = np.einsum("ij,ji->i", kernel, part.inverse) / np.diag(part.inverse)
            placed.append(part.level + kernel @ part.coefficients - share[:, None] * part.coefficients)
        return pd.DataFrame(np.hstack(placed), columns=[name for part in self.parts for name in part.names])

    def explained_variance(self) -> dict[str, float]:
        """Return R² of the bias and each weight for left-out films: target -> explained share of variance."""
        return {
            name: float(share)
            for part in self.parts
            for name, share in zip(part.names, part.explained_variance, strict=True)
        }

    def nearest(self, vectors: dict[str, np.ndarray], count: int) -> list[pd.DataFrame]:
        """Return, for each film, the rated films with the most similar reviews: film_id, title, likeness.

        Likeness here is the cosine between centred vectors, averaged over the readers.
        """
        cosine = self.cosines(vectors)
        order = np.argsort(-cosine, axis=1, kind="stable")[:, :count]
        return [
            self.films.iloc[rows].assign(likeness=values[rows]).reset_index(drop=True)
            for rows, values in zip(order, cosine, strict=True)
        ]

    def cosines(self, vectors: dict[str, np.ndarray]) -> np.ndarray:
        """Return the cosine likeness of films to each rated film, as in `nearest`: films x rated films."""
        cosines = [
            normalize(vectors[name] - rated.mean(0)) @ normalize(rated - rated.mean(0)).T
            for name, rated in self.vectors.items()
        ]
        return np.asarray(np.mean(cosines, axis=0))

    def save(self, folder: Path, more: Mapping[str, Any]) -> None:
        """Write placing.safetensors and placing.json, the latter also with the entries of `more`."""
        arrays = {f"vectors.{name}": vectors for name, vectors in self.vectors.items()}
        for number, part in enumerate(self.parts):
            values = asdict(part) | {EXPLAINED_KEY: part.explained_variance}
            stored = values.keys() - {"names", "explained_variance"}
            arrays |= {f"{number}.{name}": values[name] for name in stored}
        about = {
            "films": self.films.to_dict("list"),
            "readers": list(self.vectors),
            "parts": [part.names for part in self.parts],
            EXPLAINED_KEY: self.explained_variance(),
            **more,
        }
        content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        (folder / "placing.safetensors").write_bytes(content)
        write_json(folder / "placing.json", about)


def load(folder: Path) -> ColdStartModel:
    """Return the model that `ColdStartModel.save` wrote."""
    arrays, about = load_file(folder / "placing.safetensors"), read_json(folder / "placing.json")
    parts = []
    for number, names in enumerate(about["parts"]):
        of_part = {key.split(".")[1]: array for key, array in arrays.items() if key.startswith(f"{number}.")}
        parts.append(Part(names=names, explained_variance=of_part.pop(EXPLAINED_KEY), **of_part))
    vectors = {name: arrays[f"vectors.{name}"] for name in about["readers"]}
    # In older files ids are numbers.
    films = pd.DataFrame(about["films"]).astype({"film_id": "str"})
    return ColdStartModel(films, vectors, parts)


def fit(vectors: dict[str, np.ndarray], films: pd.DataFrame, report: Report = silent) -> ColdStartModel:
    """Fit the regression to rated films: their vectors by each reader, and their rows of factors.parquet.

    `films` has film_id, title, ratings, bias and weight_0 …. Raises DegenerateResult where there are too few
    films, where their vectors by a reader are all equal, or where the bias or a weight is the same for all.
    """
    if len(films) < FEWEST_FILMS:
        raise DegenerateResult(
            f"{len(films)} rated films have reviews, and {FEWEST_FILMS} are needed to place others by them; "
            "choose another source of reviews"
        )
    similarity = likeness(vectors, vectors)
    # The precision of a film's weights grows with its ratings; the mean number is the unit.
    weights = films["ratings"].to_numpy(np.float64)
    weights = weights / weights.mean()
    factors = [name for name in films.columns if name.startswith("weight_")]
    parts = [
        _part(similarity, films[names].to_numpy(np.float64), weights, names, share_of(report, at, at + 0.5))
        for names, at in ((["bias"], 0.0), (factors, 0.5))
        if names
    ]
    return ColdStartModel(films[["film_id", "title"]].reset_index(drop=True), vectors, parts)


def explained_variance(placed: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return R² of predictions (films x targets), the share of each target's variance, films weighted.

    >>> explained_variance(np.array([[1.0], [3.0]]), np.array([[0.0], [4.0]]), np.ones(2)).tolist()
    [0.75]
    """
    level = np.average(values, axis=0, weights=weights)
    unexplained, variance = (
        np.average(np.square(values - other), axis=0, weights=weights) for other in (placed, level)
    )
    return np.asarray(1 - unexplained / variance)


def _part(
    similarity: np.ndarray, values: np.ndarray, weights: np.ndarray, names: list[str], report: Report
) -> Part:
    """Fit one regression; `values` is films x targets."""
    level = np.average(values, axis=0, weights=weights)
    variance = np.average(np.square(values - level), axis=0, weights=weights)
    if not (variance > 0).all():
        raise DegenerateResult(
            f"{names[int(np.argmin(variance))]} is the same for all films with reviews; it cannot be placed"
        )

    def fit_with(strength: float) -> tuple[float, float, np.ndarray, np.ndarray, np.ndarray]:
        """Return the unexplained share of variance, the strength, the fit and its leave-one-out errors."""
        done = (int(np.searchsorted(STRENGTHS, strength)) + 1) / len(STRENGTHS)
        report(STAGE, done, "finding how far to follow reviews")
        inverse = np.linalg.inv(strength * similarity + np.diag(1 / weights))
        coefficients = inverse @ (values - level)
        # Leave-one-out errors in closed form (Sundararajan and Keerthi 2001).
        error = coefficients / np.diag(inverse)[:, None]
        unexplained = np.average(np.square(error), axis=0, weights=weights) / variance
        return float(unexplained.mean()), strength, inverse, coefficients, error

    _, strength, inverse, coefficients, error = min(map(fit_with, STRENGTHS), key=lambda fitted: fitted[0])
    # The predictive standard deviation of a left-out film, without the noise of its ratings.
    deviation = np.sqrt((1 / np.diag(inverse) - 1 / weights).clip(min=1e-9))
    return Part(
        names=names,
        strength=np.array(strength),
        level=level,
        coefficients=coefficients,
        inverse=inverse,
        left_out=values - error,
        reach=np.array([_quantile(np.abs(column) / deviation, weights) for column in error.T]),
        explained_variance=explained_variance(values - error, values, weights),
    )


def _quantile(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the value below which the share COVERED of the weights lies."""
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(share, COVERED)])


def _ends(name: str) -> tuple[str, str]:
    """Return the columns of the ends of an interval, as in the films' table.

    >>> _ends("bias"), _ends("weight_3")
    (('bias_low', 'bias_high'), ('low_3', 'high_3'))
    """
    factor = name.removeprefix("weight_")
    return (f"low_{factor}", f"high_{factor}") if factor != name else (f"{name}_low", f"{name}_high")
