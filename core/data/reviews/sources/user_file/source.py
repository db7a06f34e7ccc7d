"""The user's own reviews: CSV, TSV, Parquet, JSONL, or a zip of these, with a film and a review a row.

The file is read twice, a piece at a time: first all but the texts, then the texts of the rows that are wanted. So a
million reviews need no more memory than those that a run reads.

    rows     a file -> its columns, and all of its rows without their texts
    films    how a file calls its films -> the films of the ratings
    drawing  more reviews than a run reads -> those that it reads
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.reviews.matching.imdb_ids import titles_digest
from core.data.reviews.matching.titles import A_GUESS
from core.data.reviews.sources.state import fetched_at
from core.data.reviews.sources.user_file.films import films_of
from core.data.reviews.sources.user_file.rows import FILM, Rows, columns_of, rows_of
from core.data.reviews.sources.user_file.sampling import MOST_READ, drawn
from core.data.tables import GUESSED, UserTable, open_table
from core.errors import BadInput
from core.paths import given_name
from core.progress import Report
from core.store import Store, digest_of

VERSION = "4"
"""Changes when the same file would give other reviews."""


@dataclass(frozen=True)
class Check:
    """What a file holds for the films of some ratings."""

    rows: int
    reviews: int
    """Of films of the ratings."""
    read: int
    """Of these, as many as a run reads."""
    films: tuple[Any, ...]
    """Ids of the films that have some."""
    blank: int
    """Rows without a review."""
    unknown: int
    """Rows of other films."""
    examples: tuple[str, ...]
    """How the file calls some of these other films."""
    by_imdb_id: bool
    """Whether IMDb ids alone say which film a row is of."""
    doubt: str
    """Why some rows may be lost; "" where nothing speaks for it."""


@dataclass(frozen=True)
class Joined:
    """The rows of a file beside the films of some ratings."""

    film: np.ndarray
    """Each row's place among the films, -1 where it is of none of them."""
    how: np.ndarray
    """By what a film was found, for people; "" for a film that has no row."""
    told: np.ndarray
    """Reviews that the file has of a film."""
    read: np.ndarray
    """Whether a run reads a row."""


class UserFile:
    """Reviews of the user's; joined by the strongest id that a row gives."""

    def __init__(
        self,
        path: Path,
        store: Store,
        table: UserTable | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        """`table` stands in for the file at the path, `columns` (ours -> the file's) for those recognised."""
        self._path, self._store = path, store
        self._given = table, columns
        self._joined: tuple[pd.DataFrame, Joined] | None = None
        self.name = path.name
        self.title = f"Your file {given_name(path)}"
        self.licence = f"Your own file {given_name(path)}; its terms are yours to know."

    @classmethod
    def open(cls, path: Path, store: Store) -> Self:
        """Open the file at a path. Raises BadInput where it is no table, or has no column for film or review."""
        source = cls(path, store)
        try:
            columns_of(source._table)
        except OSError as error:
            raise BadInput(f"{path} cannot be read ({error.strerror}); give a file that can") from error
        return source

    @property
    def fetched(self) -> str:
        """When the file came here; asked late, since an upload is looked at before it is kept."""
        return fetched_at(self._path)

    @cached_property
    def _table(self) -> UserTable:
        return self._given[0] or open_table(self._path.name, lambda: self._path.open("rb"))

    @cached_property
    def _columns(self) -> Mapping[str, str]:
        return self._given[1] or columns_of(self._table)

    @cached_property
    def _rows(self) -> Rows:
        return rows_of(self._table, self._columns)

    def digest(self, films: pd.DataFrame | None) -> str:
        """Cover the file and, where IMDb ids may have to be found for the films, title.basics."""
        by_imdb_id = films is not None and "imdb_id" in self._columns
        titles = titles_digest(films, self._store) if films is not None and by_imdb_id else "not needed"
        content = self._store.file_digest(self._path)
        return digest_of({"content": content, "titles": titles, "version": VERSION})

    def texts(self, report: Report) -> Iterator[pd.DataFrame]:
        """Return all of the file's reviews, of films that are rated or not."""
        return self._pieces(~self._rows.blank)

    def ids(self, films: pd.DataFrame, report: Report) -> pd.Series:
        """Return the ids of all reviews whose film is found, drawn or not."""
        joined = self._joined_to(films, report)
        return pd.Series(self._ids(np.flatnonzero(~self._rows.blank & (joined.film >= 0))), dtype="str")

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews whose film is found (see `films`), of a long file those that are `drawn`.

        Raises BadInput where nothing can be used.
        """
        check, joined = self.check(films, report), self._joined_to(films, report)
        if not check.reviews:
            blank = check.blank == check.rows
            what = "every review is blank" if blank else "no review is of a film of the ratings"
            raise BadInput(f"{self.name}: {what}; check the columns for the film and the review")
        found = pd.concat(self._pieces(joined.read), ignore_index=True)
        film, stars = joined.film[joined.read], self._rows.stars[joined.read]
        order = np.argsort(film, kind="stable")
        drawn_of = f", drawn of {check.reviews:,}" if check.read < check.reviews else ""
        report(
            "reviews",
            1.0,
            f"{check.read:,} reviews{drawn_of}; left out: {check.blank:,} blank, {check.unknown:,} of other films"
            + (f"; {check.doubt}" if check.doubt else "")
            + (f"; read as {self._table.format}" if GUESSED in self._table.format else ""),
        )
        return pd.DataFrame(
            {
                "film_id": films["film_id"].take(film[order]).to_numpy(),
                "review_id": found["review_id"].take(order).array,
                "review": found["review"].take(order).array,
                "stars": pd.array(stars[order], dtype="Float32"),
                "source": self.name,
            }
        )

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return of each film how the file names it: film_id, how, reason."""
        joined = self._joined_to(films, report)
        many = _counts(joined.film[joined.read], len(films))
        how = [
            f"{how}; {some:,} of its {told:,} reviews, drawn" if some < told else how
            for how, some, told in zip(joined.how, many, joined.told, strict=True)
        ]
        reason = np.where(joined.how == "", "your file has no row of it", "all its rows are blank")
        return pd.DataFrame({"film_id": films["film_id"], "how": how, "reason": reason})

    def check(self, films: pd.DataFrame, report: Report) -> Check:
        """Count what the file holds for these films. Raises BadInput where stars are no stars."""
        rows, joined = self._rows, self._joined_to(films, report)
        unknown = ~rows.blank & (joined.film < 0)
        said = next(name for name in reversed(FILM) if name in rows.names)
        others = rows.names[said].iloc[np.unique(rows.name[unknown])]
        return Check(
            rows=len(rows.name),
            reviews=int(joined.told.sum()),
            read=int(joined.read.sum()),
            films=tuple(films["film_id"][joined.told > 0]),
            blank=int(rows.blank.sum()),
            unknown=int(unknown.sum()),
            examples=tuple(others.dropna().unique()[:5]),
            by_imdb_id={"imdb_id"} == set(FILM) & set(rows.names),
            doubt=rows.doubt,
        )

    def _joined_to(self, films: pd.DataFrame, report: Report) -> Joined:
        """Find the film of each row; once for the same films."""
        if self._joined is None or self._joined[0] is not films:
            rows = self._rows
            film, by = films_of(rows.names, films, self._store, report)
            how = np.full(len(films), "", dtype=object)
            # Of several names of a film the first in the file says how, a guess before others: it is written last.
            known = np.flatnonzero(film >= 0)[::-1]
            known = known[np.argsort([A_GUESS in name for name in by[known]], kind="stable")]
            how[film[known]] = by[known]
            mine = film[rows.name]
            told = ~rows.blank & (mine >= 0)
            read = drawn(mine, told, MOST_READ)
            joined = Joined(mine, how, _counts(mine[told], len(films)), read)
            self._joined = films, joined
        return self._joined[1]

    def _pieces(self, wanted: np.ndarray) -> Iterator[pd.DataFrame]:
        """Return the wanted rows: review_id, by the file and their places in it ("own-3f2a…-1"), and review."""
        # What the first reading held is free for the texts.
        pa.default_memory_pool().release_unused()
        at = 0
        for piece in self._table.batches({"review": self._columns["review"]}):
            mask = wanted[at : at + len(piece)]
            ids = self._ids(np.flatnonzero(mask) + at)
            texts = pc.utf8_trim_whitespace(piece["review"].filter(pa.array(mask)))
            yield pd.DataFrame(
                {"review_id": pd.Series(ids, dtype="str"), "review": pd.Series(texts, dtype="str")}
            )
            at += len(piece)

    def _ids(self, rows: np.ndarray) -> pa.Array:
        """Return the ids of reviews by their rows, counted from 0."""
        file = self._store.file_digest(self._path)[:12]
        return pc.binary_join_element_wise("own", file, pa.array(rows + 1).cast(pa.string()), "-")


def _counts(films: np.ndarray, many: int) -> np.ndarray:
    return np.bincount(films, minlength=many)
