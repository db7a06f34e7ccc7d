"""More reviews than a run reads -> those that it reads, the same number of every film that has as many."""

import numpy as np

MOST_READ = 100_000
"""Reviews that a run reads of a file: the encoder takes five minutes for them on two cores. All reviews of a film
bear the same labels, so more of one film tell little more."""
SEED = 42
"""Decides which reviews are drawn of films that have more than are read."""


def drawn(film: np.ndarray, told: np.ndarray, most: int) -> np.ndarray:
    """Return of each row whether it is read: all that are `told`, or so many of a film that there are at most `most`.

    Of every film one at least. Deterministic.

    >>> drawn(np.array([0, 1, 0, 0]), np.array([True, True, False, False]), 2).tolist()
    [True, True, False, False]
    """
    rows = np.flatnonzero(told)
    if len(rows) <= most:
        return told
    rows = np.random.default_rng(SEED).permutation(rows)
    rows = rows[np.argsort(film[rows], kind="stable")]
    counts = np.unique(film[rows], return_counts=True)[1]
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    read = np.zeros(len(told), dtype=bool)
    read[rows[rank < level(counts, most)]] = True
    return read


def level(counts: np.ndarray, most: int) -> int:
    """Return the largest number of reviews a film by which no more than `most` are read, 1 at least.

    >>> level(np.array([1, 4, 9]), 9)
    4
    """
    low, high = 1, int(counts.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= most else (low, middle - 1)
    return low
