"""A table of reviews -> all of its rows without their texts.

Matching the names of films is left to `films`, reading the stars to `stars`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.layouts.needed import NAMES
from core.data.reading_notes import LeftOut, ReadingNotes
from core.data.reviews.sources.user_file.stars import read_stars
from core.data.tables import UserTable
from core.data.tables.bounds import NAME_LETTERS
from core.errors import BadInput

BLANK = ("", "nan", "none", "null", "<na>", "n/a", "\\n")
"""Values of a missing review, in lower case."""
BLANK_NOTE = "the review is blank"
SUSPICIOUS_LINES = 100
"""A review of so many lines has probably swallowed rows, by an unclosed quotation mark."""
ESCAPED = r'\\"|\\\s*$'
"""Left in a text where the writer of the table put a backslash before quotation marks, in place of doubling them."""
ESCAPED_SHARE = 0.05
"""Share of such reviews above which they are no accident."""


@dataclass(frozen=True)
class ReviewRows:
    """All rows of a file without their texts."""

    names: pd.DataFrame
    """Distinct names of films: those columns of NAMES, and the year, that the file has, as text."""
    name: np.ndarray
    """Of each row, its row in `names`."""
    blank: np.ndarray
    """Of each row, whether it has no review."""
    stars: np.ndarray
    """Of each row, float32 from 0 to 10, NaN where there are none."""
    scale: tuple[float, float] | None
    """Lowest and highest number of stars, as in the file."""
    notes: ReadingNotes


@dataclass
class _Gathered:
    """What is known of the rows so far."""

    keys: list[str]
    """Columns of the names of films that are used."""
    rows: int = 0
    names: list[pa.Table] = field(default_factory=list)
    blank: list[np.ndarray] = field(default_factory=list)
    stars: list[pa.ChunkedArray] = field(default_factory=list)
    escaped: int = 0
    """Reviews with a backslash before a quotation mark, or at their end."""
    warnings: list[str] = field(default_factory=list)


def rows_of(table: UserTable, columns: Mapping[str, str]) -> ReviewRows:
    """Return all rows without their texts; `columns` are ours -> the table's.

    Raises BadInput where there are no rows, or the only name of a film is as long as a review or has swallowed rows.
    """
    gathered = _Gathered([name for name in (*NAMES, "year") if name in columns])
    for batch in table.batches(columns):
        _gather(batch, gathered, table, columns)
    if not gathered.rows:
        raise BadInput(f"{table.name} has no reviews; add some")
    keys = gathered.keys
    tables = [names.select(keys) for names in gathered.names]
    film_names = pa.concat_tables(tables).unify_dictionaries().to_pandas()
    number = film_names.groupby(keys, observed=True, dropna=False, sort=False).ngroup()
    blank = np.concatenate(gathered.blank)
    rows = gathered.rows + sum(some.rows for some in table.left_out)
    notes = ReadingNotes(rows, warnings=tuple(gathered.warnings))
    notes = notes.added(left_out=[*table.left_out, LeftOut(BLANK_NOTE, int(blank.sum()))])
    if gathered.escaped > ESCAPED_SHARE * (~blank).sum():
        warning = (
            f"{gathered.escaped:,} reviews have a backslash before a quotation mark and may be cut there. Write "
            'quotation marks within a text twice, as in ""'
        )
        notes = notes.added(warnings=[warning])
    stars, scale = np.full(gathered.rows, np.nan, np.float32), None
    if gathered.stars:
        given = pa.chunked_array([chunk for column in gathered.stars for chunk in column.chunks], pa.string())
        read = read_stars(given.to_pandas())
        stars, scale = read.values, read.scale
        notes = notes.added(warnings=read.notes.warnings)
    return ReviewRows(
        film_names.drop_duplicates().astype("str").reset_index(drop=True),
        number.to_numpy(),
        blank,
        stars,
        scale,
        notes,
    )


def _gather(batch: pa.Table, gathered: _Gathered, table: UserTable, columns: Mapping[str, str]) -> None:
    """Add a batch to what is known."""
    for name in [key for key in gathered.keys if key in NAMES]:
        _refuse_swallowed_rows(batch[name], gathered.rows, table, columns[name])
        if fault := _long_name(batch[name], gathered.rows, table, columns[name]):
            if len(set(gathered.keys) & set(NAMES)) == 1:
                raise BadInput(f"{fault}; take another column for the film")
            # A column that is not needed never blocks a file.
            gathered.keys.remove(name)
            gathered.warnings.append(f"the column {columns[name]!r} is not read, since {fault}")
    gathered.names.append(pa.table({name: batch[name].dictionary_encode() for name in gathered.keys}))
    gathered.blank.append(_blank(batch["review"]))
    if table.quoted:
        doubt = _doubt(batch["review"], gathered.rows, table)
        if doubt and doubt not in gathered.warnings:
            gathered.warnings.append(doubt)
        gathered.escaped += pc.sum(pc.match_substring_regex(batch["review"], ESCAPED)).as_py() or 0
    if "stars" in columns:
        gathered.stars.append(batch["stars"])
    gathered.rows += len(batch)


def _long_name(column: pa.ChunkedArray, before: int, table: UserTable, name: str) -> str:
    """Return where a column holds whole texts, which would fill the memory; "" where it holds names."""
    long = pc.greater(pc.utf8_length(column), NAME_LETTERS)
    if not pc.any(long).as_py():
        return ""
    row = before + pc.index(long, True).as_py()
    return f"{table.location(row)}: {name} has more than {NAME_LETTERS:,} letters"


def _refuse_swallowed_rows(column: pa.ChunkedArray, before: int, table: UserTable, name: str) -> None:
    """Raise BadInput where a quotation mark was left open, so that whole rows became part of a name.

    A name may have a line break; a line within it that has as many separators as a row is a row.
    """
    if not table.quoted or not table.separator:
        return
    broken = pc.fill_null(pc.match_substring(column, "\n"), False)
    for row in np.flatnonzero(np.asarray(broken)):
        _, *lines = column[int(row)].as_py().strip().split("\n")
        if any(line.count(table.separator) >= len(table.columns) - 1 for line in lines):
            raise BadInput(
                f"{table.location(before + int(row))}: {name} runs over the end of the line; close the quotation "
                "mark before it"
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
