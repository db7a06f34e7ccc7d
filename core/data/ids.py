"""The order of ids: they are text, never trimmed or read as numbers, and sorted as people expect."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def sorting(ids: pd.Index | pd.Series | Sequence[str]) -> np.ndarray:
    """Return the positions that sort ids: those of digits by their number, then the others by their letters.

    Of two that are the same number the shorter comes first. Nothing is parsed, so ids may be of any length.

    >>> ids = ["b", "10", "01", "9", "1", "a"]
    >>> [ids[position] for position in sorting(ids)]
    ['1', '01', '9', '10', 'a', 'b']
    """
    text = pd.Series(ids, dtype="str").reset_index(drop=True)
    is_number = text.str.fullmatch("[0-9]+")
    number = text.str.lstrip("0").where(is_number, "")
    keys = {"other": ~is_number, "digits": number.str.len(), "number": number}
    keys |= {"letters": text.str.len().where(is_number, 0), "text": text}
    return np.asarray(pd.DataFrame(keys).sort_values(list(keys)).index)


def numbered(ids: pd.Series) -> np.ndarray:
    """Return the ids of a column as numbers from 0, in the order of `sorting`.

    >>> numbered(pd.Series(["10", "9", "10"])).tolist()
    [1, 0, 1]
    """
    codes, distinct = pd.factorize(ids.astype("str"))
    place = np.empty(len(distinct), dtype=np.int64)
    place[sorting(distinct)] = np.arange(len(distinct))
    return np.asarray(place[codes])
