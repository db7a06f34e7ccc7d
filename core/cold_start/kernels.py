"""Vectors of reviews -> how alike films are, as one number that a regression takes."""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from core.errors import DegenerateResult


def film_vectors(vectors: np.ndarray, films: np.ndarray, count: int) -> np.ndarray:
    """Return each film's mean over its reviews' vectors, all of length 1, as is the mean: count x directions.

    `films` says of each review which film it is of (0 to count - 1).

    >>> film_vectors(np.array([[3.0, 0.0], [0.0, 5.0], [0.0, 1.0]]), np.array([1, 0, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    sums = csr_matrix((np.ones(len(films)), (films, np.arange(len(films)))), (count, len(films)))
    means: np.ndarray = normalize(sums @ normalize(vectors))
    return means


def likeness(vectors: dict[str, np.ndarray], known: dict[str, np.ndarray]) -> np.ndarray:
    """Return how alike some films and the known ones are: 1 for the same vectors, 0 for nothing in common.

    Both come as a table a reader, a row a film. Each reader has a Gaussian kernel, as wide as the median distance
    between known films, and all readers count alike. No vector is centred: a mean to which a film itself belongs
    would make a film left out look other than one that is new.
    """
    found = []
    for reader, those in known.items():
        width = np.median(_squares(those, those))
        if not width > 0:
            raise DegenerateResult(f"the vectors by {reader} do not tell the films apart; leave it out")
        found.append(np.exp(-_squares(vectors[reader], those) / width))
    mean: np.ndarray = np.mean(found, axis=0)
    return mean


def _squares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the squared distances between the rows of two tables."""
    squares = np.square(one).sum(1)[:, None] + np.square(other).sum(1) - 2 * one @ other.T
    clipped: np.ndarray = squares.clip(min=0)
    return clipped
