"""The coverage of a source -> the films read in a run, and why others with reviews were passed over."""

import numpy as np
import pandas as pd

from core.data.reviews.coverage import NO_REVIEW, NOT_MATCHED, PASSED, READ
from core.factors.top_factors import without_factors
from core.settings import SelectionSettings


def run_coverage(
    coverage: pd.DataFrame,
    films: pd.DataFrame,
    tops: pd.DataFrame,
    chosen: pd.DataFrame,
    selection: SelectionSettings,
) -> pd.DataFrame:
    """Return the coverage of a source with each film's `state` in a run, and the `reason` of those not read.

    `films` are those with weights, `chosen` those that the run considered.
    """
    film = coverage["film_id"]
    read = film.isin(chosen["film_id"]) & (coverage["reviews"] > 0)
    state = np.select(
        [read, coverage["reviews"] > 0, coverage["how"] != ""], [READ, PASSED, NO_REVIEW], NOT_MATCHED
    )
    rated = films[films["ratings"] >= selection.least_ratings]
    eligible = without_factors(rated, tops, selection.exclude_factors)
    why = np.select(
        [
            ~film.isin(films["film_id"]),
            np.full(len(coverage), bool(selection.only)),
            ~film.isin(rated["film_id"]),
            ~film.isin(eligible["film_id"]),
        ],
        [
            "all its ratings were kept out of training, so it has no weights",
            "not one of the films chosen",
            f"fewer than {selection.least_ratings} ratings",
            "one of its top factors is excluded",
        ],
        "the run had enough films before it",
    )
    return coverage.assign(state=state, reason=np.where(state == PASSED, why, coverage["reason"]))
