"""How a file calls its films -> the films of the ratings, by their ids, by IMDb's or by title."""

import numpy as np
import pandas as pd

from core.data.reviews.matching.imdb_ids import film_ids
from core.data.reviews.matching.titles import keys
from core.errors import DataNotFound
from core.progress import Report
from core.store import Store

BY_ID, BY_IMDB_ID, EXACT = "film id of the file", "IMDb id of the file", "title"
YEAR = "title and year"
YEAR_OFF = "title, year off by one: a guess"
ALONE = "title without a year: a guess"
MOST_CONTRADICTED, FEW_CONTRADICTED = 0.1, 3
"""Share of the film ids beside another film's title beyond which they are of other ratings; fewer than so many are
slips, unless it is several and all of them."""
_YEAR = r"\((\d{4})\)\s*$"


def films_of(
    called: pd.DataFrame, films: pd.DataFrame, store: Store, report: Report
) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each name's film among the films, -1 where there is none, and by what it was found ("").

    `called` has those columns of FILM, and `year`, that the file has, as text; the strongest that finds a film
    counts. Film ids that say another film than the titles beside them, more often than by a slip, are those of
    other ratings and are left aside. Raises DataNotFound where IMDb's list is needed and cannot be had.
    """
    film = pd.Series(pd.NA, index=called.index, dtype=object)
    nowhere = pd.Series("", index=called.index, dtype="str")
    titled, by = _by_title(called, films) if "title" in called else (film, nowhere)
    if "film_id" in called:
        given = _by_id(called, films)
        both = given.notna() & by.isin((EXACT, YEAR))
        wrong = (given[both] != titled[both]).sum()
        if wrong <= max(1, MOST_CONTRADICTED * both.sum()) or wrong < min(FEW_CONTRADICTED, both.sum()):
            film = given
    how = nowhere.mask(film.notna(), BY_ID)
    if "imdb_id" in called and film.isna().any():
        given = _by_imdb_id(called, films, store, report)
        how = how.mask(film.isna() & given.notna(), BY_IMDB_ID)
        film = film.fillna(given)
    how = how.mask(film.isna() & titled.notna(), by)
    film = film.fillna(titled)
    place = np.full(len(called), -1)
    # Ids found go back to the kind of the film table, from the kind that may be missing.
    ids = film.dropna().astype(films["film_id"].dtype)
    place[film.notna()] = pd.Index(films["film_id"]).get_indexer(pd.Index(ids))
    return place, how.to_numpy(dtype=object)


def _by_id(called: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Return the film of each row by its id in the ratings, or that of another listing of the film there."""
    others = films.assign(other=films["other_ids"].str.split()).explode("other").dropna(subset=["other"])
    by_text = pd.Series(
        [*films["film_id"], *others["film_id"]],
        index=[*films["film_id"].astype("str"), *others["other"]],
        dtype=object,
    )
    return called["film_id"].str.strip().str.removesuffix(".0").map(by_text).astype(object)


def _by_imdb_id(called: pd.DataFrame, films: pd.DataFrame, store: Store, report: Report) -> pd.Series:
    """Return the film of each row by its IMDb id, which is looked for where the ratings do not give it."""
    try:
        known = film_ids(films, store, report)
    except DataNotFound:
        if "title" not in called:
            raise
        known = films
    known = known.dropna(subset=["imdb_id"])
    digits = pd.Series(
        known["film_id"].to_numpy(dtype=object),
        index=known["imdb_id"].astype("str").str.removeprefix("tt").str.zfill(8),
    )
    given = called["imdb_id"].str.extract(r"(\d{1,9})", expand=False).str.zfill(8)
    return given.map(digits[~digits.index.duplicated()]).astype(object)


def _by_title(called: pd.DataFrame, films: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the film of each title, and by what it was found: the exact title, else its name and year.

    A year that is off by one, or that is told on one side alone, makes it a guess; a name that is left with several
    films finds none.
    """
    ids = films["film_id"].to_numpy(dtype=object)
    exact = called["title"].str.strip().map(pd.Series(ids, index=films["title"])).astype(object)
    told = called["title"].str.extract(_YEAR)[0]
    year = pd.to_numeric(told.fillna(called["year"]) if "year" in called else told, errors="coerce")
    theirs = pd.DataFrame({"row": called.index, "key": called["title"].fillna("").map(keys), "year": year})
    ours = pd.DataFrame(
        {"film": ids, "key": films["title"].map(keys), "own": films["year"].astype("Float64").to_numpy()}
    )
    pairs = (
        theirs.explode("key")
        .dropna(subset=["key"])
        .merge(ours.explode("key").dropna(subset=["key"]), on="key")
    )
    pairs["off"] = (pairs["year"] - pairs["own"]).abs().astype("Float64")
    pairs = pairs[~(pairs["off"] > 1).fillna(False)].sort_values(["row", "off"])
    pairs = pairs.drop_duplicates(["row", "film"])
    # Where one has the very year, those that are off by one are no rivals.
    pairs = pairs[pairs["off"].fillna(2) == pairs.groupby("row")["off"].transform("min").fillna(2)]
    sole = pairs[~pairs["row"].duplicated(keep=False)].set_index("row")
    how = sole["off"].map({0.0: YEAR, 1.0: YEAR_OFF}).fillna(ALONE).astype("str")
    by = pd.Series(EXACT, called.index).where(exact.notna(), how.reindex(called.index))
    return exact.fillna(sole["film"].reindex(called.index).astype(object)), by
