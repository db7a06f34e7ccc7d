"""Sampling of a long file: at most the same number of reviews of every film."""

import numpy as np

MOST_READ = 100_000
"""Reviews of a file that a run reads: the encoder takes five minutes for them on two cores. All reviews of a film
have the same labels, so further ones of a film add little."""
SEED = 42
"""Of the sample."""


def sample(film: np.ndarray, usable: np.ndarray, max_rows: int) -> np.ndarray:
    """Return whether each row is read: all usable rows, or so many a film that there are at most `max_rows`.

    At least one of every film; `film` is each row's film number. Deterministic.

    >>> sample(np.array([0, 1, 0, 0]), np.array([True, True, False, False]), 2).tolist()
    [True, True, False, False]
    """
    rows = np.flatnonzero(usable)
    if len(rows) <= max_rows:
        return usable
    rows = np.random.default_rng(SEED).permutation(rows)
    rows = rows[np.argsort(film[rows], kind="stable")]
    counts = np.unique(film[rows], return_counts=True)[1]
    rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    read = np.zeros(len(usable), dtype=bool)
    read[rows[rank < reviews_per_film(counts, max_rows)]] = True
    return read


def reviews_per_film(counts: np.ndarray, max_rows: int) -> int:
    """Return the largest limit of reviews a film with which at most `max_rows` are read, at least 1.

    >>> reviews_per_film(np.array([1, 4, 9]), 9)
    4
    """
    low, high = 1, int(counts.max())
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= max_rows else (low, middle - 1)
    return low
