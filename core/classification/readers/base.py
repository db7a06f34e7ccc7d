"""What a reader of labels is, and its predictions for films that it was not trained on.

A reader holds the reviews in the form that it reads (counted words, features of an encoder). It is trained anew for
each fold, on the films of the other folds.
"""

from typing import Protocol

import numpy as np

from core.progress import Report, silent


class Reader(Protocol):
    """Predicts labels of reviews from reviews that carry them."""

    def logits(self, y_true: np.ndarray, trains: np.ndarray, report: Report) -> list[np.ndarray]:
        """Train anew for each row of `trains`; return each time the logits of all other reviews, in their order.

        `y_true` has the labels of all reviews (reviews x labels, bool); `trains` (times x reviews) is true for those
        to train on. Each array is others x labels. Nothing may be learnt from the others, neither from their labels
        nor from their words.
        """
        ...


def out_of_fold_logits(
    reader: Reader, y_true: np.ndarray, folds: np.ndarray, report: Report = silent
) -> np.ndarray:
    """Return the logits of each review by a reader trained on the other folds: reviews x labels, as `y_true`.

    `folds` has the fold of each review; those of fold -1 are only trained on, and have no logits of their own. All
    reviews of a film must be in one fold. The folds are aligned: see `align_folds`.
    """
    logits = np.zeros(y_true.shape)
    inside = folds == np.unique(folds[folds >= 0])[:, None]
    for fold, of_fold in zip(inside, reader.logits(y_true, ~inside, report), strict=True):
        logits[fold] = of_fold
    return align_folds(logits, folds)


def align_folds(logits: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the logits with each fold's mean of a label replaced by the mean over all folds.

    Where the films of a fold carry a label often, the other folds carry it seldom, and a reader trained on these
    predicts it seldom: with few films that shift outweighs all that reviews reveal. No label of a fold is used, so a
    reader that knows nothing stays at chance; what is lost is how the folds truly differ.

    >>> align_folds(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 1])).ravel().tolist()
    [2.0, 4.0, 3.0]
    """
    _, fold = np.unique(folds, return_inverse=True)
    sums = np.stack([np.bincount(fold, of_label) for of_label in logits.T], axis=1)
    aligned: np.ndarray = logits - (sums / np.bincount(fold)[:, None])[fold] + logits.mean(0)
    return aligned
