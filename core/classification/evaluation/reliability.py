"""Labels + probabilities -> whether what is predicted with a probability of 30% comes true in 30 of 100 cases."""

from typing import Any

import numpy as np
import pandas as pd

from core.classification.evaluation.measures import bootstrap_samples, interval

BINS = 10
"""Groups of probabilities, by size."""


def reliability(
    y_true: np.ndarray, probabilities: np.ndarray, films: np.ndarray, seed: int, bins: int = BINS
) -> pd.DataFrame:
    """Compare predicted to observed frequencies, in bins of about equally many pairs of review and label.

    Returns a row a bin: low, high (least and greatest probability), predicted (mean probability), observed (share of
    the pairs that are true), observed_low, observed_high (its 95% interval, by bootstrap samples of films), pairs.
    """
    ids, film = np.unique(films, return_inverse=True)
    pairs = pd.DataFrame(
        {
            "probability": probabilities.ravel().astype(np.float64),
            "true": y_true.ravel(),
            "film": np.repeat(film, y_true.shape[1]),
        }
    )
    starts = np.unique(pairs.probability.quantile(np.arange(bins) / bins, interpolation="higher"))
    pairs["bin"] = np.searchsorted(starts, pairs.probability, side="right")
    table = pairs.groupby("bin").agg(
        low=("probability", "min"),
        high=("probability", "max"),
        predicted=("probability", "mean"),
        observed=("true", "mean"),
        pairs=("true", "size"),
    )
    samples = bootstrap_samples(len(ids), seed)
    for number, group in pairs.groupby("bin"):
        true = np.bincount(group.film, group.true, minlength=len(ids))
        count = np.bincount(group.film, minlength=len(ids))
        with np.errstate(invalid="ignore"):
            shares = samples @ true / (samples @ count)
        table.loc[number, ["observed_low", "observed_high"]] = interval(shares)
    return table.reset_index(drop=True)


def calibration_error(table: pd.DataFrame) -> float:
    """Return the expected calibration error of a table of `reliability`, as a probability (0.01: one point of 100).

    The mean distance between predicted and observed frequency, each pair of review and label counting once (Naeini
    et al. 2015).

    >>> calibration_error(pd.DataFrame({"predicted": [0.1, 0.6], "observed": [0.2, 0.6], "pairs": [1, 1]}))
    0.05
    """
    return float(np.average((table.predicted - table.observed).abs(), weights=table.pairs))


def reliability_part(
    y_true: np.ndarray, before: np.ndarray, after: np.ndarray, films: np.ndarray, seed: int
) -> dict[str, Any]:
    """Return `reliability` (rows) and `calibration_error` of the probabilities before and after calibration."""
    tables = {
        "before": reliability(y_true, before, films, seed),
        "after": reliability(y_true, after, films, seed),
    }
    return {
        "reliability": {name: table.to_dict("records") for name, table in tables.items()},
        "calibration_error": {name: calibration_error(table) for name, table in tables.items()},
    }
