"""Counts and intervals as text, formatted alike in all sentences and charts."""

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "film"), counted(1682, "film")
    ('1 film', '1,682 films')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def interval(ends: Sequence[float], form: str) -> str:
    """Return a 95 % interval as text, with its ends in the format specification `form`.

    For numbers that may be negative, the specification has a z, which writes -0.00 as +0.00.

    >>> interval([-0.001, 0.25], "+z.2f")
    '95 % interval +0.00 to +0.25'
    """
    return f"95 % interval {ends[0]:{form}} to {ends[1]:{form}}"
