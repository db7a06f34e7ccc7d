"""The factors of one run -> for each the factor of another run that ranks the films most alike.

Takes tables of weights, returns small tables. Films are the same where titles are, since ids differ between data
sets; a title that a run has twice counts once.
"""

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised, weights_of
from core.results.factor_names import FEWEST_FILMS

SHUFFLES = 100
"""Times that the films are shuffled to see what two runs without anything in common reach."""
BOUND = 0.95
"""Quantile, over shuffles, of the best correlation of any two factors, which a match has to exceed."""
SEED = 0


def same_model(films: pd.DataFrame, other_films: pd.DataFrame) -> bool:
    """Return whether two tables hold the same weights of the same films, so that one factor model gave both."""
    here, there = (
        table.drop_duplicates("title").set_index("title").filter(regex=r"^weight_\d+$").sort_index()
        for table in (films, other_films)
    )
    return here.shape == there.shape and here.index.equals(there.index) and np.array_equal(here, there)


def matched_factors(films: pd.DataFrame, other_films: pd.DataFrame) -> pd.DataFrame:
    """Return a row a factor of `films`: factor, match, correlation, luck, common.

    `match` is the factor of the other run with the highest absolute correlation of weights over the common films;
    `luck` is what the best of all pairs of unrelated factors reaches, so that many factors do not make for matches.
    `common` is the number of films. The table is empty where fewer than FEWEST_FILMS films are common.
    """
    here, there = (table.drop_duplicates("title").set_index("title") for table in (films, other_films))
    common = here.index.intersection(there.index)
    if len(common) < FEWEST_FILMS:
        return pd.DataFrame({"factor": [], "match": [], "correlation": [], "luck": [], "common": []})
    one, other = (standardised(weights_of(table.loc[common])) for table in (here, there))
    related = one.T @ other / len(common)
    match = np.abs(related).argmax(axis=1)
    rng = np.random.default_rng(SEED)
    best_by_luck = [
        np.abs(one[rng.permutation(len(common))].T @ other / len(common)).max() for _ in range(SHUFFLES)
    ]
    return pd.DataFrame(
        {
            "factor": np.arange(len(match)),
            "match": match,
            "correlation": related[np.arange(len(match)), match],
            "luck": float(np.quantile(best_by_luck, BOUND, method="higher")),
            "common": len(common),
        }
    )
