"""Each film's IMDb id: from the user's corrections, from the ratings, else matched by title and year.

Films without a match in title.basics are searched by cinemagoer.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from core.data.datasets.find import find, on_this_machine
from core.data.reviews.matching import cinemagoer
from core.data.reviews.matching.corrections import corrections_of
from core.data.reviews.matching.imdb_titles import (
    film_titles,
    index_name,
    titles_named,
    titles_of,
    titles_of_ids,
)
from core.data.reviews.matching.title_matching import match_films
from core.errors import DataNotFound
from core.progress import Report, silent
from core.store import Store, digest_of

VERSION = "3"
"""Changes when the same films and titles would give other ids."""

CORRECTED = "corrected by you"
GIVEN = "IMDb id of the ratings"
MATCH_METHODS = {
    "exact year": "title and year",
    "within one year": "title, year off by one: a guess",
    "one of several": "title and year, one of several such titles: a guess",
    "cinemagoer, exact year": "cinemagoer: another title of it, and year",
    "cinemagoer, within one year": "cinemagoer: another title of it, year off by one: a guess",
    "cinemagoer, one of several": "cinemagoer: another title of it, one of several such: a guess",
}
NOT_IN_IMDB = "you said that it is not on IMDb"
NO_YEAR = "its year is not known, so its IMDb title cannot be found"
CLAIMED = "another film claims the one IMDb title of its name and year"
NO_TITLE = "no IMDb title has its name and year"


def film_ids(films: pd.DataFrame, store: Store, report: Report) -> pd.DataFrame:
    """Return a row a film: film_id, imdb_id (may be missing), how (the match method, "" where there is none) and
    reason (why there is no id, "" where there is one).

    title.basics is needed only where some film has no id, and matched once for the same films. Raises DataNotFound
    where it is not available, BadInput where it or the file of corrections is damaged.
    """
    ids = _given_ids(films, store)
    unknown = films[(ids["how"] + ids["reason"] == "").to_numpy()]
    if unknown.empty:
        return ids
    path = find("title-basics", store, report)
    taken = ids["imdb_id"].dropna()

    def build(folder: Path) -> None:
        _matched(unknown, taken, path, store, report).to_parquet(folder / "film_ids.parquet", index=False)

    rows = unknown[["film_id", "title", "year"]].astype("str").fillna("").values.tolist()
    inputs = {"films": rows, "taken": sorted(taken), "titles": _inputs(path, store)}
    matched = pd.read_parquet(store.artifact("film ids", VERSION, inputs, build) / "film_ids.parquet")
    columns = ["imdb_id", "how", "reason"]
    ids.loc[ids["film_id"].isin(unknown["film_id"]), columns] = matched[columns].to_numpy()
    return ids


def matches_by_id(films: pd.DataFrame, store: Store, report: Report) -> pd.DataFrame:
    """Return `film_ids` for a source that joins by IMDb id: of two films with the same id, only one is matched.

    That is the one that the user corrected, else the first.
    """
    ids = film_ids(films, store, report)
    corrected_first = ids.sort_values("how", key=lambda methods: methods != CORRECTED, kind="stable")
    second = ids["imdb_id"].notna() & corrected_first["imdb_id"].duplicated()
    return ids.assign(
        how=ids["how"].mask(second, ""),
        reason=ids["reason"].mask(second, "another film has the same IMDb id"),
    )


def titles_index_name(store: Store) -> str | None:
    """Return the name of the index of IMDb's titles; None where title.basics is not here or not indexed yet."""
    basics = on_this_machine("title-basics", store)
    return index_name(basics, store) if basics else None


def names_of_ids(imdb_ids: pd.Series, store: Store) -> dict[str, str]:
    """Return IMDb id -> title, as in "Emma (1996)", of the ids in the index; empty where there is no index yet."""
    if titles_index_name(store) is None:
        return {}
    titles = titles_of_ids(imdb_ids, film_titles(find("title-basics", store, silent), store, silent))
    return {row.imdb_id: f"{row.title} ({row.year})" for row in titles.itertuples()}


def candidates(title: str, store: Store, report: Report) -> pd.DataFrame:
    """Return IMDb's titles of a film's name, of any year: imdb_id, kind, title, original, year.

    Raises DataNotFound where title.basics is not available, BadInput where it is damaged.
    """
    return titles_named(title, film_titles(find("title-basics", store, report), store, report))


def titles_digest(films: pd.DataFrame, store: Store) -> str:
    """Return the SHA-256 of all inputs of `film_ids` for these films, fetched first where need be."""
    ids = _given_ids(films, store)
    corrected = corrections_of(films, store).astype("str").fillna("").values.tolist()
    inputs: dict[str, Any] = {"corrections": corrected}
    if (ids["how"] + ids["reason"] == "").any():
        try:
            inputs["titles"] = _inputs(find("title-basics", store, silent), store)
        except DataNotFound:
            inputs["titles"] = "not to be had"
        inputs["version"] = VERSION
    elif not corrected:
        return "not needed"
    return digest_of(inputs)


def _given_ids(films: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Return the rows of `film_ids`, filled in where a correction or the ratings give the id."""
    given = pd.DataFrame(
        {
            "film_id": films["film_id"],
            "imdb_id": films["imdb_id"].astype("str"),
            "how": films["imdb_id"].notna().map({True: GIVEN, False: ""}).astype("str"),
            "reason": "",
        }
    )
    corrected = corrections_of(films, store).set_index("film_id")["imdb_id"]
    is_corrected = given["film_id"].isin(corrected.index)
    ids = given["film_id"].map(corrected).astype("str")
    return given.assign(
        imdb_id=given["imdb_id"].mask(is_corrected, ids),
        how=given["how"].mask(is_corrected & ids.notna(), CORRECTED).mask(is_corrected & ids.isna(), ""),
        reason=given["reason"].mask(is_corrected & ids.isna(), NOT_IN_IMDB),
    )


def _inputs(basics: Path, store: Store) -> dict[str, str | None]:
    """Return all inputs of the matching beside the films: IMDb's titles, and cinemagoer with its files."""
    version = cinemagoer.version()
    akas = on_this_machine("title-akas", store) if version else None
    return {
        "basics": store.file_digest(basics),
        "cinemagoer": version,
        "akas": store.file_digest(akas) if akas else None,
    }


def _matched(
    films: pd.DataFrame, taken: pd.Series, basics: Path, store: Store, report: Report
) -> pd.DataFrame:
    """Return imdb_id, how and reason of films without a given id, in their order; `taken` are the ids of others."""
    titles = titles_of(films, film_titles(basics, store, report))
    matched = match_films(films, titles[~titles["imdb_id"].isin(taken)])
    unmatched = films[~films["film_id"].isin(matched["film_id"])]
    taken = pd.concat([taken, matched["imdb_id"]])
    second = cinemagoer.search(unmatched.dropna(subset=["year"]), taken, basics, store, report)
    matched = pd.concat([matched, second])
    unmatched = unmatched[~unmatched["film_id"].isin(second["film_id"])]
    # A film that has a match only when other films are ignored has its title claimed by one of them.
    claimed = set(match_films(unmatched, titles)["film_id"])
    rows = films[["film_id", "year"]].merge(matched, on="film_id", how="left")
    reason = rows["film_id"].map(lambda film: CLAIMED if film in claimed else NO_TITLE)
    return pd.DataFrame(
        {
            "imdb_id": rows["imdb_id"].astype("str"),
            "how": rows["how"].map(MATCH_METHODS).fillna("").astype("str"),
            "reason": reason.mask(rows["year"].isna(), NO_YEAR).mask(rows["imdb_id"].notna(), ""),
        }
    )
