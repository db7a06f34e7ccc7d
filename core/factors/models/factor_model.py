"""Ratings -> trained factor model, as plain tables (article, step 2).

Takes checked `Ratings`, returns weights and biases of films and users, and the error on held-out ratings.
What the factors mean is left to later stages. In reading order:

    base      the input and output of a fitting method, as arrays
    dot_bias  fastai's EmbeddingDotBias (article, fast)
    gibbs     Bayesian, by sampling (accurate, stable); with implicit_features and aligned_samples
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.errors import BadSettings, DegenerateResult
from core.factors.models.base import Fit, FitMethod, Link, Split, split
from core.progress import Report, against, part
from core.settings import FactorModelSettings

__all__ = ["FactorModel", "Link", "hold_out", "predict", "predicted_by_means", "train"]

METHODS = {
    "dot-bias": "core.factors.models.dot_bias",
    "gibbs": "core.factors.models.gibbs",
}
"""The module of each fitting method, by `method` of the settings; it holds a `FitTogether` called `fit_together`,
or a `FitMethod` called `fit`."""
MEANS = "means of films and users"
"""The name of the baseline's curve."""


@dataclass(frozen=True)
class FactorModel:
    """A trained factor model as tables.

    `films`: film_id, title, weight_0 … weight_{k-1}, bias, ratings (their number). `users`: user_id, weight_0
    …, bias. Both are in the order of `Ratings`. Films and users that occur only among the held-out ratings
    have no row, since nothing was learnt about them.
    """

    films: pd.DataFrame
    users: pd.DataFrame
    link: Link
    covariance: np.ndarray | None
    """Films x factors x factors: posterior covariance of a film's weights; None without a posterior."""
    rmse_valid: float
    """Root mean squared error on the held-out ratings, in the unit of the ratings."""
    rmse_means: float
    """The same error of the baseline: each film's mean plus each user's mean deviation from it."""
    rmse_gain_interval: tuple[float, float] | None
    """95% interval, over users, of how far the error is below the baseline's; None with one user kept out."""
    losses: list[dict[str, float]]
    """An entry an epoch or sweep: epoch, train (mean squared error), valid (the same on held-out ratings)."""
    settings: FactorModelSettings | None = None
    """Settings by which other ratings are trained on as long as these were; None of a model from a file."""


def hold_out(ratings: Ratings, share: float, seed: int) -> np.ndarray:
    """Return a mask of the ratings held out of training, about a share of them at random."""
    return np.random.default_rng(seed).random(len(ratings.table)) < share


def train(
    ratings: Ratings, settings: FactorModelSettings, seed: int, report: Report, held_out: np.ndarray
) -> FactorModel:
    """Train on the ratings that are not held out, by the method that the settings name.

    Raises BadSettings where there are as many factors as films or users, DegenerateResult on a loss or a
    weight that is not a number, or ratings that are all the same.
    """
    if held_out.all() or not held_out.any():
        raise BadSettings(
            f"{held_out.sum()} of {len(held_out)} ratings are kept out, and some are needed on either side; "
            "add ratings or choose another share"
        )
    parts = trainable(ratings, settings, held_out)
    by_means = predicted_by_means(parts)
    means = _rmse(parts, by_means)
    report_with_baseline = against(report, {MEANS: means**2})
    (fitted,) = fit_all([parts], settings, [seed], report_with_baseline)

    films = _table(fitted.films, fitted.film_bias)
    films["ratings"] = np.bincount(ratings.table.film, minlength=len(ratings.films))[parts.films]
    films.insert(0, "film_id", ratings.films.film_id.to_numpy()[parts.films])
    films.insert(1, "title", ratings.films.title.to_numpy()[parts.films])
    users = _table(fitted.users, fitted.user_bias)
    users.insert(0, "user_id", ratings.user_ids[parts.users])
    return FactorModel(
        films,
        users,
        fitted.link,
        fitted.covariance,
        _rmse(parts, fitted.predicted),
        means,
        gain_interval(parts, fitted.predicted, by_means),
        fitted.losses,
        fitted.settings or settings,
    )


def trainable(ratings: Ratings, settings: FactorModelSettings, held_out: np.ndarray) -> Split:
    """Return the ratings as a method takes them. Raises where a model of these settings would say nothing."""
    factors = settings.factors
    if factors is None:
        raise BadSettings("the number of factors is not said; choose one")
    parts = split(ratings, held_out)
    for side, count in zip(("users", "films"), parts.counts, strict=True):
        if factors >= count:
            raise BadSettings(
                f"{factors} factors for {count} {side} in {ratings.name}; choose fewer factors than {side}"
            )
    if np.ptp(parts.rating) == 0:
        raise DegenerateResult(f"all ratings of {ratings.name} that are trained on are {parts.rating[0]:g}")
    return parts


def fit_all(
    splits: Sequence[Split], settings: FactorModelSettings, seeds: Sequence[int], report: Report
) -> list[Fit]:
    """Fit a model to each split, together where the method can; settings name the number of factors."""
    method, factors = _method(settings), settings.factors or 0
    if fits_together(settings):
        fits: list[Fit] = method.fit_together(splits, factors, settings, seeds, report)
    else:
        fit: FitMethod = method.fit
        shares = [part(report, i / len(splits), (i + 1) / len(splits)) for i in range(len(splits))]
        each = zip(splits, seeds, shares, strict=True)
        fits = [fit(one, factors, settings, seed, share) for one, seed, share in each]
    for fitted in fits:
        if not np.isfinite(fitted.films).all() or (fitted.films.std(axis=0) == 0).any():
            raise DegenerateResult("a factor came out constant or not a number; choose a lower learning rate")
    return fits


def fits_together(settings: FactorModelSettings) -> bool:
    """Return whether the method fits several models in less time than one by one."""
    return hasattr(_method(settings), "fit_together")


def settle(split: Split, settings: FactorModelSettings, seed: int, report: Report) -> FactorModelSettings:
    """Return settings by which others of these ratings are trained on as long as these need."""
    method, factors = _method(settings), settings.factors or 0
    if not hasattr(method, "settle"):
        return settings
    settled: FactorModelSettings = method.settle(split, factors, settings, seed, report)
    return settled


def _method(settings: FactorModelSettings) -> ModuleType:
    # Imported here, since fastai and torch take seconds.
    return import_module(METHODS[settings.method])


def predict(model: FactorModel, ratings: Ratings, rows: np.ndarray) -> np.ndarray:
    """Predict some of the ratings (a mask) from the tables; users and films without a row are average."""
    table = ratings.table[rows]
    films = _indexed(model.films, "film_id", ratings.films.film_id.to_numpy()[table.film])
    users = _indexed(model.users, "user_id", ratings.user_ids[table.user])
    return model.link((films[:, :-1] * users[:, :-1]).sum(1) + films[:, -1] + users[:, -1], ratings.scale)


def _indexed(table: pd.DataFrame, key: str, ids: np.ndarray) -> np.ndarray:
    """Return weights and bias of these ids, a row each; the mean for an id that the table lacks."""
    numbers = table.set_index(key).filter(regex="^(weight_|bias)")
    place = numbers.index.get_indexer(pd.Index(ids))
    values = np.vstack([numbers.to_numpy(np.float64), numbers.to_numpy(np.float64).mean(0)])
    chosen: np.ndarray = values[place]
    return chosen


def _table(weights: np.ndarray, bias: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(weights, columns=[f"weight_{k}" for k in range(weights.shape[1])])
    return table.assign(bias=bias)


def predicted_by_means(parts: Split) -> np.ndarray:
    """Return the held-out ratings as film mean + the user's mean deviation from the film means."""
    overall = parts.rating.mean(dtype=np.float64)
    users, films = parts.counts
    film_mean = np.append(_means(parts.film, parts.rating, films), overall)
    deviation = np.append(_means(parts.user, parts.rating - film_mean[parts.film], users), 0.0)
    predicted: np.ndarray = film_mean[parts.held_out_film] + deviation[parts.held_out_user]
    return predicted


def gain_interval(parts: Split, predicted: np.ndarray, by_means: np.ndarray) -> tuple[float, float] | None:
    """Return the 95% interval of how far the RMSE of a prediction is below that of the means.

    The differences of the squared errors are summed by user, since those of one user go together (delta method,
    Student's t). None where a single user has ratings kept out.
    """
    from scipy.stats import (
        t as student,
    )  # not at the top: scipy takes a second, and most importers only predict

    users = np.unique(parts.held_out_user, return_inverse=True)[1]
    count = int(users.max()) + 1
    if count < 2:
        return None
    gains = np.square(by_means - parts.held_out_rating) - np.square(predicted - parts.held_out_rating)
    by_user = np.bincount(users, gains - gains.mean())
    error = np.sqrt(np.square(by_user).sum() * count / (count - 1)) / len(gains)
    # A difference of squares, over the sum, is the difference.
    both = _rmse(parts, by_means) + _rmse(parts, predicted)
    half = student.ppf(0.975, count - 1) * error
    return float((gains.mean() - half) / both), float((gains.mean() + half) / both)


def _rmse(parts: Split, predicted: np.ndarray) -> float:
    return float(np.sqrt(np.square(predicted - parts.held_out_rating).mean()))


def _means(codes: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return the mean value of each code."""
    means: np.ndarray = np.bincount(codes, values, size) / np.bincount(codes, minlength=size)
    return means
