"""Scores beside the best that were possible: ratings, factors between halves of the users, reviews."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.data.ratings.synthetic import NOISE
from core.results.ground_truth.match import Match
from core.results.run_record import ClassifierRecord, Stability

STEP = 0.5
"""Stars between two ratings of the synthetic world."""


def noise_floor() -> float:
    """Return the RMSE (stars) of predictions from the ground truth: the error by noise and rounding.

    Rounding to steps of s adds a variance of s² / 12, that of uniform remainders.
    """
    return float(np.hypot(NOISE, STEP / np.sqrt(12)))


def share_of_gap(model: float, means: float, floor: float) -> float:
    """Return the share of the gap between the means' error and the floor that a model closes.

    >>> round(share_of_gap(0.5, 0.7, 0.3), 6)
    0.5
    """
    return (means - model) / (means - floor)


def repeats(stability: Stability, names: Sequence[str]) -> pd.DataFrame:
    """Return the stability of each factor: name, value, low, high, own (always true)."""
    rows = [(row.stability, *row.interval) for row in stability.factors]
    table = pd.DataFrame(rows, columns=["value", "low", "high"])
    table.insert(0, "name", list(names))
    return table.assign(own=True)


def grades(classifier: ClassifierRecord) -> pd.DataFrame:
    """Return the LRAP of a run's classifier and of the baselines that it has.

    Columns: name, value, low, high, own (the classifier's).
    """
    low, high = classifier.lrap_interval or (np.nan, np.nan)
    rows = [("the classifier", classifier.lrap, low, high, True)]
    for key, name in (("tfidf", "TF-IDF, logistic regression"), ("shuffled", "trained on shuffled labels")):
        if baseline := classifier.baselines.get(key):
            rows.append((name, baseline.lrap, np.nan, np.nan, False))
    rows.append(("label frequencies (baseline)", classifier.lrap_baseline, np.nan, np.nan, False))
    return pd.DataFrame(rows, columns=["name", "value", "low", "high", "own"])


def readings(
    predictions: pd.DataFrame, labelled: pd.DataFrame, ground_truth: pd.DataFrame, matching: Match
) -> pd.DataFrame:
    """Return the AUC of held-out reviews by theme: theme, factor, films (that carry it), reviews, auc.

    `predictions` has film_id, review_id, factor and probability, `labelled` review_id and held_out. The AUC
    is how often a review of a film with the theme gets a higher probability than one of a film without it.
    """
    unseen = predictions[predictions.review_id.isin(labelled.review_id[labelled.held_out])]
    carried = ground_truth.set_index("film_id")
    rows = []
    for factor, theme in matching.theme_of.items():
        read = unseen[unseen.factor == factor]
        if len(read):
            true = carried[theme].loc[read.film_id].to_numpy(dtype=bool)
            films = read.film_id[true].nunique()
            rows.append((theme, factor, films, len(read), auc(read.probability.to_numpy(), true)))
    return pd.DataFrame(rows, columns=["theme", "factor", "films", "reviews", "auc"])


def auc(scores: np.ndarray, y_true: np.ndarray) -> float:
    """Return how often a positive scores higher than a negative, ties counted half; NaN without both.

    >>> auc(np.array([0.9, 0.2, 0.8, 0.2]), np.array([True, True, False, False]))
    0.625
    """
    # Imported here, since scikit-learn is slow to import, and pages import this module.
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y_true, scores)) if y_true.any() and not y_true.all() else float("nan")
