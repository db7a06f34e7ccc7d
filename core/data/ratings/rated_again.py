"""Films that a user rated several times -> which of the ratings are not the latest."""

import numpy as np
import pandas as pd

AGAIN = "the same user rated the same film again"
TWO_IDS = "the same user rated a film under two of its ids"


def earlier(user: np.ndarray, film: np.ndarray, used: np.ndarray, time: pd.Series | None) -> np.ndarray:
    """Mark all but the latest of the ratings that a user gave to a film, among the rows that are `used`.

    The latest is by `time`, where a missing one is the earliest, else by the order of the rows.
    """
    rows = np.flatnonzero(used)
    pair = user[rows].astype(np.int64) * (int(film.max()) + 1) + film[rows]
    several = _repeated(pair)
    rows, pair = rows[several], pair[several]
    if time is not None:
        order = np.argsort(time.iloc[rows].to_numpy(np.float64, na_value=-np.inf), kind="stable")
        rows, pair = rows[order], pair[order]
    is_earlier = np.zeros(len(used), dtype=bool)
    is_earlier[rows[pd.Series(pair).duplicated(keep="last").to_numpy()]] = True
    return is_earlier


def which_stays(frame: pd.DataFrame) -> str:
    return "the later rating stays" if "time" in frame else "the last line stays"


def _repeated(values: np.ndarray) -> np.ndarray:
    """Return which values occur more than once, by sorting, since hashes take more memory.

    >>> _repeated(np.array([7, 5, 7, 6])).tolist()
    [True, False, True, False]
    """
    ordered = np.sort(values)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return np.zeros(len(values), dtype=bool)
    place = np.searchsorted(repeated, values).clip(max=len(repeated) - 1)
    return np.asarray(repeated[place] == values)
