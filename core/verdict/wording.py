"""Intervals as all sentences word them."""

from collections.abc import Sequence


def interval(ends: Sequence[float], form: str) -> str:
    """Give a 95 % interval for people, its ends written in a form.

    >>> interval([0.1, 0.25], "+.2f")
    '95 % interval +0.10 to +0.25'
    """
    return f"95 % interval {ends[0]:{form}} to {ends[1]:{form}}"
