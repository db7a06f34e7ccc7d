"""A file or data set -> what a run would read of it: the document of `check`, on the command line and on the page.

Nothing is trained and nothing stored. What a run would refuse raises the error that the run raises.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.data.reviews.registry import open_source
from core.data.reviews.sources.base import ReviewSource
from core.data.reviews.sources.user_file.source import UserFile
from core.data.tables import UserTable, open_table
from core.errors import BadInput
from core.formatting import counted
from core.paths import path_of
from core.progress import Report
from core.store import Store


@dataclass(frozen=True)
class Contents:
    """What a run would read; a field is None where it does not apply."""

    rows: int
    """Rows of the file."""
    used: int
    """Of these, those that a run reads; of reviews without ratings, those that are not blank."""
    users: int | None
    films: int | None
    """Films of the ratings, or films that a file of reviews names."""
    reviews: int | None
    """Reviews that are not blank."""
    scale: tuple[float, float] | None
    """Lowest and highest rating, or number of stars, as in the file."""
    separator: str | None = None
    encoding: str | None = None
    header: bool | None = None
    columns: Mapping[str, str] | None = None
    """Our columns -> those of the file."""
    matched: int | None = None
    """Films of the ratings that have reviews."""
    merged: tuple[Mapping[str, Any], ...] = ()
    """Films that became one: kept, others, why."""
    left_out: tuple[Mapping[str, Any], ...] = ()
    """What is not read: why, rows."""
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the contents as JSON takes them."""
        return asdict(self)


def check_ratings(
    where: str, store: Store, report: Report, columns: Mapping[str, str] | None = None
) -> Contents:
    """Return what a run would read of ratings, given by name or path.

    `columns` are ours -> those of the file, where a user chose them. Raises what `read_ratings` raises.
    """
    ratings = read_ratings(where, store, report)
    path = path_of(where)
    layout = {}
    if path is not None and path.is_file() and path.suffix.lower() != ".zip":
        layout = layout_of(open_table(path.name, lambda: path.open("rb")))
    return Contents(
        rows=len(ratings.table),
        used=len(ratings.table),
        users=len(ratings.user_ids),
        films=len(ratings.films),
        reviews=None,
        scale=ratings.scale,
        columns=dict(columns or {}),
        **layout,
    )


def check_reviews(
    where: str,
    store: Store,
    report: Report,
    ratings: Ratings | None = None,
    columns: Mapping[str, str] | None = None,
) -> Contents:
    """Return what a run would read of reviews, given by name or path, of the films of `ratings`.

    Raises what `open_source` and its source raise, and BadInput where no review is of a film of the ratings.
    """
    path = path_of(where)
    if path is not None and path.is_file() and columns:
        return _user_file(UserFile(path, store, columns=columns), ratings, report)
    source = open_source(where, store, report)
    if isinstance(source, UserFile):
        return _user_file(source, ratings, report)
    return _source(source, ratings, report)


def layout_of(table: UserTable) -> dict[str, Any]:
    """Return how a table is written: separator, encoding, header."""
    return {name: getattr(table, name, None) for name in ("separator", "encoding", "header")}


def _user_file(source: UserFile, ratings: Ratings | None, report: Report) -> Contents:
    rows = source.rows
    stars = rows.stars[~pd.isna(rows.stars)]
    blank = int(rows.blank.sum())
    left_out = [{"why": "no text of a review", "rows": blank}] if blank else []
    used, matched = len(rows.name) - blank, None
    if ratings is not None:
        check = source.check(ratings.films, report)
        used, matched = check.reviews, len(check.films)
        if check.unknown:
            left_out.append({"why": "of films that are not rated", "rows": check.unknown})
        if not check.reviews:
            raise BadInput(
                f"{source.name} has {counted(check.rows, 'row')}, but no review of a film that is rated in "
                f"{ratings.name}; check the columns for the film and the review"
            )
    return Contents(
        rows=len(rows.name),
        used=used,
        users=None,
        films=len(rows.names),
        reviews=len(rows.name) - blank,
        scale=(float(stars.min()), float(stars.max())) if len(stars) else None,
        columns=dict(source.columns),
        matched=matched,
        left_out=tuple(left_out),
        warnings=(rows.doubt,) if rows.doubt else (),
        **layout_of(source.table),
    )


def _source(source: ReviewSource, ratings: Ratings | None, report: Report) -> Contents:
    """Return what a named source has: of the films of the ratings, else of all films."""
    if ratings is None:
        count = sum(map(len, source.texts(report)))
        return Contents(rows=count, used=count, users=None, films=None, reviews=count, scale=None)
    reviews = source.reviews(ratings.films, report)
    matched = int(reviews["film_id"].nunique())
    if not matched:
        raise BadInput(
            f"{source.name} has no review of a film that is rated in {ratings.name}; choose other sources"
        )
    return Contents(
        rows=len(reviews),
        used=len(reviews),
        users=None,
        films=matched,
        reviews=len(reviews),
        scale=None,
        matched=matched,
    )
