"""Weights + ground truth -> which factor is which theme."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised, weights_of


@dataclass(frozen=True)
class Match:
    """The assignment of factors to themes."""

    correlation: pd.DataFrame
    """Of the films' weights with the ground truth: factors x themes."""
    theme_of: Mapping[int, str]
    """Factor -> its theme, one to one; factors left over are missing."""


def match(films: pd.DataFrame, ground_truth: pd.DataFrame) -> Match:
    """Match themes to factors one to one so that the sum of their correlations is largest.

    `films` has film_id and weight_0 …; `ground_truth` is as `ground_truth_table` returns it.

    >>> films = pd.DataFrame({"film_id": [1, 2, 3], "weight_0": [0.1, 0.2, 2.0], "weight_1": [1.5, 0.0, 0.1]})
    >>> ground_truth = pd.DataFrame({"film_id": [1, 2, 3], "title": "", "war": [1, 0, 0], "music": [0, 0, 1]})
    >>> match(films, ground_truth).theme_of
    {0: 'music', 1: 'war'}
    """
    # Imported here, since pages that need no matching should not wait for it.
    from scipy.optimize import linear_sum_assignment

    carried = ground_truth.set_index("film_id").loc[films.film_id].drop(columns="title")
    weights = standardised(weights_of(films))
    correlation = weights.T @ standardised(carried.to_numpy(dtype=np.float64)) / len(films)
    pairs = zip(*linear_sum_assignment(-correlation), strict=True)
    return Match(
        pd.DataFrame(correlation, columns=carried.columns),
        {int(factor): carried.columns[theme] for factor, theme in pairs},
    )
