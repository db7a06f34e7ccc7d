"""Vectors of reviews -> the kernel of a regression: the similarity of films."""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from core.errors import DegenerateResult


def film_vectors(vectors: np.ndarray, films: np.ndarray, count: int) -> np.ndarray:
    """Return the mean of each film's review vectors: count x directions. Vectors and means have length 1.

    `films` has the film of each review (0 to count - 1).

    >>> film_vectors(np.array([[3.0, 0.0], [0.0, 5.0], [0.0, 1.0]]), np.array([1, 0, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    sums = csr_matrix((np.ones(len(films)), (films, np.arange(len(films)))), (count, len(films)))
    means: np.ndarray = normalize(sums @ normalize(vectors))
    return means


def likeness(vectors: dict[str, np.ndarray], rated: dict[str, np.ndarray]) -> np.ndarray:
    """Return the similarity of films to the rated ones, between 0 and 1 (equal vectors): films x rated films.

    Both arguments have a table a reader, a row a film. Each reader has a Gaussian kernel, whose width is the
    median distance between rated films, and the kernels are averaged. Vectors are not centred: a mean that
    includes the film itself would make a left-out film differ from a new one. Raises DegenerateResult where
    the rated films have equal vectors.
    """
    kernels = []
    for reader, table in rated.items():
        width = np.median(_squares(table, table))
        if not width > 0:
            raise DegenerateResult(f"the vectors by {reader} do not distinguish the films; leave it out")
        kernels.append(np.exp(-_squares(vectors[reader], table) / width))
    mean: np.ndarray = np.mean(kernels, axis=0)
    return mean


def _squares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the squared distances between the rows of two tables."""
    squares = np.square(one).sum(1)[:, None] + np.square(other).sum(1) - 2 * one @ other.T
    clipped: np.ndarray = squares.clip(min=0)
    return clipped
