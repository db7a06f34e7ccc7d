"""Truth + probabilities -> whether what is given a probability of 30 % is true in 30 of 100 cases."""

from typing import Any

import numpy as np
import pandas as pd

from core.classification.evaluation.measures import drawn, interval

BINS = 10
"""Groups of probabilities, by size."""


def reliability(
    truth: np.ndarray, probabilities: np.ndarray, films: np.ndarray, seed: int, bins: int = BINS
) -> pd.DataFrame:
    """Compare what was predicted to what is true, in groups of about as many pairs of review and label each.

    Gives low, high (least and greatest probability of the group), predicted (mean probability), observed (share
    of the pairs that are true), observed_low, observed_high (its 95 % interval, by drawing films), pairs.
    """
    names, film = np.unique(films, return_inverse=True)
    pairs = pd.DataFrame(
        {
            "probability": probabilities.ravel().astype(np.float64),
            "true": truth.ravel(),
            "film": np.repeat(film, truth.shape[1]),
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
    draws = drawn(len(names), seed)
    for number, group in pairs.groupby("bin"):
        true = np.bincount(group.film, group.true, minlength=len(names))
        count = np.bincount(group.film, minlength=len(names))
        with np.errstate(invalid="ignore"):
            shares = draws @ true / (draws @ count)
        table.loc[number, ["observed_low", "observed_high"]] = interval(shares)
    return table.reset_index(drop=True)


def calibration_error(table: pd.DataFrame) -> float:
    """Return the expected calibration error of a table of `reliability`, as a probability (0.01: one point of 100).

    The mean distance between predicted and observed share, each pair of review and label counting once (Naeini
    et al. 2015).

    >>> calibration_error(pd.DataFrame({"predicted": [0.1, 0.6], "observed": [0.2, 0.6], "pairs": [1, 1]}))
    0.05
    """
    return float(np.average((table.predicted - table.observed).abs(), weights=table.pairs))


def reliability_part(
    truth: np.ndarray, before: np.ndarray, after: np.ndarray, films: np.ndarray, seed: int
) -> dict[str, Any]:
    """Return for probabilities before and after calibration, `reliability` (rows) and `calibration_error`."""
    tables = {
        "before": reliability(truth, before, films, seed),
        "after": reliability(truth, after, films, seed),
    }
    return {
        "reliability": {name: table.to_dict("records") for name, table in tables.items()},
        "calibration_error": {name: calibration_error(table) for name, table in tables.items()},
    }
