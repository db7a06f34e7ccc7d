"""Texts -> ratings, times and years. Takes distinct values, so that it costs the same for any number of rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

MISSING = frozenset(
    ("", "nan", "none", "null", "\\n", "n/a", "na", "<na>", "-", "--", "?", "nat", "undefined")
)
"""What is written for "none", in lower case."""
NO_TITLE = MISSING | {"unknown", "untitled", "no title", "#n/a", "<unknown>"}
"""What is written where a title is missing, in lower case."""
LIKED = frozenset("true yes y t like liked likes up positive pos thumbs_up".split() + ["thumbs up"])
DISLIKED = frozenset(
    "false no n f dislike disliked dislikes down negative neg thumbs_down".split() + ["thumbs down"]
)
"""Words for the two values 1 and 0, in lower case."""
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
_STARS = re.compile(r"\s*(stars?|★)$")
_OUT_OF = re.compile(r"(.+?)\s*/\s*(\d+)")
_MOST_SECONDS = 1e11
"""A greater number counts milliseconds."""


@dataclass(frozen=True)
class RatingValues:
    """Distinct texts as ratings."""

    values: np.ndarray
    """NaN where there is none."""
    unreadable: np.ndarray
    """Whether a text is neither a rating nor missing."""
    out_of: float | None = None
    """The 5 of "4/5", where all are written so."""
    words: bool = False
    """Whether words such as "like" became 1 and 0."""


def rating_values(texts: Sequence[str]) -> RatingValues:
    """Return distinct texts as ratings: numbers, with a decimal comma, as "4/5" or "4 stars", or two words.

    >>> rating_values(["4,5", " 3 ", "NULL"]).values.tolist()
    [4.5, 3.0, nan]
    >>> rating_values(["True", "False"]).values.tolist(), rating_values(["4/5", "3/5"]).out_of
    ([1.0, 0.0], 5.0)
    """
    plain = [_STARS.sub("", text.strip().lower()) for text in texts]
    given = {text for text in plain if text not in MISSING}
    words = dict.fromkeys(LIKED, 1.0) | dict.fromkeys(DISLIKED, 0.0)
    out_of = None
    if given and given <= set(words):
        values = [words.get(text, np.nan) for text in plain]
    else:
        parts = {text: _OUT_OF.fullmatch(text) for text in given}
        ends = {float(part[2]) for part in parts.values() if part}
        if given and len(ends) == 1 and all(parts.values()):
            out_of = ends.pop()
            plain = [part[1] if (part := parts.get(text)) else text for text in plain]
        values = [_number(text) for text in plain]
    numbers = np.array(values, dtype=np.float64)
    unreadable = np.array([text not in MISSING for text in plain], dtype=bool) & ~np.isfinite(numbers)
    return RatingValues(numbers, unreadable, out_of, bool(given) and given <= set(words))


def times(texts: pd.Series) -> np.ndarray:
    """Return seconds since 1970, from numbers or dates; NaN where there is none."""
    try:
        # Fast, and almost always enough.
        column = pa.array(texts, pa.string()).cast(pa.float64())
        numbers: np.ndarray = np.array(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, copy=True, na_value=np.nan)
    words = np.isnan(numbers) & texts.notna().to_numpy()
    if words.any():
        distinct = pd.Index(texts[words].unique())
        dates = pd.to_datetime(pd.Series(distinct), errors="coerce", format="mixed", utc=True)
        seconds = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(np.float64)
        numbers[words] = seconds[distinct.get_indexer(texts[words])]
    numbers[np.abs(numbers) > _MOST_SECONDS] /= 1000
    return numbers


def years(texts: pd.Series) -> pd.Series:
    """Return years (Int16), from "1995", "1995.0" or a date.

    >>> years(pd.Series(["1995", "1995.0", "0", "01-Jan-1994", "1994-02-01", None])).tolist()
    [1995, 1995, <NA>, 1994, 1994, <NA>]
    """
    digits = texts.astype("str").str.extract(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", expand=False)
    return pd.to_numeric(digits, errors="coerce").astype("Int16")


def no_title(titles: pd.Series) -> pd.Series:
    """Return whether a text says that there is no title."""
    return titles.isna() | titles.str.strip().str.lower().isin(NO_TITLE)


def _number(text: str) -> float:
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else np.nan
