"""Resampled models -> which factors repeat when the model is trained on other users, or from another seed.

The costly part, training, is in `resample`. This module computes from the models how many factors repeat
(`choose`) and how stable each factor of a model is (`stability`).
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import t as student

from core.data.ratings.dataset import Ratings
from core.factors.models.factor_model import FactorModel
from core.factors.stability.resamples import Resamples, Side
from core.factors.top_factors import weights_of
from core.settings import Form, StabilitySettings


def choose(resamples: Resamples, settings: StabilitySettings) -> dict[str, Any]:
    """Choose the number of factors, and their form, by what repeats between halves of the users.

    The directions compared are those in which the halves covary most (singular vectors of the covariance
    between their loadings). Their number is that of the leading ones that covary more than any on permuted
    ratings and correlate at least as a stable factor does. The form is the one whose factors agree better.

    Returns `factors` (0 where nothing repeats), `form`, `tried` (factors trained), `shared` (root of each
    direction's covariance, mean over the halvings, in the unit of the model's sum), `null_shared` (its
    largest value on permuted ratings), `correlations`, `agreement` (form -> mean correlation of its factors).
    """
    directions = [_shared_directions(pair, resamples.compared) for pair in resamples.halves]
    null = max(float(_shared_directions(pair, resamples.compared)[0][0]) for pair in resamples.null_halves)
    shared, correlations = np.mean(directions, axis=0)
    repeats = (shared > null) & (correlations >= settings.stable_from)
    factors = int(np.cumprod(repeats).sum())
    forms: tuple[Form, ...] = ("principal", "varimax")
    agreement = {form: _form_agreement(resamples, form, factors) for form in forms} if factors else {}
    return {
        "factors": factors,
        "form": max(agreement, key=lambda form: agreement[form], default="principal"),
        "tried": len(shared),
        "shared": shared.tolist(),
        "null_shared": null,
        "correlations": correlations.tolist(),
        "agreement": agreement,
    }


def stability(
    model: FactorModel, ratings: Ratings, resamples: Resamples, form: Form, settings: StabilitySettings
) -> dict[str, Any]:
    """Return the stability of each factor of `model`, which is in `form`, as plain data.

    - `factors`, an entry a factor: `factor`, `stability` (mean absolute correlation over films between two
      halves of the users), `interval` (95%, over random halvings), `seeds`, `seeds_interval` (the same
      between two seeds on all these users), `verdict`: "stable" where the interval lies above `null.high` and
      the mean is at least `settings.stable_from`, "weak" where only the former holds, else "noise";
    - `null`: the same correlation on permuted ratings: `mean`, and `high`, its 95th percentile;
    - `subspace`: cosines of the principal angles between the halves' spaces of factors, `halves` and `null`;
    - `repeats`, `seeds`, `users` (in the sample), `of_users` (in the ratings), `films` (compared), `least_ratings`,
      `stable_from`.
    """

    def in_form(side: Side) -> np.ndarray:
        return side.weights(form, None, resamples.compared)

    def pairs(halves: list[tuple[Side, Side]], whole: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(_ordered(whole, in_form(one)), _ordered(whole, in_form(two))) for one, two in halves]

    films = weights_of(model.films)
    whole = Side(_spread(films, model, ratings), np.eye(films.shape[1])).weights(
        "raw", None, resamples.compared
    )
    halves = pairs(resamples.halves, whole)
    null_halves = pairs(resamples.null_halves, in_form(resamples.null_whole))
    between = np.array([_correlations(*pair) for pair in halves])
    null = np.array([_correlations(*pair) for pair in null_halves])
    from_seeds = pairs([(resamples.whole, side) for side in resamples.seeds], whole)
    seeds = np.array([_correlations(*pair) for pair in from_seeds])
    high = float(np.quantile(null, 0.95))
    rows = []
    for k in range(films.shape[1]):
        mean, interval = _mean_interval(between[:, k])
        seeds_mean, seeds_interval = _mean_interval(seeds[:, k])
        verdict = "noise" if interval[0] <= high else "stable" if mean >= settings.stable_from else "weak"
        rows.append(
            {
                "factor": k,
                "stability": mean,
                "interval": interval,
                "seeds": seeds_mean,
                "seeds_interval": seeds_interval,
                "verdict": verdict,
            }
        )
    return {
        "factors": rows,
        "null": {"mean": float(null.mean()), "high": high},
        "subspace": {
            "halves": np.mean([_cosines(*pair) for pair in halves], axis=0).tolist(),
            "null": np.mean([_cosines(*pair) for pair in null_halves], axis=0).tolist(),
        },
        "repeats": settings.repeats,
        "seeds": settings.seeds,
        "users": resamples.users,
        "of_users": len(ratings.user_ids),
        "films": int(resamples.compared.sum()),
        "least_ratings": 2 * settings.least_ratings,
        "stable_from": settings.stable_from,
    }


def _shared_directions(pair: tuple[Side, Side], compared: np.ndarray) -> np.ndarray:
    """Return the roots of the covariances of two halves, descending, and the correlations: 2 x directions.

    The directions are those in which the halves covary most.
    """
    one, two = (side.loadings(compared) for side in pair)
    left, size, right = np.linalg.svd(one.T @ two / len(one))
    spread = np.sqrt(np.square(one @ left).mean(0) * np.square(two @ right.T).mean(0))
    return np.array([np.sqrt(size), size / np.where(spread > 0, spread, 1.0)])


def _form_agreement(resamples: Resamples, form: Form, keep: int) -> float:
    """Return the mean correlation, between the halves, of a form's factors, matched one to one."""
    pairs = [[side.weights(form, keep, resamples.compared) for side in pair] for pair in resamples.halves]
    return float(np.mean([_correlations(one, _ordered(one, two)) for one, two in pairs]))


def _ordered(whole: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return `other` with its factors in the order of `whole`, matched by |correlation| (Kuhn 1955)."""
    return other[:, linear_sum_assignment(-np.abs(whole.T @ other))[1]]


def _correlations(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the absolute correlation of each factor, both sides standardised."""
    correlations: np.ndarray = np.abs((one * two).mean(0))
    return correlations


def _cosines(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the cosines of the principal angles between two spaces of factors, descending."""
    cosines: np.ndarray = np.linalg.svd(np.linalg.qr(one)[0].T @ np.linalg.qr(two)[0], compute_uv=False)
    return cosines.clip(max=1.0)


def _mean_interval(values: np.ndarray) -> tuple[float, list[float]]:
    """Return the mean and its 95% interval by Student's t, clipped to 0 to 1."""
    mean = float(values.mean())
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, [max(0.0, mean - half), min(1.0, mean + half)]


def _spread(films: np.ndarray, model: FactorModel, ratings: Ratings) -> np.ndarray:
    """Return the rows of a model's films in the order of the ratings' films, NaN where the model has none."""
    table = pd.DataFrame(films, index=model.films.film_id)
    rows: np.ndarray = table.reindex(ratings.films.film_id).to_numpy()
    return rows
