"""Weights + truth -> which factor is which theme."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised, weights_of


@dataclass(frozen=True)
class Match:
    """Which factor is which theme."""

    correlation: pd.DataFrame
    """Of the films' weights with the planted truth: a row a factor, a column a theme."""
    theme_of: Mapping[int, str]
    """Factor -> its theme; each theme has one factor at most, and each factor one theme."""


def match(films: pd.DataFrame, ground_truth: pd.DataFrame) -> Match:
    """Match themes to the factors whose weights follow them, so that the sum of the correlations is largest.

    `films` has film_id and weight_0 …; `truth` is a `ground_truth_table`.

    >>> films = pd.DataFrame({"film_id": [1, 2, 3], "weight_0": [0.1, 0.2, 2.0], "weight_1": [1.5, 0.0, 0.1]})
    >>> truth = pd.DataFrame({"film_id": [1, 2, 3], "title": "", "war": [1, 0, 0], "music": [0, 0, 1]})
    >>> match(films, truth).theme_of
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
