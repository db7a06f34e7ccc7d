"""A file, an archive or a folder -> the table of reviews in it, and which of its columns mean what."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.data.layouts.files import find_table
from core.data.layouts.roles import Roles
from core.data.reviews.sources.user_file.rows import FILM
from core.data.tables import UserTable
from core.errors import BadInput


@dataclass(frozen=True)
class ReviewTable:
    """A table of reviews."""

    table: UserTable
    roles: Roles


def open_reviews(path: Path, columns: Mapping[str, str] | None = None) -> ReviewTable:
    """Return the table of reviews at a path; `columns` (ours -> the file's) stand in place of those recognised.

    Raises BadInput where it is no table, or has no column for review or film.
    """
    found = find_table(path, "reviews")
    table, roles = found.table, Roles(dict(columns)) if columns else found.roles
    check_roles(table, roles, bool(columns))
    return ReviewTable(table, roles)


def check_roles(table: UserTable, roles: Roles, are_chosen: bool) -> None:
    """Raise BadInput where a column is missing, or recognised though there are several of its name."""
    columns, listed = roles.columns, ", ".join(table.columns)[:80]
    if "review" not in columns:
        raise BadInput(f"{table.name} has no column for the review (it has {listed}); name one 'review'")
    if not set(FILM) & set(columns):
        raise BadInput(
            f"{table.name} has no column for the film (it has {listed}); name one title, film_id or imdb_id"
        )
    for column in columns.values():
        if column not in table.columns:
            raise BadInput(f"{table.name} has no column {column!r} (it has {listed}); choose one of these")
        if not are_chosen and f"{column} (2)" in table.columns:
            raise BadInput(f"{table.name} has several columns called {column!r}; rename all but one")
