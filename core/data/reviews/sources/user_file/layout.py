"""A file, an archive or a folder -> the table of reviews in it, and which of its columns mean what."""

from collections.abc import Mapping
from pathlib import Path

from core.data.layouts.files import FoundTable, find_table
from core.data.reviews.sources.user_file.rows import FILM
from core.errors import BadInput


def open_reviews(path: Path, columns: Mapping[str, str] | None = None) -> FoundTable:
    """Return the table of reviews at a path; `columns` (ours -> the file's) stand in place of those recognised.

    Raises BadInput where it is no table, or has no column for review or film.
    """
    found = find_table(path, "reviews", columns)
    refuse_missing_columns(found, bool(columns))
    return found


def refuse_missing_columns(found: FoundTable, are_chosen: bool) -> None:
    """Raise BadInput where a column is missing, or recognised though there are several of its name."""
    table, columns = found.table, found.roles.columns
    listed = ", ".join(table.columns)[:80]
    if "review" not in columns:
        raise BadInput(f"{table.name} has no column for the review (it has {listed}); name one 'review'")
    if not set(FILM) & set(columns):
        raise BadInput(
            f"{table.name} has no column for the film (it has {listed}); name one title, film_id or imdb_id"
        )
    for column in columns.values():
        if not are_chosen and f"{column} (2)" in table.columns:
            raise BadInput(f"{table.name} has several columns called {column!r}; rename all but one")
