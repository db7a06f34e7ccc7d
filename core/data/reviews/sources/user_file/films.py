"""Film names of a file -> films of the ratings: by their ids, by IMDb ids or by title."""

import numpy as np
import pandas as pd

from core.data.reviews.matching.imdb_ids import film_ids
from core.data.reviews.matching.title_matching import keys
from core.errors import DataNotFound
from core.progress import Report
from core.store import Store

BY_ID, BY_IMDB_ID, EXACT = "film id of the file", "IMDb id of the file", "title"
YEAR = "title and year"
YEAR_OFF = "title, year off by one: a guess"
ALONE = "title without a year: a guess"
MAX_CONFLICT_SHARE, MIN_CONFLICTS = 0.1, 3
"""Share of film ids in conflict with their titles above which the ids belong to other ratings; fewer conflicts are
mistakes, unless several ids are all in conflict."""
_YEAR = r"\((\d{4})\)\s*$"


def films_of(
    file_names: pd.DataFrame, films: pd.DataFrame, store: Store, report: Report
) -> tuple[np.ndarray, np.ndarray]:
    """Return each name's row in `films`, -1 where there is none, and its match method, "" where there is none.

    `file_names` has those columns of FILM, and `year`, that the file has, as text; the strongest that matches
    counts. Film ids that conflict with the titles beside them too often belong to other ratings and are ignored.
    Raises DataNotFound where IMDb's titles are needed and not available.
    """
    film = pd.Series(pd.NA, index=file_names.index, dtype=object)
    no_method = pd.Series("", index=file_names.index, dtype="str")
    titled, title_method = _by_title(file_names, films) if "title" in file_names else (film, no_method)
    if "film_id" in file_names:
        given = _by_id(file_names, films)
        both = given.notna() & title_method.isin((EXACT, YEAR))
        conflicts = (given[both] != titled[both]).sum()
        if conflicts <= max(1, MAX_CONFLICT_SHARE * both.sum()) or conflicts < min(MIN_CONFLICTS, both.sum()):
            film = given
    match_method = no_method.mask(film.notna(), BY_ID)
    if "imdb_id" in file_names and film.isna().any():
        given = _by_imdb_id(file_names, films, store, report)
        match_method = match_method.mask(film.isna() & given.notna(), BY_IMDB_ID)
        film = film.fillna(given)
    match_method = match_method.mask(film.isna() & titled.notna(), title_method)
    film = film.fillna(titled)
    rows = np.full(len(file_names), -1)
    # Matched ids get the type of the film table back, from the nullable one.
    ids = film.dropna().astype(films["film_id"].dtype)
    rows[film.notna()] = pd.Index(films["film_id"]).get_indexer(pd.Index(ids))
    return rows, match_method.to_numpy(dtype=object)


def _by_id(file_names: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Return the film of each row by its id in the ratings, or by a further id of a merged film."""
    others = films.assign(other=films["other_ids"].str.split()).explode("other").dropna(subset=["other"])
    by_text = pd.Series(
        [*films["film_id"], *others["film_id"]],
        index=[*films["film_id"].astype("str"), *others["other"]],
        dtype=object,
    )
    return file_names["film_id"].str.strip().str.removesuffix(".0").map(by_text).astype(object)


def _by_imdb_id(file_names: pd.DataFrame, films: pd.DataFrame, store: Store, report: Report) -> pd.Series:
    """Return the film of each row by its IMDb id, matched by title where the ratings have none."""
    try:
        known = film_ids(films, store, report)
    except DataNotFound:
        if "title" not in file_names:
            raise
        known = films
    known = known.dropna(subset=["imdb_id"])
    digits = pd.Series(
        known["film_id"].to_numpy(dtype=object),
        index=known["imdb_id"].astype("str").str.removeprefix("tt").str.zfill(8),
    )
    given = file_names["imdb_id"].str.extract(r"(\d{1,9})", expand=False).str.zfill(8)
    return given.map(digits[~digits.index.duplicated()]).astype(object)


def _by_title(file_names: pd.DataFrame, films: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the film of each title, and the match method: the exact title, else name and year.

    It is a guess where years differ by one or only one side has a year; an ambiguous name has no match.
    """
    ids = films["film_id"].to_numpy(dtype=object)
    exact = file_names["title"].str.strip().map(pd.Series(ids, index=films["title"])).astype(object)
    title_year = file_names["title"].str.extract(_YEAR)[0]
    if "year" in file_names:
        title_year = title_year.fillna(file_names["year"])
    year = pd.to_numeric(title_year, errors="coerce")
    file_keys = pd.DataFrame(
        {"row": file_names.index, "key": file_names["title"].fillna("").map(keys), "year": year}
    )
    film_years = films["year"].astype("Float64").to_numpy()
    film_keys = pd.DataFrame({"film": ids, "key": films["title"].map(keys), "film_year": film_years})
    pairs = (
        file_keys.explode("key")
        .dropna(subset=["key"])
        .merge(film_keys.explode("key").dropna(subset=["key"]), on="key")
    )
    pairs["years_apart"] = (pairs["year"] - pairs["film_year"]).abs().astype("Float64")
    pairs = pairs[~(pairs["years_apart"] > 1).fillna(False)].sort_values(["row", "years_apart"])
    pairs = pairs.drop_duplicates(["row", "film"])
    # Where one film has the same year, films of other years are no candidates.
    pairs = pairs[
        pairs["years_apart"].fillna(2) == pairs.groupby("row")["years_apart"].transform("min").fillna(2)
    ]
    sole = pairs[~pairs["row"].duplicated(keep=False)].set_index("row")
    match_method = sole["years_apart"].map({0.0: YEAR, 1.0: YEAR_OFF}).fillna(ALONE).astype("str")
    by_title = sole["film"].reindex(file_names.index).astype(object)
    methods = pd.Series(EXACT, file_names.index).where(exact.notna(), match_method.reindex(file_names.index))
    return exact.fillna(by_title), methods
