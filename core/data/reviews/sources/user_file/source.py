"""A user's file of reviews, of any format that tables are read in, with a film and a review a row.

The file is read twice, in batches: first all but the texts, then the texts of the wanted rows. So a million reviews
need no more memory than those that a run reads.

    rows       the table -> all of its rows without their texts
    stars      stars as people write them -> numbers
    films      film names of the file -> films of the ratings
    numbering  whether film ids are those of the ratings, where nothing but the ids says so
    joining    the rows, joined to the films, and their counts
    sampling   which reviews of a long file a run reads
"""

import shlex
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.layouts.files import FoundTable, complete_table, content_digest
from core.data.layouts.needed import NAMES
from core.data.reading_notes import ReadingNotes
from core.data.reviews.matching.imdb_ids import titles_digest
from core.data.reviews.sources.state import fetched_at
from core.data.reviews.sources.user_file.films import films_of, imdb_ids_in, numbers_alone
from core.data.reviews.sources.user_file.joining import (
    Check,
    Joined,
    counts_by_film,
    join,
    left_out_of_others,
    why_none,
)
from core.data.reviews.sources.user_file.rows import ReviewRows, rows_of
from core.data.tables import GUESSED, UserTable
from core.errors import BadInput
from core.memory import bounded_memory, size_of
from core.paths import chosen_columns, given_name, has_ids_of_ratings
from core.progress import Report
from core.store import Store, digest_of

VERSION = "9"
"""Changes when the same file would give other reviews."""


class UserFile:
    """Reviews of a user's file, joined to films by the strongest id of each row."""

    def __init__(
        self, path: Path, store: Store, columns: Mapping[str, str] | None = None, ids_of_ratings: bool = False
    ) -> None:
        """Read `columns` (ours -> the file's) in place of those stored beside the file, or recognised.

        `ids_of_ratings`: the film ids are those of the ratings, as the user says, or since both are one file.
        """
        self._path, self._store = path, store
        self._chosen = columns or chosen_columns(path)
        self._ids_of_ratings = ids_of_ratings or has_ids_of_ratings(path)
        self._joined: tuple[pd.DataFrame, Joined] | None = None
        self.name = path.name
        self.title = f"Your file {given_name(path)}"
        self.licence = f"Your own file {given_name(path)}; check its terms yourself."

    @classmethod
    def open(cls, path: Path, store: Store, ids_of_ratings: bool = False) -> Self:
        """Open the file at a path. Raises BadInput where it is no table, or has no column for film or review."""
        source = cls(path, store, ids_of_ratings=ids_of_ratings)
        try:
            source._opened  # noqa: B018
        except OSError as error:
            raise BadInput(f"{path} cannot be read ({error.strerror}); give a file that can") from error
        return source

    @property
    def fetched(self) -> str:
        return fetched_at(self._path)

    @cached_property
    def _opened(self) -> FoundTable:
        with bounded_memory(self.name, size_of(self._path)):
            return complete_table(self._path, "reviews", self._chosen)

    @property
    def _content(self) -> str:
        """The SHA-256 of what is read."""
        return content_digest(self._path, self._opened, self._store)

    @property
    def table(self) -> UserTable:
        """The file as a table."""
        return self._opened.table

    @property
    def columns(self) -> Mapping[str, str]:
        """Our columns -> those of the file."""
        return self._opened.roles.columns

    @cached_property
    def rows(self) -> ReviewRows:
        """All rows without their texts."""
        # All texts are read once here, so that those of the wanted rows need no bound of their own.
        with bounded_memory(self.name, size_of(self._path)):
            return rows_of(self.table, self.columns)

    @property
    def needs_word(self) -> bool:
        """Whether, as far as is known without ratings, only its user's word can say that its film ids are theirs."""
        return numbers_alone(self.rows.names) and not self._ids_of_ratings

    def digest(self, films: pd.DataFrame | None) -> str:
        """Return the SHA-256 of the file, its columns and, where films may be matched by it, of title.basics."""
        by_imdb_id = films is not None and self._may_have_imdb_ids()
        titles = titles_digest(films, self._store) if films is not None and by_imdb_id else "not needed"
        return digest_of(
            {
                "content": self._content,
                "columns": dict(self.columns),
                "ids of ratings": self._ids_of_ratings,
                "titles": titles,
                "version": VERSION,
            }
        )

    def _may_have_imdb_ids(self) -> bool:
        """Return whether the file has IMDb ids, also as film ids, by its first rows."""
        names = {ours: theirs for ours, theirs in self.columns.items() if ours in ("imdb_id", "film_id")}
        first = next(self.table.batches(names), None) if names else None
        return first is not None and bool(imdb_ids_in(first.to_pandas()).notna().any())

    def texts(self, report: Report) -> Iterator[pd.DataFrame]:
        """Return all of the file's reviews, also of films that are not rated."""
        return self._batches(~self.rows.blank)

    def ids(self, films: pd.DataFrame, report: Report) -> pd.Series:
        """Return the ids of all reviews whose film is matched, sampled or not."""
        joined = self._joined_to(films, report)
        return pd.Series(self._ids(np.flatnonzero(~self.rows.blank & (joined.film >= 0))), dtype="str")

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews whose film is matched, of a long file a `sample`.

        Raises BadInput where there are none.
        """
        check, joined = self.check(films, report), self._joined_to(films, report)
        if not check.reviews:
            raise self.why_none(check)
        texts = pd.concat(self._batches(joined.read), ignore_index=True)
        film, stars = joined.film[joined.read], self.rows.stars[joined.read]
        order = np.argsort(film, kind="stable")
        sampled = f", drawn of {check.reviews:,}" if check.read < check.reviews else ""
        report(
            "reviews",
            1.0,
            f"{check.read:,} reviews{sampled}; left out: {check.blank:,} blank, {check.unknown:,} of other films"
            + "".join(f"; {warning}" for warning in check.notes.warnings)
            + (f"; read as {self.table.format}" if GUESSED in self.table.format else ""),
        )
        return pd.DataFrame(
            {
                "film_id": films["film_id"].take(film[order]).to_numpy(),
                "review_id": texts["review_id"].take(order).array,
                "review": texts["review"].take(order).array,
                "stars": pd.array(stars[order], dtype="Float32"),
                "source": self.name,
            }
        )

    def why_none(self, check: Check) -> BadInput:
        """Return why there is no review of the films that were checked, and what to do."""
        columns = ",".join(f"{ours}={theirs}" for ours, theirs in self.columns.items())
        file, first = (
            (f"{self._path}.zip", " (pack the folder first)") if self._path.is_dir() else (self._path, "")
        )
        command = f"python -m core keep {shlex.quote(str(file))} --columns {shlex.quote(columns)}{first}"
        return BadInput(why_none(self.name, check, command))

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the match of each film: film_id, how, reason."""
        joined = self._joined_to(films, report)
        read = counts_by_film(joined.film[joined.read], len(films))
        match_methods = [
            f"{method}; {some:,} of its {reviews:,} reviews, drawn" if some < reviews else method
            for method, some, reviews in zip(joined.match_method, read, joined.reviews, strict=True)
        ]
        reason = np.where(joined.match_method == "", "your file has no row for it", "all its rows are blank")
        return pd.DataFrame({"film_id": films["film_id"], "how": match_methods, "reason": reason})

    def check(self, films: pd.DataFrame, report: Report) -> Check:
        """Return counts with respect to these films. Raises what `films_of` and `rows_of` raise."""
        rows, joined = self.rows, self._joined_to(films, report)
        unknown = ~rows.blank & (joined.film < 0)
        column = next(name for name in reversed(NAMES) if name in rows.names)
        others = rows.names.iloc[np.unique(rows.name[unknown])].dropna(subset=[column])
        texts = others[column]
        if column == "title" and "year" in others:
            # A film may be another for its year alone.
            texts += (" (" + others["year"] + ")").where(~texts.str.endswith(")"), "").fillna("")
        examples = tuple(texts.unique()[:5])
        return Check(
            rows=len(rows.name),
            reviews=int(joined.reviews.sum()),
            read=int(joined.read.sum()),
            films=tuple(films["film_id"][joined.reviews > 0]),
            blank=int(rows.blank.sum()),
            unknown=int(unknown.sum()),
            examples=examples,
            by_imdb_id={"imdb_id"} == set(NAMES) & set(rows.names),
            ids_unproven=joined.names.ids_unproven,
            notes=self.notes.added(
                left_out=[left_out_of_others(joined.names.ids_unproven, examples, int(unknown.sum()))],
                warnings=joined.names.warnings,
            ),
        )

    @property
    def notes(self) -> ReadingNotes:
        """What was left out or assumed, whatever the ratings."""
        opened = self._opened
        notes = ReadingNotes(warnings=(*opened.table.notes, *opened.roles.warnings))
        return notes.added(left_out=self.rows.notes.left_out, warnings=self.rows.notes.warnings)

    def _joined_to(self, films: pd.DataFrame, report: Report) -> Joined:
        """Return the rows joined to the films; computed once for the same films."""
        if self._joined is None or self._joined[0] is not films:
            names = films_of(self.rows.names, films, self._ids_of_ratings, self._store, report)
            self._joined = films, join(self.rows, len(films), names)
        return self._joined[1]

    def _batches(self, wanted: np.ndarray) -> Iterator[pd.DataFrame]:
        """Return the wanted rows: review_id, made from file digest and row ("own-3f2a…-1"), and review."""
        # Memory of the first reading is needed for the texts.
        pa.default_memory_pool().release_unused()
        start = 0
        for batch in self.table.batches({"review": self.columns["review"]}):
            mask = wanted[start : start + len(batch)]
            ids = pd.Series(self._ids(np.flatnonzero(mask) + start), dtype="str")
            texts = pc.utf8_trim_whitespace(batch["review"].filter(pa.array(mask)))
            yield pd.DataFrame({"review_id": ids, "review": pd.Series(texts, dtype="str")})
            start += len(batch)

    def _ids(self, rows: np.ndarray) -> pa.Array:
        """Return the ids of reviews by their rows, counted from 0."""
        return pc.binary_join_element_wise(
            "own", self._content[:12], pa.array(rows + 1).cast(pa.string()), "-"
        )
