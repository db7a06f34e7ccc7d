"""Each film's IMDb id: the user's word, the one that the ratings bring, else by title and year.

What title.basics does not give by our own rule is asked of cinemagoer, where that is installed.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from core.data.datasets.find import find, on_this_machine
from core.data.reviews.matching import cinemagoer
from core.data.reviews.matching.corrections import corrections_of
from core.data.reviews.matching.imdb_titles import (
    film_titles,
    read_before,
    titles_named,
    titles_of,
    titles_of_ids,
)
from core.data.reviews.matching.titles import match_films
from core.errors import DataNotFound
from core.progress import Report, silent
from core.store import Store, digest_of

VERSION = "3"
"""Changes when the same films and titles would give other ids."""

CORRECTED = "corrected by you"
GIVEN = "IMDb id of the ratings"
HOW = {
    "exact year": "title and year",
    "within one year": "title, year off by one: a guess",
    "one of several": "title and year, one of several such titles: a guess",
    "cinemagoer, exact year": "cinemagoer: another title of it, and year",
    "cinemagoer, within one year": "cinemagoer: another title of it, year off by one: a guess",
    "cinemagoer, one of several": "cinemagoer: another title of it, one of several such: a guess",
}
NONE_OF_THEM = "you said that it is none of IMDb's"
NO_YEAR = "its year is not known, so its IMDb title cannot be found"
CLAIMED = "another film claims the one IMDb title of its name and year"
NO_TITLE = "no title of IMDb's has its name and year"


def film_ids(films: pd.DataFrame, store: Store, report: Report) -> pd.DataFrame:
    """Return a row a film: film_id, imdb_id (may be missing), how ("" where missing) and reason ("" where found).

    title.basics is looked for only where some film has no id, and searched once for the same films. Raises
    DataNotFound where it cannot be had, BadInput where it or the file of corrections is damaged.
    """
    found = _told(films, store)
    unknown = films[(found["how"] + found["reason"] == "").to_numpy()]
    if unknown.empty:
        return found
    path = find("title-basics", store, report)
    taken = found["imdb_id"].dropna()

    def build(folder: Path) -> None:
        _matched(unknown, taken, path, store, report).to_parquet(folder / "film_ids.parquet", index=False)

    rows = unknown[["film_id", "title", "year"]].astype("str").fillna("").values.tolist()
    inputs = {"films": rows, "taken": sorted(taken), "titles": _inputs(path, store)}
    matched = pd.read_parquet(store.artifact("film ids", VERSION, inputs, build) / "film_ids.parquet")
    columns = ["imdb_id", "how", "reason"]
    found.loc[found["film_id"].isin(unknown["film_id"]), columns] = matched[columns].to_numpy()
    return found


def matches_by_id(films: pd.DataFrame, store: Store, report: Report) -> pd.DataFrame:
    """Return `film_ids` for a source that goes by IMDb ids: of two films with one id, one has it.

    That is the one of which the user says so, else the first.
    """
    known = film_ids(films, store, report)
    corrected_first = known.sort_values("how", key=lambda how: how != CORRECTED, kind="stable")
    second = known["imdb_id"].notna() & corrected_first["imdb_id"].duplicated()
    how = known["how"].mask(second, "")
    return known.assign(how=how, reason=known["reason"].mask(second, "another film has the same IMDb id"))


def titles_read(store: Store) -> str | None:
    """Return the name of what was read of IMDb's titles before; None where they are not here or not read yet."""
    basics = on_this_machine("title-basics", store)
    return read_before(basics, store) if basics else None


def names_of_ids(imdb_ids: pd.Series, store: Store) -> dict[str, str]:
    """Return what IMDb calls these ids, as in "Emma (1996)"; none that is not in the list that was read before."""
    if titles_read(store) is None:
        return {}
    found = titles_of_ids(imdb_ids, film_titles(find("title-basics", store, silent), store, silent))
    return {row.imdb_id: f"{row.title} ({row.year})" for row in found.itertuples()}


def candidates(title: str, store: Store, report: Report) -> pd.DataFrame:
    """Return IMDb's titles of a film's name, whatever their year: imdb_id, kind, title, original, year.

    Raises DataNotFound where title.basics cannot be had, BadInput where it is damaged.
    """
    return titles_named(title, film_titles(find("title-basics", store, report), store, report))


def titles_digest(films: pd.DataFrame, store: Store) -> str:
    """Return the SHA-256 of what `film_ids` would read for these films, fetched first where need be."""
    told = _told(films, store)
    corrected = corrections_of(films, store).astype("str").fillna("").values.tolist()
    inputs: dict[str, Any] = {"corrections": corrected}
    if (told["how"] + told["reason"] == "").any():
        try:
            inputs["titles"] = _inputs(find("title-basics", store, silent), store)
        except DataNotFound:
            inputs["titles"] = "not to be had"
        inputs["version"] = VERSION
    elif not corrected:
        return "not needed"
    return digest_of(inputs)


def _told(films: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Return the rows of `film_ids`, filled in where the user or the ratings say which film it is."""
    found = pd.DataFrame(
        {
            "film_id": films["film_id"],
            "imdb_id": films["imdb_id"].astype("str"),
            "how": films["imdb_id"].notna().map({True: GIVEN, False: ""}).astype("str"),
            "reason": "",
        }
    )
    corrected = corrections_of(films, store).set_index("film_id")["imdb_id"]
    film = found["film_id"].isin(corrected.index)
    ids = found["film_id"].map(corrected).astype("str")
    return found.assign(
        imdb_id=found["imdb_id"].mask(film, ids),
        how=found["how"].mask(film & ids.notna(), CORRECTED).mask(film & ids.isna(), ""),
        reason=found["reason"].mask(film & ids.isna(), NONE_OF_THEM),
    )


def _inputs(basics: Path, store: Store) -> dict[str, str | None]:
    """Return all that decides ids beside the films: IMDb's titles, and cinemagoer with what it reads."""
    second = cinemagoer.version()
    akas = on_this_machine("title-akas", store) if second else None
    return {
        "basics": store.file_digest(basics),
        "cinemagoer": second,
        "akas": store.file_digest(akas) if akas else None,
    }


def _matched(
    films: pd.DataFrame, taken: pd.Series, basics: Path, store: Store, report: Report
) -> pd.DataFrame:
    """Return imdb_id, how and reason of films that nobody told of, in their order; `taken` are ids of others."""
    titles = titles_of(films, film_titles(basics, store, report))
    matched = match_films(films, titles[~titles["imdb_id"].isin(taken)])
    left = films[~films["film_id"].isin(matched["film_id"])]
    taken = pd.concat([taken, matched["imdb_id"]])
    second = cinemagoer.search(left.dropna(subset=["year"]), taken, basics, store, report)
    matched = pd.concat([matched, second])
    left = left[~left["film_id"].isin(second["film_id"])]
    # What finds a title only where no other film is in the way, has its title claimed.
    claimed = set(match_films(left, titles)["film_id"])
    rows = films[["film_id", "year"]].merge(matched, on="film_id", how="left")
    reason = rows["film_id"].map(lambda film: CLAIMED if film in claimed else NO_TITLE)
    return pd.DataFrame(
        {
            "imdb_id": rows["imdb_id"].astype("str"),
            "how": rows["how"].map(HOW).fillna("").astype("str"),
            "reason": reason.mask(rows["year"].isna(), NO_YEAR).mask(rows["imdb_id"].notna(), ""),
        }
    )
