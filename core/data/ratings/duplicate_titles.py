"""Films of equal titles -> one film where the data set lists films twice, else films with titles of their own.

Two ids are two films. They are one only where the layout says that its data set lists films twice, as MovieLens 100K
does: then equal titles (with their year) are one film, which keeps its first id. Films that stay apart get their
year, if it is known from elsewhere, else their id behind the title, as in "Emma (1996) [id 838]".
"""

import numpy as np
import pandas as pd

from core.data.reading_notes import Merged

LISTED_TWICE = "the data set lists this film under several ids"


def one_film_a_title(films: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, list[Merged]]:
    """Return the films with equal titles merged, for each row of `films` its row in the result, and what was merged.

    The result has the new column `other_ids`, a tuple of the further ids of each film. A film without a title is
    never merged. Films stay in their order.
    """
    # A missing title is a group of its own.
    key = films["title"].where(films["title"].notna(), "\0" + films["film_id"])
    group, _ = pd.factorize(key)
    first = ~pd.Series(group).duplicated().to_numpy()
    others: list[list[str]] = [[] for _ in range(first.sum())]
    for row in np.flatnonzero(~first):
        others[group[row]].append(films["film_id"].iloc[row])
    # What the first row of a film lacks is taken from the next.
    merged = films.groupby(group).first().reset_index(drop=True).astype({"year": "Int16"})
    ids = zip(merged["film_id"], others, strict=True)
    notes = [Merged(kept, tuple(further), LISTED_TWICE) for kept, further in ids if further]
    return merged.assign(other_ids=[tuple(further) for further in others]), group.astype(np.int32), notes


def unique_titles(films: pd.DataFrame) -> pd.Series:
    """Return titles of which no two are equal; a film without a title is called "Film <id>".

    >>> films = pd.DataFrame({"film_id": ["7", "8", "9", "01"], "title": ["Kong", "Kong", "Kong", None]})
    >>> unique_titles(films.assign(year=pd.array([1933, 1976, 1976, 2005], dtype="Int16"))).tolist()
    ['Kong (1933)', 'Kong (1976) [id 8]', 'Kong (1976) [id 9]', 'Film 01']
    """
    title = films["title"].astype("str").fillna("Film " + films["film_id"])
    year = (" (" + films["year"].astype("str") + ")").fillna("")
    has_year = title.str[-7:] == year
    title = title.where(~title.duplicated(keep=False) | films["title"].isna() | has_year, title + year)
    # A title that was made may equal one of the file, so that another round is needed.
    while (equal := title.duplicated(keep=False)).any():
        title = title.where(~equal, title + " [id " + films["film_id"] + "]")
    return title
