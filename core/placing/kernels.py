"""Vectors of reviews -> how alike films are, as numbers that a regression takes."""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from core.errors import DegenerateResult


def film_vectors(vectors: np.ndarray | csr_matrix, films: np.ndarray, count: int) -> np.ndarray:
    """Give each film's mean over its reviews' vectors, all of length 1, as is the mean: count x directions.

    `films` says of each review which film it is of (0 to count - 1).

    >>> film_vectors(np.array([[3.0, 0.0], [0.0, 5.0], [0.0, 1.0]]), np.array([1, 0, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    sums = csr_matrix((np.ones(len(films)), (films, np.arange(len(films)))), (count, len(films)))
    means = normalize(sums @ normalize(vectors))
    return np.asarray(means.todense() if hasattr(means, "todense") else means)


class Kernels:
    """How alike films are, two kernels a reader: along a direction, and near (Gaussian).

    Each has a mean of about 1 for a rated film and itself, so that weights compare.
    """

    def __init__(self, vectors: dict[str, np.ndarray]) -> None:
        self._known, self._centre, self._length, self._width = {}, {}, {}, {}
        for name, known in vectors.items():
            self._centre[name] = known.mean(0)
            self._known[name] = known - self._centre[name]
            self._length[name] = np.square(self._known[name]).sum(1).mean()
            self._width[name] = np.median(_squares(self._known[name], self._known[name]))
            if not (self._length[name] > 0 and self._width[name] > 0):
                raise DegenerateResult(f"the vectors by {name} do not tell the films apart; leave it out")

    def to(self, vectors: dict[str, np.ndarray]) -> np.ndarray:
        """Give the kernels between some films and the rated ones: kernels x films x rated films."""
        found = []
        for name, known in self._known.items():
            own = vectors[name] - self._centre[name]
            found += [own @ known.T / self._length[name], np.exp(-_squares(own, known) / self._width[name])]
        return np.stack(found)

    def own(self, vectors: dict[str, np.ndarray]) -> np.ndarray:
        """Give the kernels between each film and itself: kernels x films."""
        found = []
        for name in self._known:
            length = np.square(vectors[name] - self._centre[name]).sum(1)
            found += [length / self._length[name], np.ones(len(length))]
        return np.stack(found)


def _squares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Give the squared distances between the rows of two tables."""
    squares = np.square(one).sum(1)[:, None] + np.square(other).sum(1) - 2 * one @ other.T
    clipped: np.ndarray = squares.clip(min=0)
    return clipped
