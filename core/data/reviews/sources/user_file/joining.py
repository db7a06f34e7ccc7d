"""The rows of a file, joined to the films of some ratings: which of them a run reads, and how many there are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.reading_notes import LeftOut, ReadingNotes
from core.data.reviews.matching.title_matching import A_GUESS
from core.data.reviews.sources.user_file.films import DOTS, JoinedNames
from core.data.reviews.sources.user_file.rows import ReviewRows
from core.data.reviews.sources.user_file.sampling import MOST_READ, sample
from core.formatting import shortened_text

MOST_LETTERS = 60
"""Of a film's name in a message."""


@dataclass(frozen=True)
class Check:
    """Counts of a file's rows with respect to the films of some ratings."""

    rows: int
    reviews: int
    """Of films of the ratings."""
    read: int
    """Of these, those that a run reads."""
    films: tuple[Any, ...]
    """Ids of the films with reviews."""
    blank: int
    """Rows without a review."""
    unknown: int
    """Rows of other films."""
    examples: tuple[str, ...]
    """Names of some of these other films."""
    by_imdb_id: bool
    """Whether the file identifies films by IMDb ids only."""
    ids_unproven: bool
    """Whether film ids are not read, since nothing shows that they are those of the ratings."""
    notes: ReadingNotes


@dataclass(frozen=True)
class Joined:
    """The rows of a file, joined to the films of some ratings."""

    film: np.ndarray
    """Of each row, its film's row in `films`, -1 where there is none."""
    match_method: np.ndarray
    """Of each film, for people; "" for a film without rows."""
    reviews: np.ndarray
    """Of each film, reviews in the file."""
    read: np.ndarray
    """Of each row, whether a run reads it."""
    names: JoinedNames


def join(rows: ReviewRows, films: int, names: JoinedNames) -> Joined:
    """Return the rows joined to so many films, by the films of their names."""
    film, methods = names.film, names.method
    match_method = np.full(films, "", dtype=object)
    # Of several names of a film the first in the file counts, a guess before others: it is written last.
    known = np.flatnonzero(film >= 0)[::-1]
    known = known[np.argsort([A_GUESS in method for method in methods[known]], kind="stable")]
    match_method[film[known]] = methods[known]
    film_of_row = film[rows.name]
    usable = ~rows.blank & (film_of_row >= 0)
    read = sample(film_of_row, usable, MOST_READ)
    return Joined(film_of_row, match_method, counts_by_film(film_of_row[usable], films), read, names)


def counts_by_film(film_of_row: np.ndarray, films: int) -> np.ndarray:
    """Return the number of rows of each film; all rows are of one."""
    return np.bincount(film_of_row, minlength=films)


def left_out_of_others(ids_unproven: bool, examples: tuple[str, ...], rows: int) -> LeftOut:
    """Return the note on rows of films that are not among the ratings, with an example."""
    if ids_unproven:
        return LeftOut("of films that are known by a number alone", rows)
    return LeftOut(f"of films that are not rated{_such(examples)}", rows)


def why_none(name: str, check: Check, keep_command: str) -> str:
    """Return why a file of this name has no review of the films that were checked, and what to do.

    `keep_command` keeps the file with its columns, by the user's word.
    """
    if check.blank == check.rows:
        return f"{name}: every review is blank; fill them in, or choose another column for the review"
    if check.ids_unproven:
        return (
            f"{name}: nothing shows that its film ids, which are plain numbers, are those of the ratings. Add a "
            f"column title. If they are the same, read the file that this keeps: {keep_command}"
        )
    if DOTS in check.notes.warnings:
        return f"{name}: {DOTS}"
    return (
        f"{name}: no review is of a film of the ratings (it names others{_such(check.examples)}). Write films as "
        "the ratings do, by title (with its year, where one is given), film id or IMDb id"
    )


def _such(examples: tuple[str, ...]) -> str:
    return f", such as {shortened_text(examples[0], MOST_LETTERS)}" if examples else ""
