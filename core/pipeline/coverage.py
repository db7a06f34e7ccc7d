"""The coverage of a source -> which films were read in a run, and why others with reviews were passed over."""

import numpy as np
import pandas as pd

from core.data.reviews.coverage import NO_REVIEW, NOT_MATCHED, PASSED, READ
from core.factors.top_factors import without_factors
from core.settings import SelectionSettings


def run_coverage(
    known: pd.DataFrame,
    films: pd.DataFrame,
    tops: pd.DataFrame,
    chosen: pd.DataFrame,
    selection: SelectionSettings,
) -> pd.DataFrame:
    """Return the coverage of a source with each film's `state` in a run, and why a film with reviews was passed over.

    `films` are those with weights, `chosen` those that the run looked at.
    """
    film = known["film_id"]
    read = film.isin(chosen["film_id"]) & (known["reviews"] > 0)
    state = np.select(
        [read, known["reviews"] > 0, known["how"] != ""], [READ, PASSED, NO_REVIEW], NOT_MATCHED
    )
    rated = films[films["ratings"] >= selection.least_ratings]
    kept = without_factors(rated, tops, selection.exclude_factors)
    why = np.select(
        [
            ~film.isin(films["film_id"]),
            np.full(len(known), bool(selection.only)),
            ~film.isin(rated["film_id"]),
            ~film.isin(kept["film_id"]),
        ],
        [
            "all its ratings were kept out of training, so it has no weights",
            "not among the films that were chosen",
            f"fewer than {selection.least_ratings} ratings",
            "an excluded factor is among its top factors",
        ],
        "further down the ranking than the run had to go",
    )
    return known.assign(state=state, reason=np.where(state == PASSED, why, known["reason"]))
