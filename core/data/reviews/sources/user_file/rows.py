"""A file of reviews -> its columns, and all of its rows without their texts.

Matching the names of films is left to `films`.
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
"""Recognised column names, whatever their case."""
FILM = ("film_id", "imdb_id", "title")
"""Columns that identify a review's film, the strongest first."""
MAX_STARS = 10
BLANK = ("", "nan", "none", "null", "<na>")
"""Values of a missing review or missing stars, in lower case."""
MAX_NAME_CHARACTERS = 1000
"""A longer name of a film is taken for a review in the wrong column."""
SUSPICIOUS_LINES = 100
"""A review of so many lines has probably swallowed rows, by an unclosed quotation mark."""


@dataclass(frozen=True)
class ReviewRows:
    """All rows of a file without their texts."""

    names: pd.DataFrame
    """Distinct names of films: those columns of FILM, and the year, that the file has, as text."""
    name: np.ndarray
    """Of each row, its row in `names`."""
    blank: np.ndarray
    """Of each row, whether it has no review."""
    stars: np.ndarray
    """Of each row, float32, NaN where there are none."""
    doubt: str
    """Why some rows may have been lost, for people; "" where there is no sign of it."""


def columns_of(table: UserTable) -> dict[str, str]:
    """Return our column -> the table's column. Raises BadInput where one is missing or ambiguous."""
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


def rows_of(table: UserTable, columns: Mapping[str, str]) -> ReviewRows:
    """Return all rows without their texts; `columns` are ours -> the table's.

    Raises BadInput where there are no rows, stars are invalid, or a film's name is as long as a review or contains
    a line break.
    """
    keys = [name for name in (*FILM, "year") if name in columns]
    names: list[pa.Table] = []
    blank, stars = [], []
    rows, doubt = 0, ""
    for batch in table.batches(columns):
        for name in keys:
            _refuse_texts(batch[name], name, rows, table)
        names.append(pa.table({name: batch[name].dictionary_encode() for name in keys}))
        blank.append(_blank(batch["review"]))
        if table.quoted:
            doubt = doubt or _doubt(batch["review"], rows, table)
        stars.append(_stars(batch["stars"], rows, table) if "stars" in columns else _none(len(batch)))
        rows += len(batch)
    if not rows:
        raise BadInput(f"{table.name} has no reviews; add some")
    film_names = pa.concat_tables(names).unify_dictionaries().to_pandas()
    distinct = film_names.drop_duplicates()
    number = film_names.groupby(keys, observed=True, dropna=False, sort=False).ngroup()
    return ReviewRows(
        distinct.astype("str").reset_index(drop=True),
        number.to_numpy(),
        np.concatenate(blank),
        np.concatenate(stars),
        doubt,
    )


def _refuse_texts(column: pa.ChunkedArray, name: str, before: int, table: UserTable) -> None:
    """Raise BadInput for a column of names that holds whole texts, which would fill the memory."""
    long = pc.greater(pc.utf8_length(column), MAX_NAME_CHARACTERS)
    if pc.any(long).as_py():
        row = before + pc.index(long, True).as_py()
        raise BadInput(
            f"{table.location(row)}: {name} has more than {MAX_NAME_CHARACTERS:,} letters; "
            "take another column for the film"
        )
    broken = pc.match_substring(pc.utf8_trim_whitespace(column), "\n")
    if table.quoted and pc.any(broken).as_py():
        row = before + pc.index(broken, True).as_py()
        raise BadInput(
            f"{table.location(row)}: {name} runs over the end of the line; close the quotation mark before it"
        )


def _doubt(reviews: pa.ChunkedArray, before: int, table: UserTable) -> str:
    """Return a warning about a review that is so long that it may have swallowed rows; "" where there is none."""
    breaks = pc.count_substring(reviews, "\n")
    lines = (pc.max(breaks).as_py() or 0) + 1
    if lines < SUSPICIOUS_LINES:
        return ""
    row = before + pc.index(breaks, lines - 1).as_py()
    return (
        f"the review at {table.location(row)} runs over {lines:,} lines; is a quotation mark left open there?"
    )


def _blank(reviews: pa.ChunkedArray) -> np.ndarray:
    """Return whether each row has no review."""
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(reviews))
    return np.asarray(pc.is_in(plain, value_set=pa.array([*BLANK, None], pa.string())))


def _stars(given: pa.ChunkedArray, before: int, table: UserTable) -> np.ndarray:
    """Return the stars as numbers, NaN where there are none."""
    texts = given.to_pandas().astype("str").str.strip()
    texts = texts.mask(texts.str.lower().isin(BLANK))
    stars: np.ndarray = pd.to_numeric(texts, errors="coerce").to_numpy(np.float32)
    bad = np.flatnonzero(texts.notna() & ~((stars >= 1) & (stars <= MAX_STARS)))
    if len(bad):
        raise BadInput(
            f"{table.location(before + int(bad[0]))}: stars is {texts.iloc[bad[0]][:40]!r}, and must be a number "
            f"from 1 to {MAX_STARS}; correct or empty it"
        )
    return stars


def _none(rows: int) -> np.ndarray:
    return np.full(rows, np.nan, np.float32)
