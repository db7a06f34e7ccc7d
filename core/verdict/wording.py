"""Counts and intervals as all sentences word them."""

from collections.abc import Sequence


def film_count(count: int) -> str:
    """Give a number of films for people.

    >>> film_count(1), film_count(1682)
    ('1 film', '1,682 films')
    """
    return f"{count:,} film{'' if count == 1 else 's'}"


def interval(ends: Sequence[float], form: str) -> str:
    """Give a 95 % interval for people, its ends written in a form.

    >>> interval([0.1, 0.25], "+.2f")
    '95 % interval +0.10 to +0.25'
    """
    return f"95 % interval {ends[0]:{form}} to {ends[1]:{form}}"
