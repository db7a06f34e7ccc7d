"""Truth + scores -> how well the scores rank, for the reviews as they are and for each drawing of films.

The films are drawn with replacement, and a film counts as often as it was drawn, with all its reviews. `draws`
(drawings x films) says how often that is; its first row is the films as they are, each once. `films` says which
column of it a review (row of `truth`) belongs to.
"""

import numpy as np

DRAWS = 500
"""Drawings of the films behind an interval."""
LEVEL = 0.95
BLOCK = 2**18
"""Numbers that are worked on at once: so many stay in the processor's cache."""


def drawn(films: int, seed: int) -> np.ndarray:
    """Return how often each film counts: as it is, then in DRAWS drawings."""
    rng = np.random.default_rng(seed)
    drawings = rng.multinomial(films, np.full(films, 1 / films), size=DRAWS)
    return np.vstack([np.ones(films), drawings]).astype(np.float32)


def interval(values: np.ndarray) -> list[float]:
    """Return the 95 % interval of a measure from its drawings (the first value is none of them)."""
    tail = (1 - LEVEL) / 2
    ends: list[float] = np.nanquantile(values[1:], [tail, 1 - tail]).tolist()
    return ends


def lrap(truth: np.ndarray, scores: np.ndarray, draws: np.ndarray, films: np.ndarray) -> np.ndarray:
    """Return the mean label ranking average precision (Tsoumakas et al. 2010), a value a drawing.

    >>> lrap(np.array([[True, False]]), np.array([[0.1, 0.9]]), np.ones((1, 1)), np.array([0])).tolist()
    [0.5]
    """
    of_review = row_lrap(truth, scores)
    count, total = np.bincount(films), np.bincount(films, of_review)
    mean: np.ndarray = draws @ total / (draws @ count)
    return mean


def row_lrap(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the label ranking average precision of each review by itself; 1 where it carries no label."""
    total = np.zeros(len(truth))
    for label in range(truth.shape[1]):
        at_least = scores >= scores[:, [label]]
        total += truth[:, label] * (at_least & truth).sum(1) / at_least.sum(1)
    carried = truth.sum(1)
    return np.where(carried > 0, total / np.maximum(carried, 1), 1.0)


def average_precision(
    truth: np.ndarray, scores: np.ndarray, draws: np.ndarray, films: np.ndarray
) -> np.ndarray:
    """Return the average precision of all pairs of review and label together, a value a drawing.

    The mean, over the pairs that are true, of the share of true pairs among those that score at least as high.
    Equal scores count as one step, so scores that are all the same have the share of true pairs. Not a number in
    a drawing without a true pair.

    >>> column = lambda *values: np.array(values)[:, None]
    >>> truth, once = column(True, False, True), np.ones((1, 3))
    >>> average_precision(truth, column(0.9, 0.5, 0.1), once, np.arange(3)).round(2).tolist()
    [0.83]
    """
    order = np.argsort(-scores, axis=None, kind="stable")
    ranked, film = scores.ravel()[order], films[order // truth.shape[1]]
    true = np.flatnonzero(truth.ravel()[order])
    # The step of equal scores that a true pair is on: its last pair, and its last true pair.
    steps = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    last = steps[np.searchsorted(steps, true)]
    last_true = np.searchsorted(true, last, side="right") - 1
    parts = []
    width = max(1, BLOCK // len(order))
    for start in range(0, len(draws), width):
        times = np.ascontiguousarray(draws[start : start + width].T)
        own = times[film[true]]
        hits, reached = np.cumsum(own, axis=0), np.cumsum(times[film], axis=0)[last]
        gained = (own * hits[last_true] / np.maximum(reached, 1)).sum(0, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            parts.append(gained / own.sum(0))
    return np.concatenate(parts)
