"""Logits of reviews whose films the classifier never saw -> probabilities that mean what they say, and thresholds.

Takes arrays (reviews x labels), gives plain numbers a label. How good the probabilities are is graded in
`evaluation`.
"""

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit

FEWEST_FILMS = 5
"""Least films that carry a label, and that do not, for anything to be said of it."""
NEAREST = 1e-7
"""How near to 0 or 1 a probability is taken for; single precision tells no more apart."""
FARTHEST = 40.0
"""No intercept is sought farther from the largest logit."""

Calibration = dict[str, list[float]]
"""`slope` and `intercept`, a number a label."""


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the logits of probabilities, 0 and 1 taken for NEAREST to them.

    >>> log_odds(np.array([0.5, 1.0])).round(1).tolist()
    [0.0, 16.1]
    """
    odds: np.ndarray = logit(np.clip(probabilities.astype(np.float64), NEAREST, 1 - NEAREST))
    return odds


def fit_calibration(logits: np.ndarray, truth: np.ndarray, films: np.ndarray) -> Calibration:
    """Fit each label's slope and intercept on its logits (Platt 1999).

    The slope is drawn to 1 as by one film's worth of doubt (a normal prior of standard deviation 1, against a
    likelihood in which all of a film's reviews count as one), and is never below 0: a reader that errs is not
    believed the other way round. A label that fewer than FEWEST_FILMS films carry, or lack, has the median slope
    of the others (1 without any), and its intercept makes the mean probability its share of the reviews, half a
    film off 0 and 1.
    """
    logits = logits.astype(np.float64)
    count = len(np.unique(films))
    carry = np.array([len(np.unique(films[true])) for true in truth.T])
    enough = np.minimum(carry, count - carry) >= FEWEST_FILMS
    fitted = {
        label: _platt(logits[:, label], truth[:, label], count) for label in np.flatnonzero(enough).tolist()
    }
    slope = float(np.median([own for own, _ in fitted.values()])) if fitted else 1.0
    for label in np.flatnonzero(~enough).tolist():
        share = (truth[:, label].mean() * count + 0.5) / (count + 1)
        fitted[label] = slope, _intercept(slope * logits[:, label], share)
    slopes, intercepts = zip(*(fitted[label] for label in range(len(carry))), strict=True)
    return {"slope": list(slopes), "intercept": list(intercepts)}


def calibrated(logits: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return the probabilities.

    >>> calibrated(np.array([[2.0, 0.0]]), {"slope": [0.5, 1.0], "intercept": [-1.0, 0.0]}).tolist()
    [[0.5, 0.5]]
    """
    probabilities: np.ndarray = expit(
        np.array(calibration["slope"]) * logits + np.array(calibration["intercept"])
    )
    return probabilities


def cross_calibrated(
    logits: np.ndarray, truth: np.ndarray, films: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Return probabilities, each review's by a calibration fitted on the other folds: to grade the calibration.

    Not to rank reviews by: where a fold has more of a label, the others have less and predict less, so the folds
    are shifted against their truth.
    """
    probabilities = np.empty(logits.shape)
    for fold in np.unique(folds):
        inside = folds == fold
        fitted = fit_calibration(logits[~inside], truth[~inside], films[~inside])
        probabilities[inside] = calibrated(logits[inside], fitted)
    return probabilities


def thresholds(truth: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """Return the probability from which each label counts as predicted: it is predicted as often as it is true.

    For probabilities of films that the classifier never saw, by the calibration that new texts get too.
    Then precision equals recall, and what is counted over the reviews adds up to what there is. The highest F1 is
    not sought, since for a label that cannot be read it lies where every review is predicted to carry it (Lipton
    et al. 2014). Here such a label is predicted at random, as often as it occurs; where its probabilities are all
    the same (slope 0), for none or for all, whichever is nearer.

    >>> thresholds(np.array([[True], [False], [False]]), np.array([[0.5], [0.3], [0.1]]))
    [0.4]
    """
    return [_threshold(int(true.sum()), own) for true, own in zip(truth.T, probabilities.T, strict=True)]


def _threshold(count: int, probabilities: np.ndarray) -> float:
    """Return a threshold that as nearly `count` probabilities reach as can be, halfway between two of them."""
    values = np.concatenate([[1.0], np.sort(probabilities)[::-1], [0.0]])
    # Reached by this many, where the next value is another.
    cuts = np.flatnonzero(values[:-1] > values[1:])
    cut = cuts[np.abs(cuts - count).argmin()]
    return float((values[cut] + values[cut + 1]) / 2)


def _platt(logits: np.ndarray, true: np.ndarray, films: int) -> tuple[float, float]:
    """Return the slope and intercept of least penalised log loss."""

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        slope, intercept = at
        z = slope * logits + intercept
        off = expit(z) - true
        value = films * (np.logaddexp(0, z) - true * z).mean() + (slope - 1) ** 2 / 2
        return value, np.array([films * (off * logits).mean() + slope - 1, films * off.mean()])

    start = [1.0, _intercept(logits, true.mean())]
    slope, intercept = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)]).x
    return float(slope), float(intercept)


def _intercept(logits: np.ndarray, share: float) -> float:
    """Return the intercept with which the mean probability is `share`."""
    end = float(np.abs(logits).max()) + FARTHEST
    return float(brentq(lambda intercept: expit(logits + intercept).mean() - share, -end, end))
