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
NO_RATING = MISSING | {
    *"nr n.r. n.r n.a. #n/a unrated not_rated no_rating none_given – — . *".split(),
    "not rated",
    "no rating",
    "not yet rated",
    "not available",
}
"""What is written where a rating is missing, in lower case."""
NO_TITLE = MISSING | {"unknown", "untitled", "no title", "#n/a", "<unknown>"}
"""What is written where a title is missing, in lower case."""
LIKED = frozenset("true yes y t like liked likes up positive pos thumbs_up 👍".split() + ["thumbs up"])
DISLIKED = frozenset(
    "false no n f dislike disliked dislikes down negative neg thumbs_down 👎".split() + ["thumbs down"]
)
"""Words for the two values 1 and 0, in lower case."""
_NUMBER = r"([+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]{1,3})?)"
_PLAIN = re.compile(rf"{_NUMBER}\s*(?:stars?|points?)?", re.IGNORECASE)
_OUT_OF = re.compile(rf"{_NUMBER}\s*(?:/|out of|of)\s*{_NUMBER}\s*(?:stars?|points?)?", re.IGNORECASE)
_SYMBOLS = re.compile(r"(★*)☆*(½?)☆*")
_DAY_AND_MONTH = (
    r"^\s*(?P<first>\d{1,2})(?P<separator>[/.-])(?P<second>\d{1,2})(?P=separator)"
    r"(?P<year>\d{4}|(?<!-)\d{2})(?!\d)"
)
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
    """Return distinct texts as ratings: all of them numbers, or numbers out of the same one, or two words.

    >>> rating_values(["4,5", " 3 ", "NULL"]).values.tolist()
    [4.5, 3.0, nan]
    >>> rating_values(["True", "False"]).values.tolist(), rating_values(["4/5", "3/5"]).out_of
    ([1.0, 0.0], 5.0)
    """
    plain = [text.strip().lower() for text in texts]
    missing = np.array([text in NO_RATING for text in plain], dtype=bool)
    words = dict.fromkeys(LIKED, 1.0) | dict.fromkeys(DISLIKED, 0.0)
    if plain and not missing.all() and all(text in words or text in NO_RATING for text in plain):
        numbers = np.array([words.get(text, np.nan) for text in plain])
        return RatingValues(numbers, np.zeros(len(plain), dtype=bool), words=True)
    pairs = [number_out_of(text) for text in plain]
    numbers, out_of = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    numbers[missing] = np.nan
    highest = np.unique(out_of[~missing])
    # Numbers out of several ones, or of none for some, are not of one scale.
    if len(highest) > 1:
        numbers[~np.isnan(out_of)] = np.nan
    one = float(highest[0]) if len(highest) == 1 and not np.isnan(highest[0]) else None
    return RatingValues(numbers, ~missing & ~np.isfinite(numbers), one)


def number_out_of(text: str) -> tuple[float, float]:
    """Return a number and what it is out of; NaN where that is not said, or it is no number.

    >>> number_out_of("4 out of 5 stars"), number_out_of("★★★½"), number_out_of("4,5")
    ((4.0, 5.0), (3.5, 5.0), (4.5, nan))
    """
    if match := _OUT_OF.fullmatch(text):
        out_of = _number(match[2])
        return (_number(match[1]), out_of) if out_of > 0 else (np.nan, np.nan)
    if match := _PLAIN.fullmatch(text):
        return _number(match[1]), np.nan
    if (match := _SYMBOLS.fullmatch(text)) and (match[1] or match[2]):
        return len(match[1]) + 0.5 * bool(match[2]), 5.0
    return np.nan, np.nan


def times(texts: pd.Series) -> np.ndarray:
    """Return seconds since 1970, from numbers or dates; NaN where there is none."""
    return times_and_doubt(texts)[0]


def times_and_doubt(texts: pd.Series) -> tuple[np.ndarray, str]:
    """Return the times, and a date that may be read day first as well as month first ("" where none is in doubt)."""
    doubtful = ""
    try:
        # Fast, and almost always enough.
        column = pa.array(texts, pa.string()).cast(pa.float64())
        numbers: np.ndarray = np.array(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, copy=True, na_value=np.nan)
    words = np.isnan(numbers) & texts.notna().to_numpy()
    if words.any():
        distinct = pd.Index(texts[words].unique())
        month_first, doubtful = _month_first(pd.Series(distinct))
        dates = pd.to_datetime(month_first, errors="coerce", format="mixed", utc=True)
        whole = dates.dt.as_unit("s").astype("int64")
        seconds = whole.where(dates.notna()).to_numpy(np.float64, na_value=np.nan)
        numbers[words] = seconds[distinct.get_indexer(texts[words])]
    numbers[np.abs(numbers) > _MOST_SECONDS] /= 1000
    return numbers, doubtful


def _month_first(texts: pd.Series) -> tuple[pd.Series, str]:
    """Return texts whose dates of digits have the month first, and one of them that is in doubt ("" for none).

    One order holds for all: day first with dots, or where a first part is above 12.

    >>> _month_first(pd.Series(["10/04/2019", "13/04/2019"]))[0].tolist()
    ['04/10/2019', '04/13/2019']
    """
    if not texts.str.contains(r"^\s*\d{1,2}[/.-]").any():
        return texts, ""
    parts = texts.str.extract(_DAY_AND_MONTH)
    first, second = (pd.to_numeric(parts[part], errors="coerce") for part in ("first", "second"))
    dotted = (parts["separator"] == ".").fillna(False)
    day_first, day_second = bool((dotted | (first > 12)).any()), bool((second > 12).any())
    open_to_both = (first <= 12) & (second <= 12) & (first != second)
    doubtful = "" if day_first != day_second or not open_to_both.any() else str(texts[open_to_both].iloc[0])
    turned = (first > 12) | (second.le(12) & day_first & ~(day_second & ~dotted))
    swapped = texts.str.replace(_DAY_AND_MONTH, r"\g<second>/\g<first>/\g<year>", regex=True)
    return texts.where(~turned.fillna(False).astype(bool), swapped), doubtful


def years(texts: pd.Series) -> pd.Series:
    """Return years (Int16), from "1995", "1995.0" or a date.

    >>> years(pd.Series(["1995", "1995.0", "0", "01-Jan-1994", "1994-02-01", None])).tolist()
    [1995, 1995, <NA>, 1994, 1994, <NA>]
    """
    digits = texts.astype("str").str.extract(r"(?<!\d)(1[89][0-9]{2}|20[0-9]{2})(?!\d)", expand=False)
    return pd.to_numeric(digits, errors="coerce").astype("Int16")


def no_title(titles: pd.Series) -> pd.Series:
    """Return whether a text says that there is no title."""
    return titles.isna() | titles.str.strip().str.lower().isin(NO_TITLE)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
