"""A file of reviews -> its columns, and all of its rows without their texts.

What the names of films mean is left to `films`, what the texts say to whoever reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.tables import UserTable, match_columns
from core.errors import BadInput

ALIASES = {
    "film_id": ("film_id", "movie_id", "item_id"),
    "imdb_id": ("imdb_id", "imdb", "tconst"),
    "title": ("title", "film", "film_title", "movie", "movie_title"),
    "year": ("year", "release_year"),
    "review": ("review", "text", "review_text"),
    "stars": ("stars", "rating", "score"),
}
"""Names under which columns are recognised, whatever their case."""
FILM = ("film_id", "imdb_id", "title")
"""Columns that say which film a review is of, the strongest first."""
MOST_STARS = 10
BLANK = ("", "nan", "none", "null", "<na>")
"""What stands in a file for no review, and for no stars."""
LONGEST_NAME = 1000
"""Letters from which on a film's name is taken for a review in the wrong column."""
MANY_LINES = 100
"""Lines of a review from which on it is likely to have swallowed rows, by a quotation mark that is left open."""


@dataclass(frozen=True)
class Rows:
    """All rows of a file without their texts."""

    names: pd.DataFrame
    """How the file calls its films: a row for each combination of those columns of FILM, and the year, that it has,
    as text."""
    name: np.ndarray
    """Each row's place in `names`."""
    blank: np.ndarray
    """Whether a row has no review."""
    stars: np.ndarray
    """Float32, NaN where there are none."""
    doubt: str
    """Why some rows may be lost; "" where nothing speaks for it."""


def columns_of(table: UserTable) -> dict[str, str]:
    """Return the columns that stand for ours. Raises BadInput where one is missing or there twice."""
    columns = match_columns(table.columns, ALIASES)
    listed = ", ".join(table.columns)[:80]
    if "review" not in columns:
        raise BadInput(f"{table.name} has no column for the review (it has {listed}); name one 'review'")
    if not set(FILM) & set(columns):
        raise BadInput(
            f"{table.name} has no column for the film (it has {listed}); add title, film_id or imdb_id"
        )
    for column in columns.values():
        if f"{column} (2)" in table.columns:
            raise BadInput(f"{table.name} has several columns called {column!r}; rename all but one")
    return columns


def rows_of(table: UserTable, columns: Mapping[str, str]) -> Rows:
    """Read all but the texts; `columns` are ours -> the table's.

    Raises BadInput where there are no rows, stars are no stars, or a film's name is as long as a review or runs
    over lines.
    """
    keys = [name for name in (*FILM, "year") if name in columns]
    names: list[pa.Table] = []
    blank, stars = [], []
    rows, doubt = 0, ""
    for piece in table.batches(columns):
        for name in keys:
            _refuse_texts(piece[name], name, rows, table)
        names.append(pa.table({name: piece[name].dictionary_encode() for name in keys}))
        blank.append(_blank(piece["review"]))
        if table.quoted:
            doubt = doubt or _doubt(piece["review"], rows, table)
        stars.append(_stars(piece["stars"], rows, table) if "stars" in columns else _none(len(piece)))
        rows += len(piece)
    if not rows:
        raise BadInput(f"{table.name} has no reviews; add some")
    called = pa.concat_tables(names).unify_dictionaries().to_pandas()
    distinct = called.drop_duplicates()
    number = called.groupby(keys, observed=True, dropna=False, sort=False).ngroup()
    return Rows(
        distinct.astype("str").reset_index(drop=True),
        number.to_numpy(),
        np.concatenate(blank),
        np.concatenate(stars),
        doubt,
    )


def _refuse_texts(column: pa.ChunkedArray, name: str, before: int, table: UserTable) -> None:
    """Refuse a column of names that holds whole texts, which would fill the memory."""
    long = pc.greater(pc.utf8_length(column), LONGEST_NAME)
    if pc.any(long).as_py():
        row = before + pc.index(long, True).as_py()
        raise BadInput(
            f"{table.location(row)}: {name} has more than {LONGEST_NAME:,} letters; take another column for the film"
        )
    broken = pc.match_substring(pc.utf8_trim_whitespace(column), "\n")
    if table.quoted and pc.any(broken).as_py():
        row = before + pc.index(broken, True).as_py()
        raise BadInput(
            f"{table.location(row)}: {name} runs over the end of the line; close the quotation mark before it"
        )


def _doubt(reviews: pa.ChunkedArray, before: int, table: UserTable) -> str:
    """Return which review is so long that it may have swallowed the rows after it; "" where none is."""
    breaks = pc.count_substring(reviews, "\n")
    lines = (pc.max(breaks).as_py() or 0) + 1
    if lines < MANY_LINES:
        return ""
    row = before + pc.index(breaks, lines - 1).as_py()
    return (
        f"the review at {table.location(row)} runs over {lines:,} lines; is a quotation mark left open there?"
    )


def _blank(reviews: pa.ChunkedArray) -> np.ndarray:
    """Return of each row whether it has no review."""
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(reviews))
    return np.asarray(pc.is_in(plain, value_set=pa.array([*BLANK, None], pa.string())))


def _stars(given: pa.ChunkedArray, before: int, table: UserTable) -> np.ndarray:
    """Return the stars as numbers, NaN where there are none."""
    told = given.to_pandas().astype("str").str.strip()
    told = told.mask(told.str.lower().isin(BLANK))
    stars: np.ndarray = pd.to_numeric(told, errors="coerce").to_numpy(np.float32)
    bad = np.flatnonzero(told.notna() & ~((stars >= 1) & (stars <= MOST_STARS)))
    if len(bad):
        raise BadInput(
            f"{table.location(before + int(bad[0]))}: stars is {told.iloc[bad[0]][:40]!r}, and must be a number "
            f"from 1 to {MOST_STARS}; correct or empty it"
        )
    return stars


def _none(rows: int) -> np.ndarray:
    return np.full(rows, np.nan, np.float32)
