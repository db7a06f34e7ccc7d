"""Film names of a file -> films of the ratings: by their ids, by IMDb ids or by title.

Film ids are compared to the letter. Whether they are those of the ratings is told by the titles beside them; where
there are none, by `numbering`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.layouts.values import years
from core.data.ratings.checks import IMDB_ID
from core.data.reviews.matching.imdb_ids import film_ids
from core.data.reviews.matching.title_matching import keys
from core.data.reviews.sources.user_file.numbering import are_plain, evidence_of_ids
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
CONFLICT = "the film ids are not read: the titles beside them are those of other films in the ratings"
BY_ID_ALONE = "only film ids link the reviews to films; no title confirms them"
NOT_SHOWN = (
    "the film ids are not read: they are plain numbers, and nothing shows that they are those of the ratings"
)
NUMBERS = "the film ids are plain numbers, and may be those of other ratings"
DOTS = "the film ids end in “.0”, unlike those of the ratings, and so match none; write them as whole numbers"
_YEAR = r"\(([0-9]{4})\)\s*$"


@dataclass(frozen=True)
class JoinedNames:
    """The names of a file, joined to the films of some ratings."""

    film: np.ndarray
    """Of each name, its film's row, -1 where there is none."""
    method: np.ndarray
    """Of each name, the match method, "" where there is none."""
    warnings: tuple[str, ...] = ()
    ids_unproven: bool = False
    """Whether film ids are not read, since nothing shows that they are those of the ratings."""


def films_of(
    file_names: pd.DataFrame, films: pd.DataFrame, same_ids: bool, store: Store, report: Report
) -> JoinedNames:
    """Return the film of each name of a file.

    `file_names` has those columns of NAMES, and `year`, that the file has, as text; the strongest that matches
    counts. `same_ids`: the user says that film ids are those of the ratings. Raises DataNotFound where IMDb's titles
    are needed and not available.
    """
    if not same_ids:
        file_names = _titles_for_ids(file_names, films)
    film = pd.Series(pd.NA, index=file_names.index, dtype=object)
    no_method = pd.Series("", index=file_names.index, dtype="str")
    titled, title_method = _by_title(file_names, films) if "title" in file_names else (film, no_method)
    warnings: list[str] = []
    unproven = False
    if "film_id" in file_names:
        given = _by_id(file_names, films)
        both = given.notna() & title_method.isin((EXACT, YEAR))
        conflicts = int((given[both] != titled[both]).sum())
        if not given.notna().any():
            warnings += [DOTS] if _dots(file_names["film_id"], films) else []
        elif both.any():
            agree = conflicts <= max(1, MAX_CONFLICT_SHARE * both.sum()) or conflicts < min(
                MIN_CONFLICTS, both.sum()
            )
            film = given if agree else film
            warnings += [] if agree else [CONFLICT]
        else:
            evidence = evidence_of_ids(file_names["film_id"], _all_ids(films).index.to_series())
            unproven = not (evidence or same_ids)
            film = film if unproven else given
            warnings += [] if evidence == "letters" else [NOT_SHOWN if unproven else BY_ID_ALONE]
    match_method = no_method.mask(film.notna(), BY_ID)
    imdb_ids = imdb_ids_in(file_names)
    if imdb_ids.notna().any() and film.isna().any():
        given = _by_imdb_id(imdb_ids, films, "title" in file_names, store, report)
        match_method = match_method.mask(film.isna() & given.notna(), BY_IMDB_ID)
        film = film.fillna(given)
    match_method = match_method.mask(film.isna() & titled.notna(), title_method)
    film = film.fillna(titled)
    rows = np.full(len(file_names), -1)
    # Matched ids get the type of the film table back, from the nullable one.
    ids = film.dropna().astype(films["film_id"].dtype)
    rows[film.notna()] = pd.Index(films["film_id"]).get_indexer(pd.Index(ids))
    return JoinedNames(rows, match_method.to_numpy(dtype=object), tuple(warnings), unproven)


def imdb_ids_in(file_names: pd.DataFrame) -> pd.Series:
    """Return the digits of each name's IMDb id, which may be its film id; missing where it has none."""
    ids = pd.Series(pd.NA, index=file_names.index, dtype="str")
    if "imdb_id" in file_names:
        # Also as a number, or within an address.
        ids = file_names["imdb_id"].str.extract(rf"(?:^\D*|{IMDB_ID[:2]})(\d{{1,9}})(?!\d)", expand=False)
    if "film_id" in file_names:
        ids = ids.fillna(file_names["film_id"].str.extract(rf"^(?:{IMDB_ID[:2]})(\d{{7,9}})$", expand=False))
    return ids.str.zfill(8)


def numbers_alone(file_names: pd.DataFrame) -> bool:
    """Return whether plain numbers are all that says which films are meant."""
    if "film_id" not in file_names or {"title", "imdb_id"} & set(file_names.columns):
        return False
    ids = file_names["film_id"].dropna()
    return bool(are_plain(ids).sum() * 2 > len(ids))


def _titles_for_ids(file_names: pd.DataFrame, films: pd.DataFrame) -> pd.DataFrame:
    """Return the names with their film ids as titles where they are those of the ratings, such as 1917 and 300."""
    if "film_id" not in file_names or "title" in file_names:
        return file_names
    as_titles = file_names.rename(columns={"film_id": "title"})
    titled = _by_title(as_titles, films)[0]
    given = _by_id(file_names, films)
    found = titled.notna()
    words = found & ~file_names["film_id"].str.fullmatch(r"\d+", na=True)
    more = found.sum() > (given.notna() & (given != titled)).sum()
    return as_titles if more and (words.any() or found.sum() * 2 > titled.size) else file_names


def _all_ids(films: pd.DataFrame) -> pd.Series:
    """Return the film of each id as text, with the further ids of merged films."""
    others = films.explode("other_ids").dropna(subset=["other_ids"])
    return pd.Series(
        [*films["film_id"], *others["film_id"]], index=[*films["film_id"], *others["other_ids"]], dtype=object
    )


def _by_id(file_names: pd.DataFrame, films: pd.DataFrame) -> pd.Series:
    """Return the film of each row by its id in the ratings, or by a further id of a merged film."""
    return file_names["film_id"].map(_all_ids(films)).astype(object)


def _dots(file_ids: pd.Series, films: pd.DataFrame) -> bool:
    """Return whether a program that took ids for numbers wrote ".0" behind them."""
    return bool(file_ids[file_ids.str.endswith(".0", na=False)].str[:-2].isin(_all_ids(films).index).any())


def _by_imdb_id(
    imdb_ids: pd.Series, films: pd.DataFrame, are_titled: bool, store: Store, report: Report
) -> pd.Series:
    """Return the film of each row by its IMDb id, matched by title where the ratings have none."""
    try:
        known = film_ids(films, store, report)
    except DataNotFound:
        if not are_titled:
            raise
        known = films
    known = known.dropna(subset=["imdb_id"])
    digits = pd.Series(
        known["film_id"].to_numpy(dtype=object),
        index=known["imdb_id"].astype("str").str.removeprefix("tt").str.zfill(8),
    )
    return imdb_ids.map(digits[~digits.index.duplicated()]).astype(object)


def _by_title(file_names: pd.DataFrame, films: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the film of each title, and the match method: the exact title, else name and year.

    Years of both sides are at most one apart. It is a guess where they differ or only one side has a year; an
    ambiguous name has no match.
    """
    ids = films["film_id"].to_numpy(dtype=object)
    year = _years(file_names)
    film_years = _years(films)
    row = file_names["title"].str.strip().map(pd.Series(range(len(films)), index=films["title"]))
    years_apart = (year - row.map(film_years.reset_index(drop=True))).abs()
    row = row[row.notna() & ~(years_apart > 0).fillna(False)].astype(int)
    exact = pd.Series(ids[row], index=row.index, dtype=object).reindex(file_names.index)
    file_keys = pd.DataFrame(
        {"row": file_names.index, "key": file_names["title"].fillna("").map(keys), "year": year}
    )
    film_keys = pd.DataFrame(
        {"film": ids, "key": films["title"].map(keys), "film_year": film_years.to_numpy()}
    )
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


def _years(named: pd.DataFrame) -> pd.Series:
    """Return the years of films: that in the title, else that of the column; Float64, missing where there is none."""
    year = years(named["title"].str.extract(_YEAR)[0])
    return (year.fillna(years(named["year"])) if "year" in named else year).astype("Float64")
