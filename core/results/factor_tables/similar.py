"""Factors that rank the films alike: of the same run, and of other runs."""

import numpy as np
import pandas as pd

from core.factors.top_factors import standardised, weights_of
from core.results.factor_names import FEWEST_FILMS


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

    Films are the same where titles are, since ids differ between data sets; a title that a run has twice counts once.
    None where there are fewer than FEWEST_FILMS common films.

    >>> films = pd.DataFrame({"title": list("ABCDEFGHIJKLMNOPQRST"), "weight_0": range(20)})
    >>> other = films.assign(weight_1=-films.weight_0, weight_0=[0, 1] * 10)
    >>> alike_elsewhere(films, 0, other)
    (1, -1.0, 20)
    """
    here, there = (table.drop_duplicates("title").set_index("title") for table in (films, other_films))
    common = here.index.intersection(there.index)
    if len(common) < FEWEST_FILMS:
        return None
    mine = standardised(here.loc[common, [f"weight_{factor}"]].to_numpy(dtype=np.float64))
    related = (mine.T @ standardised(weights_of(there.loc[common])) / len(common))[0]
    best = int(np.abs(related).argmax())
    return best, round(float(related[best]), 6), len(common)
