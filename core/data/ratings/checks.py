"""Raw ratings -> validated, compact tables; the one place where ratings are refused.

Merging films of the same title is left to `duplicate_titles`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.ratings.duplicate_titles import disambiguate_titles
from core.data.reading_notes import ReadingNotes
from core.data.tables import Rows
from core.errors import BadInput

DEFAULT_SCALE = (0.0, 10.0)
"""Allowed ratings where the data set does not define a scale."""
CONTROL = r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+"
"""Control characters, and those that change the writing direction."""


@dataclass(frozen=True)
class RawRatings:
    """Ratings and films as read from a file, not validated."""

    ratings: Rows
    """Columns: `user`, `film` (as in `film_id`), `rating`, and `time` where known; in file order."""
    films: Rows
    """Columns: `film_id`, `title`, `year`, `imdb_id`, `genres`."""
    scale: tuple[float, float] | None
    """Lowest and highest rating of the data set; None where it does not define them."""
    equal_titles_are_one_film: bool = False
    """Whether the data set lists films twice, so that equal titles (with their year) are one film in spite of ids."""
    notes: ReadingNotes = ReadingNotes()
    """What was left out or assumed while the tables were read."""


@dataclass(frozen=True)
class CheckedRatings:
    """The fields of `Ratings` that come from the tables; see there."""

    table: pd.DataFrame
    films: pd.DataFrame
    user_ids: np.ndarray
    scale: tuple[float, float]


def check_ratings(raw: RawRatings) -> CheckedRatings:
    """Return the ratings as compact tables, films of the same title merged.

    Raises BadInput that names the first faulty line and the remedy.
    """
    frame = raw.ratings.frame
    if frame.empty:
        raise BadInput(f"{raw.ratings.name} has no ratings; add some")
    _check_values(raw)
    films = _check_films(raw.films)
    # No id is missing from here on, so nullable integers become plain ones.
    user_ids_of_rows, film_ids_of_rows = (
        ids.astype("int64") if ids.dtype == "Int64" else ids for ids in (frame["user"], frame["film"])
    )
    film = pd.Index(films["film_id"]).get_indexer(pd.Index(film_ids_of_rows)).astype(np.int32)
    _refuse(raw.ratings, film < 0, "film", f"is not in {raw.films.name}; add the film or delete the line")
    user, user_ids = pd.factorize(user_ids_of_rows, sort=True)
    key = user.astype(np.int64) * len(films) + film
    _check_repeats(raw.ratings, key)

    films, new_row = disambiguate_titles(films)
    table = pd.DataFrame(
        {"user": user.astype(np.int32), "film": new_row[film], "rating": frame["rating"].to_numpy(np.float32)}
    )
    if len(films) < len(new_row):
        time = frame.get("time", None)
        table = _keep_later(table, time)
    scale = raw.scale or (float(table["rating"].min()), float(table["rating"].max()))
    _check_variety(raw.ratings.name, table)
    return CheckedRatings(table, films, np.asarray(user_ids), scale)


def _check_values(raw: RawRatings) -> None:
    rows, frame = raw.ratings, raw.ratings.frame
    for column in ("user", "film", "rating"):
        missing = frame[column].isna().to_numpy()
        _refuse(rows, missing, column, "and it must not be; fill it in or delete the line")
    value = frame["rating"].to_numpy(np.float64)
    _refuse(rows, ~np.isfinite(value), "rating", "which is not a finite number; correct or delete the line")
    low, high = raw.scale or DEFAULT_SCALE
    outside = (value < low) | (value > high)
    _refuse(rows, outside, "rating", f"outside of {low:g} to {high:g}; correct or delete the line")


def _check_films(rows: Rows) -> pd.DataFrame:
    """Return the films sorted by id, titles cleaned; NA where a film has none."""
    frame = rows.frame
    _refuse(rows, frame["film_id"].isna().to_numpy(), "film_id", "and it must not be; fill it in")
    _refuse(
        rows, frame["film_id"].duplicated().to_numpy(), "film_id", "a second time; delete one of the lines"
    )
    films = frame.sort_values("film_id", ignore_index=True)
    if films["film_id"].dtype == "Int64":
        films["film_id"] = films["film_id"].astype("int64")
    titles = films["title"].str.replace(CONTROL, " ", regex=True).str.strip()
    films["title"] = titles.where(titles != "")
    return films


def _check_repeats(rows: Rows, key: np.ndarray) -> None:
    repeats = np.flatnonzero(pd.Series(key).duplicated().to_numpy())
    if len(repeats):
        second = int(repeats[0])
        first = int(np.flatnonzero(key == key[second])[0])
        user, film = rows.frame["user"].iloc[second], rows.frame["film"].iloc[second]
        raise BadInput(
            f"{rows.location(second)}: user {user} rates film {film} a second time, after {rows.location(first)}; "
            "delete one of the two"
        )


def _keep_later(table: pd.DataFrame, time: pd.Series | None) -> pd.DataFrame:
    """Return the table without the earlier of two ratings that a user gave to a film that was listed twice."""
    order = np.arange(len(table)) if time is None else np.argsort(time.to_numpy(), kind="stable")
    earlier = table.iloc[order].duplicated(["user", "film"], keep="last").to_numpy()
    keep = np.ones(len(table), dtype=bool)
    keep[order[earlier]] = False
    return table[keep].reset_index(drop=True)


def _check_variety(name: str, table: pd.DataFrame) -> None:
    for column in ("user", "film"):
        if table[column].nunique() < 2:
            raise BadInput(f"{name} has ratings of one {column} alone; factors need at least two, add more")
    if table["rating"].nunique() < 2:
        value = table["rating"].iloc[0]
        raise BadInput(
            f"{name} has the same rating, {value:g}, everywhere; nothing can be learned, add others"
        )


def _refuse(rows: Rows, bad: np.ndarray, column: str, fault: str) -> None:
    """Raise BadInput for the first row where `bad` is true."""
    if bad.any():
        row = int(bad.argmax())
        value = rows.frame[column].iloc[row]
        raise BadInput(f"{rows.location(row)}: {column} is {'missing' if pd.isna(value) else value}, {fault}")
