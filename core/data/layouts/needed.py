"""The columns that a table of ratings or reviews must have."""

from collections.abc import Collection, Mapping

from core.data.layouts.aliases import Holds
from core.data.tables import UserTable
from core.errors import BadInput

RATED = ("user", "film", "rating")
NAMES = ("film_id", "imdb_id", "title")
"""Columns that identify a review's film, the strongest first."""
NEEDED: Mapping[Holds, tuple[tuple[str, ...], ...]] = {
    "ratings": tuple((ours,) for ours in RATED),
    "reviews": (("review",), NAMES),
}
"""Our columns of which one of each group must be there."""
MOST_COLUMNS = 10
"""A table with more columns is hardly one of ratings or reviews: a row a user and a column a film, perhaps."""


def missing(columns: Collection[str], holds: Holds, one_person: bool = False) -> tuple[str, ...]:
    """Return the first group of which no column is there, () where all are; ratings of one person need no user.

    >>> missing({"user", "rating"}, "ratings"), missing({"review"}, "reviews")
    (('film',), ('film_id', 'imdb_id', 'title'))
    >>> missing({"review", "title"}, "reviews")
    ()
    """
    unmet = (group for group in NEEDED[holds] if not set(group) & set(columns))
    return next((group for group in unmet if not (one_person and group == ("user",))), ())


def refuse_missing_columns(
    table: UserTable, columns: Mapping[str, str], holds: Holds, are_chosen: bool, one_person: bool = False
) -> None:
    """Raise BadInput where a column is missing, or was recognised though several have its name.

    `columns` are ours -> the table's.
    """
    group = missing(columns, holds, one_person)
    what = group[0] if len(group) == 1 else "film"
    if group and holds == "ratings" and len(table.columns) > MOST_COLUMNS:
        raise BadInput(
            f"{table.name} has {len(table.columns)} columns, but none for the {what}; give one row per rating, "
            "with columns user, film and rating"
        )
    if group:
        names = f"{what!r}" if len(group) == 1 else "title, film_id or imdb_id"
        listed = ", ".join(table.columns)[:80]
        raise BadInput(f"{table.name} has no column for the {what} (it has {listed}); name one {names}")
    for column in columns.values():
        if not are_chosen and f"{column} (2)" in table.columns:
            raise BadInput(f"{table.name} has several columns called {column!r}; rename all but one")
