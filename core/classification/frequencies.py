"""Probabilities -> what is predicted, counts per film and factor, and the factor that dominates.

Takes the classifier's probabilities, returns small tables (article, steps 12 and 13).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def prediction_table(
    labelled: pd.DataFrame, names: list[int], probabilities: np.ndarray, thresholds: Sequence[float]
) -> pd.DataFrame:
    """Return film_id, title, review_id, factor, probability, predicted: a row for each review and label.

    `thresholds` has, for each label, the probability from which it counts as predicted.
    """
    count = len(names)
    table = pd.DataFrame({c: labelled[c].repeat(count).to_numpy() for c in ("film_id", "title", "review_id")})
    table["factor"] = np.tile(np.asarray(names), len(labelled))
    table["probability"] = probabilities.ravel()
    table["predicted"] = (probabilities >= np.asarray(thresholds)).ravel()
    return table


def frequencies(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return how many of a film's reviews are predicted to carry each factor, zeros included.

    Columns: film_id, title, factor, count, reviews (how many the film has). Films stay in their order.
    """
    by_film = predictions.groupby(["film_id", "title", "factor"], sort=False).predicted
    counts = by_film.agg(count="sum", reviews="size").reset_index()
    return counts.astype({"count": "int64", "reviews": "int64"})


def dominating_factor(counts: pd.DataFrame) -> int | None:
    """Return the factor predicted most often over all films, the lowest of several; None without predictions."""
    totals = counts.groupby("factor")["count"].sum().sort_index()
    return int(totals.idxmax()) if totals.max() > 0 else None


def without_factor(counts: pd.DataFrame, factor: int | None) -> pd.DataFrame:
    """Return the counts of all other factors."""
    return counts[counts.factor != factor].reset_index(drop=True)
