"""Raw ratings -> validated, compact tables; the one place where ratings are refused.

Ids are text and stay as they are. What is left out or merged is counted in the notes.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.ids import sorting
from core.data.ratings.duplicate_titles import one_film_a_title, unique_titles
from core.data.ratings.rated_again import AGAIN, TWO_IDS, earlier, which_stays
from core.data.reading_notes import LeftOut, Merged, ReadingNotes
from core.data.tables import Rows
from core.data.tables.bounds import NAME_LETTERS
from core.errors import BadInput
from core.formatting import counted

DEFAULT_SCALE = (-100.0, 100.0)
"""Allowed ratings where the data set does not define a scale."""
CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
"""Control characters, line breaks, and those that change the writing direction."""
IMDB_ID = r"tt\d{7,9}"
"""An id of IMDb's."""
EQUAL = "Equal titles have different ids, so the year or else the id distinguishes them"
FILM_COLUMNS = ["film_id", "title", "year", "imdb_id", "genres"]


@dataclass(frozen=True)
class RawRatings:
    """Ratings and films as read from a file, not validated."""

    ratings: Rows
    """Columns: `user` and `film` (categories of text, as in `film_id`), `rating`, and `time` where known; in file
    order. A missing value is NA, and so is an empty id."""
    films: Rows
    """Columns: `film_id` (text), `title`, `year`, `imdb_id`, `genres`."""
    scale: tuple[float, float] | None
    """Lowest and highest rating of the data set; None where it does not define them."""
    equal_titles_are_one_film: bool = False
    """Whether the data set lists films twice, so that equal titles (with their year) are one film in spite of ids."""
    one_person: bool = False
    """Whether the layout says that all ratings are one person's."""
    licence: str = ""
    """What the layout says of it; "" where that is the user's to know."""
    notes: ReadingNotes = ReadingNotes()
    """What was left out or assumed while the tables were read."""


@dataclass(frozen=True)
class CheckedRatings:
    """The fields of `Ratings` that come from the tables; see there."""

    table: pd.DataFrame
    films: pd.DataFrame
    user_ids: pd.Index
    scale: tuple[float, float]
    notes: ReadingNotes


def check_ratings(raw: RawRatings) -> CheckedRatings:
    """Return the ratings as compact tables, with notes on rows that were left out and films that were merged.

    Raises BadInput that names the first faulty line and the remedy.
    """
    frame, name = raw.ratings.frame, raw.ratings.name
    if frame.empty:
        raise BadInput(f"{name} has no ratings; add some")
    user, film = _Ids.of(frame["user"]), _Ids.of(frame["film"])
    for ours, ids in (("user", user), ("film", film)):
        _refuse_long(raw.ratings, ours, ids)
    rating = frame["rating"].to_numpy(np.float64, na_value=np.nan)
    kept, left_out = _complete(user.codes, film.codes, rating)
    if not kept.any():
        raise BadInput(f"{name} has no line with user, film and rating; fill them in")
    _check_values(raw, rating)

    users = user.used(kept)
    films, film_notes = _films(raw.films, film.used(kept))
    film_row = film.numbered_as(films["film_id"])
    user_row = user.numbered_as(users)
    again = earlier(user_row, film_row, kept, frame.get("time"))
    kept &= ~again
    left_out.append(LeftOut(f"{AGAIN}; {which_stays(frame)}", int(again.sum())))

    merged: list[Merged] = []
    if raw.equal_titles_are_one_film:
        films, row_of, merged = one_film_a_title(films)
        film_row = row_of[film_row]
        again = earlier(user_row, film_row, kept, frame.get("time"))
        kept &= ~again
        left_out.append(LeftOut(f"{TWO_IDS}; {which_stays(frame)}", int(again.sum())))
    else:
        films["other_ids"] = pd.Series([()] * len(films), dtype=object)
    equal = int(films["title"].dropna().duplicated(keep=False).sum())
    films["title"] = unique_titles(films)
    table = pd.DataFrame(
        {"user": user_row[kept], "film": film_row[kept], "rating": rating[kept].astype(np.float32)}
    )
    _check_variety(name, table, raw.one_person)
    scale = raw.scale or (float(table["rating"].min()), float(table["rating"].max()))
    notes = ReadingNotes(raw.notes.rows or len(frame)).added(
        [*raw.notes.merged, *merged],
        [*raw.notes.left_out, *left_out, *film_notes.left_out],
        [
            *raw.notes.warnings,
            *film_notes.warnings,
            *([f"{EQUAL}: {counted(equal, 'film')}."] if equal else []),
        ],
    )
    return CheckedRatings(table, films, users, scale, notes)


@dataclass(frozen=True)
class _Ids:
    """A column of ids as numbers."""

    codes: np.ndarray
    """The place of each row's id among the `values`; -1 where it is missing."""
    values: pd.Index

    @classmethod
    def of(cls, column: pd.Series) -> "_Ids":
        """Return the ids of a column of categories; an empty text is no id."""
        values, codes = column.cat.categories.astype("str"), column.cat.codes.to_numpy(np.int32)
        return cls(
            np.where((values == "")[codes], -1, codes).astype(np.int32) if len(values) else codes, values
        )

    def used(self, rows: np.ndarray) -> pd.Index:
        """Return the ids that occur in some of the rows (a mask), sorted."""
        occurs = np.zeros(len(self.values), dtype=bool)
        occurs[self.codes[rows]] = True
        ids = self.values[occurs]
        return ids[sorting(ids)]

    def numbered_as(self, ids: pd.Index | pd.Series) -> np.ndarray:
        """Return the place of each row's id in `ids` (int32); -1 where it is missing."""
        place = pd.Index(ids).get_indexer(self.values).astype(np.int32)
        return np.asarray(np.append(place, np.int32(-1))[self.codes])


def _complete(user: np.ndarray, film: np.ndarray, rating: np.ndarray) -> tuple[np.ndarray, list[LeftOut]]:
    """Return which rows have a user, a film and a rating, and the counts of those that lack one."""
    kept = np.ones(len(rating), dtype=bool)
    left_out = []
    for missing, why in ((user < 0, "no user"), (film < 0, "no film"), (np.isnan(rating), "no rating")):
        left_out.append(LeftOut(why, int((kept & missing).sum())))
        kept &= ~missing
    return kept, left_out


def _refuse_long(rows: Rows, ours: str, ids: _Ids) -> None:
    is_long = np.append(ids.values.str.len().to_numpy() > NAME_LETTERS, False)
    long = is_long[ids.codes]
    if long.any():
        raise BadInput(
            f"{rows.location(int(long.argmax()))}: the id of the {ours} has more than {NAME_LETTERS:,} letters. "
            f"Choose another column for the {ours}, or shorten it"
        )


def _check_values(raw: RawRatings, rating: np.ndarray) -> None:
    infinite = np.isinf(rating)
    _refuse(raw.ratings, infinite, "which is not a finite number; correct or delete the line")
    low, high = raw.scale or DEFAULT_SCALE
    outside = (rating < low) | (rating > high)
    _refuse(raw.ratings, outside, f"outside of {low:g} to {high:g}; correct or delete the line")


def _films(rows: Rows, rated: pd.Index) -> tuple[pd.DataFrame, ReadingNotes]:
    """Return the films sorted by id, those included that are rated but not listed; NA where a film has no title."""
    films = rows.frame[FILM_COLUMNS].copy()
    films["film_id"] = films["film_id"].astype("str").replace("", pd.NA)
    missing, again = films["film_id"].isna(), films["film_id"].duplicated()
    films = films[~missing & ~again]
    unlisted = rated[~rated.isin(films["film_id"])]
    if len(unlisted):
        added = pd.DataFrame({"film_id": unlisted}).reindex(columns=FILM_COLUMNS).assign(genres="")
        films = pd.concat([films, added.astype(films.dtypes.to_dict())])
    films = films.iloc[sorting(films["film_id"])].reset_index(drop=True)
    titles = films["title"].astype("str")
    plain = titles.str.replace(CONTROL, " ", regex=True)
    cleaned = int((plain != titles)[titles.notna()].sum())
    long = plain.str.len() > NAME_LETTERS
    films["title"] = plain.str.slice(0, NAME_LETTERS).str.strip().replace("", pd.NA)
    is_imdb_id = films["imdb_id"].isna() & films["film_id"].str.fullmatch(IMDB_ID)
    films["imdb_id"] = films["imdb_id"].astype("str").where(~is_imdb_id, films["film_id"])
    notes = ReadingNotes().added(
        left_out=[
            LeftOut(f"no film id in {rows.name}", int(missing.sum())),
            LeftOut(
                f"a film a second time in {rows.name}; its first line stays", int((again & ~missing).sum())
            ),
        ],
        warnings=[
            f"{what}: {counted(count, 'film')}."
            for what, count in (
                (f"Rated, but not in {rows.name}, so without a title", len(unlisted)),
                ("Line breaks or control characters in the title became spaces", cleaned),
                (f"Titles of more than {NAME_LETTERS:,} letters, which are cut there", int(long.sum())),
                ("The id is an IMDb id, and is read as one", int(is_imdb_id.sum())),
            )
            if count
        ],
    )
    return films, notes


def _check_variety(name: str, table: pd.DataFrame, one_person: bool) -> None:
    if one_person:
        return
    for column in ("user", "film"):
        if table[column].nunique() < 2:
            raise BadInput(f"{name} has ratings of one {column} alone; factors need at least two, add more")
    if table["rating"].nunique() < 2:
        value = table["rating"].iloc[0]
        raise BadInput(
            f"{name} has the same rating, {value:g}, everywhere; nothing can be learned, add others"
        )


def _refuse(rows: Rows, bad: np.ndarray, fault: str) -> None:
    """Raise BadInput for the first row where `bad` is true."""
    if bad.any():
        row = int(bad.argmax())
        raise BadInput(f"{rows.location(row)}: rating is {rows.frame['rating'].iloc[row]}, {fault}")
