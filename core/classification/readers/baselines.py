"""Readers that the classifier has to beat: plainly counted words, and the classifier itself on shuffled labels.

Takes words, labels and folds; gives probabilities (reviews x labels), each review's from the other folds alone,
whose films are other films.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from core.language_model.tokens import Tokens

STRENGTH, TOLERANCE = 3.0, 1e-3
"""Inverse of the penalty on the weights (scikit-learn's C), and the gradient at which a fit ends: those at which
this rival read best, of 0.3 to 30 and 1e-4 to 1e-2 on 2,810 reviews of 186 films of MovieLens 100K, so that it is
not beaten for want of tuning."""
LEAST_REVIEWS = 3
"""A word counts that so many of the reviews trained on have."""
STEPS = 1000
"""Most iterations of a fit; some 16 are usual."""


def tfidf(tokens: Tokens, truth: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the probabilities by logistic regression on TF-IDF, a regression a label (row of `tokens`: a review).

    Single words, their count as 1 + log, by rarity, each review of length 1. What words there are, how rare they
    are and the regression are learnt from the other folds; reviews of the fold -1 only teach. The folds are
    levelled (see `levelled`). A label that all of the others carry, or none, has its
    frequency there.
    """
    counts = _counts(tokens)
    logits = np.zeros(truth.shape)
    for fold in np.unique(folds[folds >= 0]):
        inside = folds == fold
        # Half a review off 0 and 1.
        logits[inside] = logit((truth[~inside].sum(0) + 0.5) / ((~inside).sum() + 1))
        weighed = _weighed(counts, ~inside)
        for label in np.flatnonzero(truth[~inside].any(0) & ~truth[~inside].all(0)):
            fitted = LogisticRegression(C=STRENGTH, tol=TOLERANCE, max_iter=STEPS).fit(
                weighed[~inside], truth[~inside, label]
            )
            logits[inside, label] = fitted.decision_function(weighed[inside])
    probabilities: np.ndarray = expit(levelled(logits, folds))
    return probabilities


def levelled(logits: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the logits of several folds' readers as if all found each label equally common.

    A fold whose films carry a label often is read by a reader that was taught it seldom, and the other way round:
    with few films that outweighs, against the reader, all that reviews tell. So each fold's mean gives way to the
    mean over all. No label of a fold is looked at, so a reader that knows nothing stays at chance; what is lost is
    how the folds truly differ.

    >>> levelled(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 1])).ravel().tolist()
    [2.0, 4.0, 3.0]
    """
    _, fold = np.unique(folds, return_inverse=True)
    sums = np.stack([np.bincount(fold, label) for label in logits.T], axis=1)
    moved: np.ndarray = logits - (sums / np.bincount(fold)[:, None])[fold] + logits.mean(0)
    return moved


def shuffled(truth: np.ndarray, films: np.ndarray, seed: int) -> np.ndarray:
    """Return each film the labels of another, drawn at random: what is learnt from these is learnt by luck.

    A film's reviews stay together, so the labels are as common among the films as they were, and go together as
    they did.
    """
    _, first, film = np.unique(films, return_index=True, return_inverse=True)
    # In a random circle each film has the labels of the one before it.
    circle = np.random.default_rng(seed).permutation(len(first))
    giver = np.empty_like(circle)
    giver[circle] = np.roll(circle, 1)
    moved: np.ndarray = truth[first[giver[film]]]
    return moved


def _counts(tokens: Tokens) -> csr_matrix:
    """Count the words of each text: texts x distinct words."""
    text = np.repeat(np.arange(len(tokens)), np.diff(tokens.offsets))
    ones = np.ones(len(text), dtype=np.float64)
    return csr_matrix((ones, (text, tokens.numbers)), shape=(len(tokens), len(tokens.words)))


def _weighed(counts: csr_matrix, learnt_from: np.ndarray) -> csr_matrix:
    """Return the TF-IDF of all texts, with the words and the rarity of those learnt from."""
    texts_with = np.bincount(counts[learnt_from].indices, minlength=counts.shape[1])
    kept = texts_with >= min(LEAST_REVIEWS, learnt_from.sum())
    weighed = counts[:, kept]
    weighed.data = 1 + np.log(weighed.data)
    rarity = 1 + np.log((1 + learnt_from.sum()) / (1 + texts_with[kept]))
    return normalize(weighed.multiply(rarity).tocsr())
