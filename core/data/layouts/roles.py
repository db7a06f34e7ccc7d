"""A table -> which of its columns has which meaning: by a known layout, else by name and content of the columns."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from core.data.layouts import content
from core.data.layouts.aliases import ALIASES, USER, Holds, named, named_columns
from core.data.layouts.layout import Layout
from core.data.layouts.needed import RATED
from core.data.layouts.positions import roles_by_position, unnamed_roles
from core.data.layouts.recognition import layout_of
from core.data.tables import UserTable
from core.errors import BadInput

OF_REVIEWS = {"film": "film_id", "rating": "stars"}
"""Our columns in a layout -> in a file of reviews, where they differ."""
OPTIONAL: Mapping[str, tuple[Callable[[pd.Series], bool], str]] = {
    "stars": (content.are_stars, "stars"),
    "year": (content.are_years, "years"),
    "time": (content.are_times, "times"),
    "imdb_id": (content.are_imdb_ids, "ids of IMDb"),
    "genres": (content.are_words, "genres"),
}
"""Our columns that are left out where their values do not fit -> the test, and what the values should be."""
NO_NAME = re.compile(r"column \d+")
FILM_WORDS = ("film", "movie", "item", "book", "product")
"""Names of columns that may hold an id as well as a title."""


@dataclass(frozen=True)
class Roles:
    """The roles of a table's columns."""

    columns: Mapping[str, str]
    """Ours -> the table's."""
    layout: str = ""
    """Name of the known layout; "" where there is none."""
    warnings: tuple[str, ...] = ()
    """Sentences on what was guessed."""


def guess_roles(table: UserTable, holds: Holds) -> Roles:
    """Return the roles of the columns of a table of ratings or reviews; a role without a column is missing."""
    if (layout := layout_of(table)) is not None:
        return roles_in(layout, table, holds)
    rows = content.first_rows_as_text(table)
    if not table.header and all(map(NO_NAME.fullmatch, table.columns)):
        return Roles(*roles_by_position(table.name, rows, holds))
    guess = _Guess(rows, *_readable(table, named_columns(table.columns, holds)), holds)
    _user_film_rating(guess) if holds == "ratings" else _review_and_id(guess)
    _title(guess)
    for ours in OPTIONAL:
        if ours in ALIASES[holds]:
            _optional(guess, ours)
    return Roles(guess.in_order(), "", tuple(guess.warnings))


def roles_in(layout: Layout, table: UserTable, holds: Holds) -> Roles:
    """Return the roles that a known layout gives to the columns that are there."""
    columns = {
        OF_REVIEWS.get(ours, ours) if holds == "reviews" else ours: theirs
        for ours, theirs in layout.columns.items()
        if theirs in table.columns
    }
    if columns.get("film_id") == columns.get("title"):
        # Where titles identify the films, there is no id beside them.
        columns.pop("film_id", None)
    return Roles({ours: theirs for ours, theirs in columns.items() if ours in ALIASES[holds]}, layout.name)


def chosen_roles(table: UserTable, columns: Mapping[str, str]) -> Roles:
    """Return the roles that a user chose. Raises BadInput where the table has no such column."""
    for column in columns.values():
        if column not in table.columns:
            raise BadInput(
                f"{table.name} has no column {column!r} (it has {', '.join(table.columns)[:80]}); choose one of these"
            )
    return Roles(dict(columns))


@dataclass
class _Guess:
    rows: pd.DataFrame
    candidates: Mapping[str, list[str]]
    warnings: list[str]
    holds: Holds
    columns: dict[str, str] = field(default_factory=dict)

    def free(self, ours: str) -> list[str]:
        """Return the columns that have one of the names of a role, and no role yet."""
        return [column for column in self.candidates[ours] if column not in self.columns.values()]

    def values(self, ours: str) -> pd.Series | None:
        """Return the values of a role; None where it has no column."""
        return self.rows[self.columns[ours]] if ours in self.columns else None

    def in_order(self) -> dict[str, str]:
        """Return the columns in the order of their roles."""
        return {ours: self.columns[ours] for ours in ALIASES[self.holds] if ours in self.columns}


def _readable(
    table: UserTable, candidates: Mapping[str, list[str]]
) -> tuple[Mapping[str, list[str]], list[str]]:
    """Return the candidates without optional columns that cannot be read, and sentences on these."""
    left_out = {
        column
        for ours, columns in candidates.items()
        for column in columns
        if column in table.unreadable and ours not in (*RATED, "review")
    }
    readable = {
        ours: [column for column in columns if column not in left_out] for ours, columns in candidates.items()
    }
    return readable, [f"{table.unreadable[column]}. It is left out." for column in sorted(left_out)]


def _user_film_rating(guess: _Guess) -> None:
    """Find user, film and rating by their names, else by their content."""
    _first(guess, "rating", content.are_ratings)
    _first(guess, "user")
    _first(guess, "film", lambda values: not content.are_titles(values))
    missing = [ours for ours in RATED if ours not in guess.columns]
    if "film" in missing and guess.free("title"):
        missing.remove("film")
    if "user" in missing and (film := guess.values("film")) is not None:
        # "name" may be the user's, where there is no other column for the user.
        names = [column for column in guess.free("title") if content.are_names(guess.rows[column], film)]
        if names:
            guess.columns["user"] = names[0]
            guess.warnings.append(
                f"{names[0]!r} is read as the user, since it differs from row to row of a film."
            )
            missing.remove("user")
    if missing:
        named_otherwise = {column for columns in guess.candidates.values() for column in columns}
        for ours, theirs in unnamed_roles(guess.rows.drop(columns=[*named_otherwise]), missing).items():
            guess.columns[ours] = theirs
            guess.warnings.append(f"No column name fits the {ours}. By its content, {theirs!r} is used.")


def _review_and_id(guess: _Guess) -> None:
    """Find the review, and the id of the film."""
    _first(guess, "review", content.are_texts)
    _first(guess, "film_id", content.are_ids)
    if "film_id" not in guess.columns:
        # "movie" or "item" may hold an id as well as a title.
        names = [column for column in guess.free("title") if named([column], FILM_WORDS)]
        if ids := [column for column in names if not content.are_titles(guess.rows[column])]:
            guess.columns["film_id"] = ids[0]


def _first(guess: _Guess, ours: str, fits: Callable[[pd.Series], bool] | None = None) -> None:
    """Give a role to the first column of its names whose values fit, else to the first."""
    columns = guess.free(ours)
    fitting = [column for column in columns if fits is None or fits(guess.rows[column])]
    if columns:
        guess.columns[ours] = (fitting or columns)[0]


def _title(guess: _Guess) -> None:
    """Find the title of the film: neither a person's name nor the headline of a review."""
    film_role = "film" if guess.holds == "ratings" else "film_id"
    film = guess.values(film_role)
    users = named(guess.rows.columns, USER)
    user = guess.values("user") if guess.holds == "ratings" else guess.rows[users[0]] if users else None
    for column in guess.free("title"):
        values = guess.rows[column]
        if user is not None and content.are_of_users(values, user, film):
            guess.warnings.append(f"{column!r} names the user, not the film, so it is not read.")
        elif (beside := _films_beside(guess, column)) is not None and content.are_headlines(values, beside):
            guess.warnings.append(
                f"{column!r} differs from row to row of a film, as headlines do, so it is not read."
            )
        elif content.are_titles(values) or not (named([column], FILM_WORDS) or content.are_numbers(values)):
            guess.columns["title"] = column
            break
        elif film is None:
            # Ids in a column that is named as if it held titles.
            guess.columns.setdefault(film_role, column)
    if guess.holds == "reviews":
        return
    if film is not None and "title" not in guess.columns and content.are_titles(film):
        # Titles identify the films.
        guess.columns["title"] = guess.columns["film"]
    elif film is None and "title" in guess.columns:
        # Even where another column seemed to hold ids.
        guess.columns["film"] = guess.columns["title"]


def _films_beside(guess: _Guess, title: str) -> pd.Series | None:
    """Return what tells the films of the rows beside a column of titles: ids, else another column of titles."""
    if guess.holds == "ratings" or "film_id" in guess.columns:
        return guess.values("film" if guess.holds == "ratings" else "film_id")
    ids = [column for column in guess.free("imdb_id") if content.are_imdb_ids(guess.rows[column])]
    for column in (*ids, *guess.free("title")):
        # Of a film and a headline, the film comes more often.
        if column != title and guess.rows[column].nunique() < guess.rows[title].nunique():
            return guess.rows[column]
    return None


def _optional(guess: _Guess, ours: str) -> None:
    """Give an optional role to the first column of its names whose values fit; warn where none does."""
    fits, wanted = OPTIONAL[ours]
    columns = guess.free(ours)
    for column in columns:
        if fits(guess.rows[column]):
            guess.columns[ours] = column
            return
    film = guess.columns.get("film", "")
    if ours == "imdb_id" and film in guess.candidates[ours] and fits(guess.rows[film]):
        guess.columns[ours] = film
    filled = [column for column in columns if len(content.given(guess.rows[column]))]
    if filled:
        guess.warnings.append(f"{filled[0]!r} holds no {wanted}, so it is not read.")
