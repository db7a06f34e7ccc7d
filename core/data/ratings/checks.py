"""Raw ratings -> checked ratings; the one place where ratings are refused.

Takes what a reader found, gives compact tables. Which of two films of one title stays is left to
`double_titles`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.ratings.duplicate_titles import tell_titles_apart
from core.data.tables import Rows
from core.errors import BadInput

ANY_SCALE = (0.0, 10.0)
"""What a rating may be where the data set does not say."""
CONTROL = r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+"
"""Control characters, and those that turn the direction of writing."""


@dataclass(frozen=True)
class Raw:
    """What a reader found, unchecked."""

    ratings: Rows
    """`user`, `film` (as in `film_id`), `rating`, and `time` where known; in the order of the file."""
    films: Rows
    """`film_id`, `title`, `year`, `imdb_id`, `genres`."""
    scale: tuple[float, float] | None
    """Lowest and highest rating of the data set; None where it does not say."""


@dataclass(frozen=True)
class Checked:
    """The parts of `Ratings` that come of the tables."""

    table: pd.DataFrame
    films: pd.DataFrame
    user_ids: np.ndarray
    scale: tuple[float, float]


def check(raw: Raw) -> Checked:
    """Return the ratings as compact tables, films of one title merged.

    Raises BadInput that names the first line at fault and what to do about it.
    """
    frame = raw.ratings.frame
    if frame.empty:
        raise BadInput(f"{raw.ratings.name} has no ratings; add some")
    _check_values(raw)
    films = _check_films(raw.films)
    # Ids that a reader took for possibly missing are whole now.
    users, rated = (
        ids.astype("int64") if ids.dtype == "Int64" else ids for ids in (frame["user"], frame["film"])
    )
    film = pd.Index(films["film_id"]).get_indexer(pd.Index(rated)).astype(np.int32)
    _refuse(raw.ratings, film < 0, "film", f"is not in {raw.films.name}; add the film or delete the line")
    user, user_ids = pd.factorize(users, sort=True)
    key = user.astype(np.int64) * len(films) + film
    _check_repeats(raw.ratings, key)

    films, kept = tell_titles_apart(films)
    table = pd.DataFrame(
        {"user": user.astype(np.int32), "film": kept[film], "rating": frame["rating"].to_numpy(np.float32)}
    )
    if len(films) < len(kept):
        time = frame.get("time", None)
        table = _keep_later(table, time)
    scale = raw.scale or (float(table["rating"].min()), float(table["rating"].max()))
    _check_variety(raw.ratings.name, table)
    return Checked(table, films, np.asarray(user_ids), scale)


def _check_values(raw: Raw) -> None:
    rows, frame = raw.ratings, raw.ratings.frame
    for column in ("user", "film", "rating"):
        missing = frame[column].isna().to_numpy()
        _refuse(rows, missing, column, "and it must not be; fill it in or delete the line")
    value = frame["rating"].to_numpy(np.float64)
    _refuse(rows, ~np.isfinite(value), "rating", "which is not a finite number; correct or delete the line")
    low, high = raw.scale or ANY_SCALE
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
    again = np.flatnonzero(pd.Series(key).duplicated().to_numpy())
    if len(again):
        second = int(again[0])
        first = int(np.flatnonzero(key == key[second])[0])
        user, film = rows.frame["user"].iloc[second], rows.frame["film"].iloc[second]
        raise BadInput(
            f"{rows.location(second)}: user {user} rates film {film} a second time, after {rows.location(first)}; "
            "delete one of the two"
        )


def _keep_later(table: pd.DataFrame, time: pd.Series | None) -> pd.DataFrame:
    """Keep the later of two ratings that a user gave to the two halves of a merged film."""
    order = np.arange(len(table)) if time is None else np.argsort(time.to_numpy(), kind="stable")
    earlier = table.iloc[order].duplicated(["user", "film"], keep="last").to_numpy()
    keep = np.ones(len(table), dtype=bool)
    keep[order[earlier]] = False
    return table[keep].reset_index(drop=True)


def _check_variety(name: str, table: pd.DataFrame) -> None:
    for column, what in (("user", "user"), ("film", "film")):
        if table[column].nunique() < 2:
            raise BadInput(f"{name} has ratings of one {what} alone; factors need at least two, add more")
    if table["rating"].nunique() < 2:
        value = table["rating"].iloc[0]
        raise BadInput(
            f"{name} has the same rating, {value:g}, everywhere; nothing can be learned, add others"
        )


def _refuse(rows: Rows, bad: np.ndarray, column: str, fault: str) -> None:
    """Raise BadInput for the first row that is marked."""
    if bad.any():
        row = int(bad.argmax())
        value = rows.frame[column].iloc[row]
        raise BadInput(f"{rows.location(row)}: {column} is {'missing' if pd.isna(value) else value}, {fault}")
