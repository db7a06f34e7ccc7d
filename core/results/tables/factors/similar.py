"""Factors that rank the films alike: of the same run, and of other runs."""

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised, weights_of
from core.results.matched_factors import matched_factors


def alike(films: pd.DataFrame, factor: int, many: int = 3) -> pd.DataFrame:
    """Return the other factors by descending |correlation| of their weights: factor, correlation."""
    weights = standardised(weights_of(films))
    # A constant factor correlates with nothing.
    related = weights.T @ weights[:, factor] / len(weights)
    order = [int(k) for k in np.argsort(-np.abs(related), kind="stable") if k != factor][:many]
    return pd.DataFrame({"factor": order, "correlation": related[order]})


def alike_elsewhere(
    films: pd.DataFrame, factor: int, other_films: pd.DataFrame
) -> tuple[int, float, int] | None:
    """Return the factor of another run that ranks the common films most alike, the correlation, and their number.

    None where there are too few common films; see `matched_factors`.

    >>> films = pd.DataFrame({"title": list("ABCDEFGHIJKLMNOPQRST"), "weight_0": range(20)})
    >>> other = films.assign(weight_1=-films.weight_0, weight_0=[0, 1] * 10)
    >>> alike_elsewhere(films, 0, other)
    (1, -1.0, 20)
    """
    matches = matched_factors(films[["title", f"weight_{factor}"]], other_films)
    if matches.empty:
        return None
    best = matches.iloc[0]
    return int(best.match), round(float(best.correlation), 6), int(best.common)
