"""Counts, intervals and parts of texts, formatted alike in all sentences and charts."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

# More than 100 letters in a row are no word.
_LAST_BREAK, _FIRST_BREAK = re.compile(r"(?<=\S)\s+\S{0,100}\Z"), re.compile(r"\A\S{0,100}\s+(?=\S)")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "film"), counted(1682, "film")
    ('1 film', '1,682 films')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def interval(ends: Sequence[float], form: str) -> str:
    """Return a 95% interval as text, with its ends in the format specification `form`.

    For numbers that may be negative, the specification has a z, which writes -0.00 as +0.00.

    >>> interval([-0.001, 0.25], "+z.2f")
    '95% interval +0.00 to +0.25'
    """
    return f"95% interval {ends[0]:{form}} to {ends[1]:{form}}"


def without_minus_zero(numbers: npt.ArrayLike, places: int) -> npt.NDArray[np.float64]:
    """Return numbers with 0 in place of those that are minus zero when rounded to so many decimal places.

    In text of ours, the z of a format specification does the same.

    >>> without_minus_zero([-0.004, -0.005, 0.004], 2).tolist()
    [0.0, -0.005, 0.004]
    """
    exact = np.asarray(numbers, dtype=float)
    return np.where((exact <= 0) & (exact > -0.5 * 10.0**-places), 0.0, exact)


def beginning(text: str, most: int) -> str:
    """Return the beginning of a text, cut between words to at most `most` characters.

    A passage without a break of more than 100 characters, as in a script that separates no words, is cut within it,
    and so is a first word that is longer than all.

    >>> beginning("A slow film.", 8), beginning("A slow film.", 6), beginning("A film.", 9), beginning(" Aaaah", 3)
    ('A slow', 'A slow', 'A film.', ' Aa')
    >>> len(beginning("A " + 300 * "片", 200))
    200
    """
    if len(text) <= most:
        return text
    last_break = _LAST_BREAK.search(text[: most + 1])
    return text[: last_break.start() if last_break else most]


def ending(text: str, most: int) -> str:
    """Return the end of a text, cut between words to at most `most` characters; see `beginning`.

    >>> ending("A slow film.", 9), ending("A slow film.", 5), ending("A film.", 9), ending("Aaaah ", 3)
    ('film.', 'film.', 'A film.', 'ah ')
    >>> len(ending(300 * "片" + " A", 200))
    200
    """
    if len(text) <= most:
        return text
    last = text[-most - 1 :]
    first_break = _FIRST_BREAK.search(last)
    return last[first_break.end() if first_break else 1 :]


def shortened_text(text: str, most: int) -> str:
    """Return a text, of a longer one its beginning with a sign that it goes on.

    >>> shortened_text("A slow film.", 8), shortened_text("A film.", 8)
    ('A slow […]', 'A film.')
    """
    return text if len(text) <= most else f"{beginning(text, most)} […]"


def above_chance(share: float) -> str:
    """Return a share of something of which a baseline explains none, or in words that it is no more than that.

    >>> above_chance(0.123), above_chance(-0.001), above_chance(-0.05)
    ('12%', 'no more than chance', 'no more than chance')
    """
    rounded = round(100 * share)
    return f"{rounded}%" if rounded > 0 else "no more than chance"
