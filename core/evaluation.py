"""How well the classifier reads factors from reviews held out, beside what label frequencies alone reach.

Takes arrays; gives plain numbers. No model is asked here.
"""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score, roc_auc_score

FEWEST_UNITS = 5
"""With fewer held-out films (or reviews) an interval drawn from them says nothing, and none is given."""
DRAWS = 500
"""Resamplings of the held-out films (or reviews) behind an interval."""


def evaluate(
    truth: np.ndarray,
    probabilities: np.ndarray,
    trained: np.ndarray,
    units: np.ndarray,
    names: list[int],
    seed: int,
) -> dict[str, Any]:
    """Grade the held-out reviews.

    `truth` and `probabilities` have a row a held-out review and a column a label; `trained` is the truth
    of the reviews trained on, whose column means are the baseline's only knowledge; `units` says which
    film (or review) a row belongs to: these are resampled for the intervals.

    Gives lrap (label ranking average precision: how near the top the true labels are ranked, 1 is best),
    lrap_baseline, lrap_interval (95 %), lrap_gain and its interval (None for fewer than
    FEWEST_UNITS units), and per label: factor, support
    (held-out reviews that carry it), base_rate (share of the reviews trained on that carry it),
    average_precision, its chance level, auc (None where a label has no, or only, true reviews).
    """
    baseline = np.tile(trained.mean(axis=0), (len(truth), 1))
    own, base = _row_lrap(truth, probabilities), _row_lrap(truth, baseline)
    intervals = _intervals(np.stack([own, own - base], axis=1), units, seed)
    per_label = []
    for column, name in enumerate(names):
        true, guess = truth[:, column], probabilities[:, column]
        known = bool(0 < true.sum() < len(true))
        per_label.append(
            {
                "factor": name,
                "support": int(true.sum()),
                "base_rate": float(trained[:, column].mean()),
                "average_precision": float(average_precision_score(true, guess)) if known else None,
                "chance": float(true.mean()) if known else None,
                "auc": float(roc_auc_score(true, guess)) if known else None,
            }
        )
    return {
        "lrap": float(own.mean()),
        "lrap_interval": intervals[0],
        "lrap_baseline": float(base.mean()),
        "lrap_gain": float((own - base).mean()),
        "lrap_gain_interval": intervals[1],
        "per_label": per_label,
    }


def _row_lrap(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Give the label ranking average precision of each review by itself."""
    return np.array(
        [label_ranking_average_precision_score(t[None], s[None]) for t, s in zip(truth, scores, strict=True)]
    )


def _intervals(values: np.ndarray, units: np.ndarray, seed: int) -> list[list[float]] | list[None]:
    """Give the 95 % interval of the mean of each column, by drawing whole units with replacement."""
    if len(np.unique(units)) < FEWEST_UNITS:
        return [None] * values.shape[1]
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(units == unit) for unit in np.unique(units)]
    means = []
    for _ in range(DRAWS):
        rows = np.concatenate([groups[i] for i in rng.integers(len(groups), size=len(groups))])
        means.append(values[rows].mean(axis=0))
    intervals: list[list[float]] = np.quantile(means, [0.025, 0.975], axis=0).T.tolist()
    return intervals
