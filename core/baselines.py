"""Readers that the classifier has to beat: how frequent a label is, and plainly counted words.

Takes words, labels and folds; gives probabilities (reviews x labels), each review's from the other folds alone,
whose films are other films.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from core.tokens import Tokens

STRENGTH, TOLERANCE = 3.0, 1e-3
"""Inverse of the penalty on the weights (scikit-learn's C), and the gradient at which a fit ends: those at which
this rival read best, of 0.3 to 30 and 1e-4 to 1e-2 on 2,810 reviews of 186 films of MovieLens 100K, so that it is
not beaten for want of tuning."""
LEAST_REVIEWS = 3
"""A word counts that so many of the reviews trained on have."""
STEPS = 1000
"""Most iterations of a fit; some 16 are usual."""


def frequencies(truth: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Give the share of the other folds' reviews that carry each label.

    >>> frequencies(np.array([[True], [True], [False]]), np.array([0, 1, 1])).ravel().tolist()
    [0.5, 1.0, 1.0]
    """
    shares = np.empty(truth.shape)
    for fold in np.unique(folds):
        shares[folds == fold] = truth[folds != fold].mean(0)
    return shares


def tfidf(tokens: Tokens, truth: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Give the probabilities by logistic regression on TF-IDF, a regression a label (row of `tokens`: a review).

    Single words, their count as 1 + log, by rarity, each review of length 1. What words there are, how rare they
    are and the regression are learnt from the other folds. A label that all of these carry, or none, has its
    frequency there.
    """
    counts = _counts(tokens)
    probabilities = frequencies(truth, folds)
    for fold in np.unique(folds):
        inside = folds == fold
        weighed = _weighed(counts, ~inside)
        for label in np.flatnonzero(truth[~inside].any(0) & ~truth[~inside].all(0)):
            regression = LogisticRegression(C=STRENGTH, tol=TOLERANCE, max_iter=STEPS)
            fitted = regression.fit(weighed[~inside], truth[~inside, label])
            probabilities[inside, label] = expit(fitted.decision_function(weighed[inside]))
    return probabilities


def levelled(logits: np.ndarray, taught: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Give the logits as if the readers of all folds had been taught labels of the same frequencies.

    A fold whose films carry a label often is read by a reader that was taught it seldom, and the other way round:
    with few films that outweighs all that reviews tell, against the reader. What a reader took from frequencies
    alone is therefore replaced, as for a change of priors (Saerens et al. 2002), by the log-odds of the label over
    all folds. `taught` are the labels that the readers were trained on, each on those of the other folds.
    """
    moved = np.empty(logits.shape)
    level = logit(_share(taught))
    for fold in np.unique(folds):
        inside = folds == fold
        moved[inside] = logits[inside] - logit(_share(taught[~inside])) + level
    return moved


def _share(taught: np.ndarray) -> np.ndarray:
    """Give the share of the reviews that carry each label, half a review off 0 and 1."""
    share: np.ndarray = (taught.sum(0) + 0.5) / (len(taught) + 1)
    return share


def shuffled(truth: np.ndarray, films: np.ndarray, seed: int) -> np.ndarray:
    """Give each film the labels of another, drawn at random: what is learnt from these is learnt by luck.

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
    """Give the TF-IDF of all texts, with the words and the rarity of those learnt from."""
    texts_with = np.bincount(counts[learnt_from].indices, minlength=counts.shape[1])
    kept = texts_with >= LEAST_REVIEWS
    weighed = counts[:, kept]
    weighed.data = 1 + np.log(weighed.data)
    rarity = 1 + np.log((1 + learnt_from.sum()) / (1 + texts_with[kept]))
    return normalize(weighed.multiply(rarity).tocsr())
