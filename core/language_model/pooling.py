"""Which words of a text are read and pooled, as fastai's classifier does; and which texts are read together."""

from collections.abc import Iterator

import numpy as np

CHUNK = 72
"""Words that fastai's classifier reads at once, which decides where pooling begins (its default)."""
LONGEST = 20 * CHUNK
"""How many of the last words of a text are pooled (fastai's default)."""
LEAD_IN = 3
"""Multiple of LONGEST that is read before them without being pooled; words farther back have no effect."""
WORDS = 1 << 19
"""About the most words in a batch."""


def cut(text: np.ndarray, longest: int, chunk: int) -> np.ndarray:
    """Return the last words of a text, those that are read; the cut is between chunks."""
    too_many = len(text) - (1 + LEAD_IN) * longest
    return text[max(0, -(-too_many // chunk)) * chunk :]


def first_pooled(lengths: np.ndarray, longest: int, chunk: int) -> np.ndarray:
    """Return the position of the first word that is pooled, for texts of these lengths.

    >>> first_pooled(np.array([3, 10, 11, 12, 13]), longest=10, chunk=2).tolist()
    [0, 0, 2, 2, 4]
    """
    ahead = -(-(lengths - longest) // chunk) * chunk
    # Where every chunk begins too early fastai pools nothing and fails; here the last chunk is pooled.
    first: np.ndarray = np.clip(ahead, 0, (lengths - 1) // chunk * chunk)
    return first


def batches(lengths: np.ndarray, texts: int) -> Iterator[list[int]]:
    """Yield the rows of each batch of at most so many texts, the longest texts first.

    >>> list(batches(np.array([2, 1 << 19, 3]), 512))
    [[1], [2, 0]]
    """
    rows: list[int] = []
    for row in np.argsort(-lengths, kind="stable").tolist():
        if rows and (len(rows) == texts or (len(rows) + 1) * lengths[rows[0]] > WORDS):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def hands(lengths: np.ndarray, players: int, texts: int) -> list[list[int]]:
    """Return the rows of at most so many texts that are read in slots together, the longest texts first.

    Texts are dealt like cards, so that `players` threads have about as many words each.

    >>> hands(np.array([2, 9, 3, 7]), 2, 2)
    [[1, 2], [3, 0]]
    """
    order = np.argsort(-lengths, kind="stable")
    rounds = [order[at : at + players * texts] for at in range(0, len(order), players * texts)]
    dealt = [rows[player::players].tolist() for rows in rounds for player in range(players)]
    return [rows for rows in dealt if rows]
