"""Whether the film ids of a file are those of the ratings, where nothing but the ids says so.

Every data set numbers its films from 1, so a plain number that occurs in both means nothing: film 1 of MovieLens
Latest is no film 1 of another. Three things are evidence that both mean the same films:

- the ids are no plain numbers (`tt0114709`, `B000000000`, `0114700`, or longer than 18 digits), since no two data
  sets make them up alike;
- the numbers have gaps, and the file's ids meet them: where hardly a neighbour of an id is an id of the ratings, as
  in 5, 79, 116, a hit is no chance; where all neighbours are, as in 1, 2, 3, any number hits;
- the user says so.
"""

import re
from typing import Literal

import numpy as np
import pandas as pd

_PLAIN = re.compile(r"0|[1-9]\d{0,17}")
NEIGHBOURS = 10
"""Numbers before and after an id whose share among the ratings' ids is the chance of a hit there."""
HITS = 0.9
"""Share of the file's ids that are in the ratings where both number the same films."""
ENOUGH = np.log(1000)
"""Least log of how many times likelier the hits and misses are by the same numbering than by chance."""


Evidence = Literal["", "gaps", "letters"]


def evidence_of_ids(file_ids: pd.Series, film_ids: pd.Series) -> Evidence:
    """Return what shows that the ids of a file are those of the ratings; "" where nothing does. Both are texts.

    >>> dense, gaps = pd.Series(map(str, range(1, 100))), pd.Series(["5", "79", "116", "264"])
    >>> evidence_of_ids(pd.Series(["3", "7", "9", "20"]), dense), evidence_of_ids(gaps, gaps)
    ('', 'gaps')
    >>> evidence_of_ids(pd.Series(["01"]), pd.Series(["01", "02"])), evidence_of_ids(gaps, dense)
    ('letters', '')
    """
    ids = file_ids.dropna().drop_duplicates()
    known = film_ids.drop_duplicates()
    hits = ids.isin(known).to_numpy()
    if not hits.any():
        return ""
    plain = are_plain(ids)
    if (hits & ~plain).sum() * 2 >= hits.sum():
        return "letters"
    numbers = ids[plain].astype("int64").to_numpy()
    taken = np.sort(known[are_plain(known)].astype("int64").to_numpy())
    around = np.searchsorted(taken, numbers + NEIGHBOURS, "right") - np.searchsorted(
        taken, numbers - NEIGHBOURS
    )
    # Laplace's rule, the id itself not counted.
    chance = (around - hits[plain] + 1) / (2 * NEIGHBOURS + 2)
    ratio = np.where(hits[plain], np.log(HITS / chance), np.log((1 - HITS) / (1 - chance)))
    return "gaps" if ratio.sum() >= ENOUGH else ""


def are_plain(ids: pd.Series) -> np.ndarray:
    """Return whether each id is a plain number, as every data set has them; none is missing."""
    return np.fromiter((bool(_PLAIN.fullmatch(text)) for text in ids), bool, len(ids))
