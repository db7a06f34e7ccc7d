"""Counts as all sentences word them."""


def counted(count: int, noun: str) -> str:
    """Give a number of things for people.

    >>> counted(1, "film"), counted(1682, "film")
    ('1 film', '1,682 films')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
