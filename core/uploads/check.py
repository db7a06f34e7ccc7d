"""A file or data set -> what a run would read of it: the document of `check`, on the command line and on the page.

Nothing is trained and nothing stored. What a run would refuse raises the error that the run raises.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from core.data.layouts.roles import Roles
from core.data.ratings.read import SYNTHETIC, located, open_ratings, ratings_of, read_ratings
from core.data.reading_notes import LeftOut, Merged, ReadingNotes
from core.data.reviews.registry import open_source
from core.data.reviews.sources.base import ReviewSource
from core.data.reviews.sources.lmrd.archive import is_lmrd
from core.data.reviews.sources.user_file.films import NUMBERS
from core.data.reviews.sources.user_file.source import UserFile
from core.data.tables import UserTable
from core.errors import BadInput
from core.memory import bounded_memory, size_of
from core.paths import path_of
from core.progress import Report
from core.store import Store
from core.uploads.storage import UNCHOSEN, Chosen

LATER_IDS = "the run finds out which films its IMDb ids mean"


@dataclass(frozen=True)
class Contents:
    """What a run would read; a field is None where it does not apply."""

    rows: int
    """Rows of the file."""
    used: int
    """Of these, those that a run uses; of reviews without ratings, those that are not blank."""
    films: int | None
    """Films of the ratings, or films that a file of reviews names."""
    users: int | None = None
    reviews: int | None = None
    """Reviews that are not blank."""
    scale: tuple[float, float] | None = None
    """Lowest and highest rating, or number of stars, as in the file."""
    separator: str | None = None
    encoding: str | None = None
    header: bool | None = None
    columns: Mapping[str, str] | None = None
    """Our columns -> those of the file."""
    matched: int | None = None
    """Films of the ratings that have reviews."""
    merged: tuple[Merged, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    ids_unproven: bool = False
    """Whether film ids of reviews are not read, since nothing shows that they are those of the ratings."""
    films_with_reviews: tuple[Any, ...] = ()
    """Ids of these films of the ratings."""

    def document(self) -> dict[str, Any]:
        """Return the contents as JSON takes them."""
        return asdict(self)


def check_ratings(
    where: str, store: Store, report: Report, columns: Mapping[str, str] | None = None
) -> Contents:
    """Return what a run would read of ratings, given by name or path.

    `columns` are ours -> those of the file, where a user chose them. Raises what `read_ratings` raises,
    but for the ratings of one person.
    """
    if where == SYNTHETIC:
        ratings, table, roles = read_ratings(where, store, report), None, Roles({})
    else:
        path = located(where, store, report)
        with bounded_memory(path.name, size_of(path)):
            found = open_ratings(path, columns)
            ratings, table, roles = ratings_of(found, where, path, store, report), found.table, found.roles
    low, high = ratings.scale
    return Contents(
        rows=ratings.notes.rows or len(ratings.table),
        used=len(ratings.table),
        users=len(ratings.user_ids),
        films=len(ratings.films),
        scale=(float(low), float(high)),
        **_layout(table, roles, ratings.notes),
    )


def check_reviews(
    where: str,
    store: Store,
    report: Report,
    films: pd.DataFrame | None = None,
    chosen: Chosen = UNCHOSEN,
) -> Contents:
    """Return what a run would read of reviews, given by name or path, of the rated `films`.

    Raises what `open_source` and its source raise, and BadInput where no review is of a rated film.
    """
    path = path_of(where)
    if path is not None and chosen != UNCHOSEN and (path.is_file() or not is_lmrd(path)):
        return _of_file(UserFile(path, store, chosen.columns, chosen.ids_of_ratings), films, report)
    source = open_source(where, store, report)
    if isinstance(source, UserFile):
        return _of_file(source, films, report)
    return _of_source(source, films, report)


def _layout(table: UserTable | None, roles: Roles, notes: ReadingNotes) -> dict[str, Any]:
    """Return the fields about columns, and what was done to the rows."""
    layout: dict[str, Any] = {
        "merged": notes.merged,
        "left_out": notes.left_out,
        "warnings": tuple(dict.fromkeys(notes.warnings)),
    }
    if table is None:
        return layout
    return layout | {
        "columns": dict(roles.columns),
        "separator": table.separator,
        "encoding": table.encoding,
        "header": table.header,
    }


def _of_file(source: UserFile, films: pd.DataFrame | None, report: Report) -> Contents:
    rows, notes = source.rows, source.notes
    reviews = int((~rows.blank).sum())
    contents: dict[str, Any] = {"used": reviews}
    if films is None and source.needs_word:
        contents["ids_unproven"] = True
        notes = notes.added(warnings=[NUMBERS])
    if films is not None:
        check = source.check(films, report)
        notes = check.notes
        if check.read < check.reviews:
            drawn = f"a run reads {check.read:,} of {check.reviews:,} reviews, drawn evenly over the films"
            notes = notes.added(warnings=[drawn])
        if not check.reviews and not check.ids_unproven:
            if not (check.by_imdb_id and (films["imdb_id"] == "").any()):
                raise source.why_none(check)
            notes = notes.added(warnings=[LATER_IDS])
        contents = {
            "used": check.reviews,
            "matched": len(check.films),
            "films_with_reviews": check.films,
            "ids_unproven": check.ids_unproven,
        }
    return Contents(
        rows=rows.notes.rows,
        films=len(rows.names),
        reviews=reviews,
        scale=rows.scale,
        **contents,
        **_layout(source.table, Roles(source.columns), notes),
    )


def _of_source(source: ReviewSource, films: pd.DataFrame | None, report: Report) -> Contents:
    """Return what a named source has: of the rated films, else of all films."""
    if films is None:
        count = sum(map(len, source.texts(report)))
        return Contents(rows=count, used=count, films=None, reviews=count)
    reviews = source.reviews(films, report)
    ids = tuple(reviews["film_id"].unique().tolist())
    if not ids:
        raise BadInput(f"{source.name} has no review of a film that is rated; choose another source")
    return Contents(
        rows=len(reviews),
        used=len(reviews),
        films=len(ids),
        reviews=len(reviews),
        matched=len(ids),
        films_with_reviews=ids,
    )
