"""How a file calls its films -> the films of the ratings, by their ids, by IMDb's or by title."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from core.errors import DataNotFound
from core.progress import Report
from core.reviews.film_ids import film_ids
from core.reviews.matching import names
from core.reviews.own_file.rows import FILM
from core.store import Store

HOW = {"film_id": "film id of the file", "imdb_id": "IMDb id of the file", "title": "title"}
_YEAR = r"\((\d{4})\)\s*$"


def films_of(
    called: pd.DataFrame, films: pd.DataFrame, store: Store, report: Report
) -> tuple[np.ndarray, np.ndarray]:
    """Give the place of each name's film among the films, -1 where there is none, and by what it was found ("").

    `called` has those columns of FILM that the file has, as text; the strongest that finds a film counts. Titles
    match exactly first, then by normalised name and year, or by the name alone where the file gives no year and one
    film alone bears it. Raises DataNotFound where IMDb's list is needed and cannot be had.
    """
    film = pd.Series(pd.NA, index=called.index, dtype=object)
    how = pd.Series("", index=called.index, dtype="str")
    finders: dict[str, Callable[[pd.DataFrame, pd.DataFrame], pd.Series]] = {
        "film_id": _by_id,
        "imdb_id": partial(_by_imdb_id, store=store, report=report),
        "title": _by_title,
    }
    for name in FILM:
        if name in called and film.isna().any():
            found = film.isna() & (more := finders[name](called, films)).notna()
            film, how = film.where(~found, more), how.where(~found, HOW[name])
    place = np.full(len(called), -1)
    # Ids found go back to the kind of the film table, from the kind that may be missing.
    ids = film.dropna().astype(films["film_id"].dtype)
    place[film.notna()] = pd.Index(films["film_id"]).get_indexer(pd.Index(ids))
    return place, how.to_numpy(dtype=object)


def _by_id(called: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Give the film of each row by its id in the ratings, or that of another listing of the film there."""
    others = films.assign(other=films["other_ids"].str.split()).explode("other").dropna(subset=["other"])
    by_text = pd.Series(
        [*films["film_id"], *others["film_id"]],
        index=[*films["film_id"].astype("str"), *others["other"]],
        dtype=object,
    )
    return called["film_id"].str.strip().str.removesuffix(".0").map(by_text).astype(object)


def _by_imdb_id(called: pd.DataFrame, films: pd.DataFrame, store: Store, report: Report) -> pd.Series:
    """Give the film of each row by its IMDb id, which is looked for where the ratings do not give it."""
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


def _by_title(called: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Give the film of each title: exact, else normalised name and year, else the name alone."""
    titles = called["title"]
    ids = films["film_id"].to_numpy(dtype=object)
    film = titles.str.strip().map(pd.Series(ids, index=films["title"])).astype(object)
    ours = pd.DataFrame(
        {"film": ids, "name": films["title"].map(names), "year": films["year"].astype("Float64")}
    )
    ours = ours.explode("name").dropna(subset=["name"])
    distinct = pd.Series(titles.dropna().unique())
    theirs = pd.DataFrame(
        {
            "title": distinct,
            "name": distinct.map(names).str[0],
            "year": pd.to_numeric(distinct.str.extract(_YEAR)[0]).astype("Float64"),
        }
    ).dropna(subset=["name"])
    dated = theirs.dropna(subset=["year"]).merge(ours.dropna(subset=["year"]), on=["name", "year"])
    undated = theirs[theirs["year"].isna()].merge(ours, on="name")
    pairs = pd.concat([dated, undated]).drop_duplicates(["title", "film"])
    sole = pairs[~pairs["title"].duplicated(keep=False)]
    return film.fillna(titles.map(sole.set_index("title")["film"].astype(object)))
