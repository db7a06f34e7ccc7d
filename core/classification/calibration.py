"""Logits of reviews whose films were held out -> calibrated probabilities, and thresholds.

Takes arrays (reviews x labels), returns plain numbers a label. How reliable the probabilities are is measured in
`evaluation`.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit

from core.settings import ClassifierSettings

FEWEST_FILMS = 5
"""Least films that carry a label, and least that do not, for a label to be calibrated or graded by itself."""
NEAREST = 1e-7
"""Least distance of a probability from 0 and 1; single precision resolves no less."""
FARTHEST = 40.0
"""Most that an intercept may exceed the largest logit by."""

Calibration = dict[str, list[float]]
"""`slope` and `intercept`, a number a label."""


class Scaled(NamedTuple):
    """What logits of reviews (reviews x labels) mean."""

    calibration: Calibration | None
    """None where the settings leave the probabilities as they come."""
    probabilities: np.ndarray
    thresholds: list[float]
    """Probability from which each label counts as predicted."""


def scaled(
    logits: np.ndarray,
    y_true: np.ndarray,
    films: np.ndarray,
    held_out: np.ndarray,
    settings: ClassifierSettings,
) -> Scaled:
    """Return calibrated probabilities and thresholds, both fitted on the reviews of `held_out` alone.

    Without calibration all labels have the threshold of the settings.
    """
    if not settings.calibrated:
        return Scaled(None, expit(logits), [settings.threshold] * logits.shape[1])
    calibration = fit_calibration(logits[held_out], y_true[held_out], films[held_out])
    probabilities = calibrated(logits, calibration)
    return Scaled(calibration, probabilities, thresholds(y_true[held_out], probabilities[held_out]))


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the logits of probabilities, clipped to NEAREST off 0 and 1.

    >>> log_odds(np.array([0.5, 1.0])).round(1).tolist()
    [0.0, 16.1]
    """
    odds: np.ndarray = logit(np.clip(probabilities.astype(np.float64), NEAREST, 1 - NEAREST))
    return odds


def fit_calibration(logits: np.ndarray, y_true: np.ndarray, films: np.ndarray) -> Calibration:
    """Return each label's slope and intercept, fitted on its logits (Platt 1999).

    The slope has a normal prior of mean 1 and standard deviation 1, against a likelihood in which all reviews of a
    film count as one, and is never negative: a classifier that errs is not trusted the other way round. A label that
    fewer than FEWEST_FILMS films carry, or lack, has the median slope of the others (1 without any), and an intercept
    with which its mean probability is its share of the reviews, half a film off 0 and 1.
    """
    logits = logits.astype(np.float64)
    count = len(np.unique(films))
    carrying = np.array([len(np.unique(films[of_label])) for of_label in y_true.T])
    enough = np.minimum(carrying, count - carrying) >= FEWEST_FILMS
    fitted = {
        label: _platt(logits[:, label], y_true[:, label], count) for label in np.flatnonzero(enough).tolist()
    }
    slope = float(np.median([of_label for of_label, _ in fitted.values()])) if fitted else 1.0
    for label in np.flatnonzero(~enough).tolist():
        share = (y_true[:, label].mean() * count + 0.5) / (count + 1)
        fitted[label] = slope, _intercept(slope * logits[:, label], share)
    slopes, intercepts = zip(*(fitted[label] for label in range(len(carrying))), strict=True)
    return {"slope": list(slopes), "intercept": list(intercepts)}


def calibrated(logits: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return the probabilities of logits (reviews x labels) by a calibration.

    >>> calibrated(np.array([[2.0, 0.0]]), {"slope": [0.5, 1.0], "intercept": [-1.0, 0.0]}).tolist()
    [[0.5, 0.5]]
    """
    probabilities: np.ndarray = expit(
        np.array(calibration["slope"]) * logits + np.array(calibration["intercept"])
    )
    return probabilities


def cross_calibrated(
    logits: np.ndarray, y_true: np.ndarray, films: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Return probabilities, each review's by a calibration fitted on the other folds, to evaluate the calibration.

    They are not for ranking reviews: where a label is more common in a fold it is less common in the others, whose
    calibration then predicts less of it, so the folds are shifted against their labels.
    """
    probabilities = np.empty(logits.shape)
    for fold in np.unique(folds):
        inside = folds == fold
        fitted = fit_calibration(logits[~inside], y_true[~inside], films[~inside])
        probabilities[inside] = calibrated(logits[inside], fitted)
    return probabilities


def thresholds(y_true: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """Return the probability from which each label counts as predicted: it is predicted as often as it is true.

    Choose them on probabilities of films held out, by the calibration that new texts get too.
    Then precision equals recall, and as many reviews are predicted to carry a label as do. F1 is not maximised: for a
    label that cannot be predicted its maximum is where all reviews are predicted to carry it (Lipton et al. 2014).
    Here such a label is predicted at random, as often as it occurs; where its probabilities are all the same (slope
    0), for none or for all, whichever is nearer.

    >>> thresholds(np.array([[True], [False], [False]]), np.array([[0.5], [0.3], [0.1]]))
    [0.4]
    """
    return [
        _threshold(int(labels.sum()), of_label)
        for labels, of_label in zip(y_true.T, probabilities.T, strict=True)
    ]


def _threshold(count: int, probabilities: np.ndarray) -> float:
    """Return the threshold that as nearly as possible `count` probabilities reach, halfway between two of them."""
    values = np.concatenate([[1.0], np.sort(probabilities)[::-1], [0.0]])
    # The counts that a threshold can have: where the next value is another.
    cuts = np.flatnonzero(values[:-1] > values[1:])
    cut = cuts[np.abs(cuts - count).argmin()]
    return float((values[cut] + values[cut + 1]) / 2)


def _platt(logits: np.ndarray, y_true: np.ndarray, films: int) -> tuple[float, float]:
    """Return the slope and intercept that minimise the penalised log loss of one label."""

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        slope, intercept = parameters
        z = slope * logits + intercept
        error = expit(z) - y_true
        value = films * (np.logaddexp(0, z) - y_true * z).mean() + (slope - 1) ** 2 / 2
        return value, np.array([films * (error * logits).mean() + slope - 1, films * error.mean()])

    start = [1.0, _intercept(logits, y_true.mean())]
    slope, intercept = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)]).x
    return float(slope), float(intercept)


def _intercept(logits: np.ndarray, share: float) -> float:
    """Return the intercept with which the mean probability is `share`."""
    end = float(np.abs(logits).max()) + FARTHEST
    return float(brentq(lambda intercept: expit(logits + intercept).mean() - share, -end, end))
