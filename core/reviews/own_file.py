"""The user's own reviews: CSV, TSV, Parquet, JSONL, or a zip of one, with a film and a review a row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.errors import BadInput, DataNotFound
from core.progress import Report
from core.reviews.film_ids import film_ids, titles_digest
from core.reviews.own_films import by_id, by_title
from core.reviews.state import fetched_at
from core.store import Store, digest_of
from core.tables import OwnTable, Rows, open_table, pick

VERSION = "2"
"""Changes when the same file would give other reviews."""
ALIASES = {
    "film_id": ("film_id", "movie_id", "item_id"),
    "imdb_id": ("imdb_id", "imdb", "tconst"),
    "title": ("title", "film", "film_title", "movie", "movie_title"),
    "review": ("review", "text", "review_text"),
    "stars": ("stars", "rating", "score"),
}
"""Names under which columns are recognised, whatever their case."""
FILM = ("film_id", "imdb_id", "title")
"""Columns that say which film a review is of, the strongest first."""
HOW = {"film_id": "film id of the file", "imdb_id": "IMDb id of the file", "title": "title"}
MOST_STARS = 10
BLANK = ("", "nan", "none", "null", "<na>")
"""What stands in a file for no review."""


@dataclass(frozen=True)
class Check:
    """What a file holds for the films of some ratings."""

    rows: int
    reviews: int
    """Of films of the ratings."""
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


class OwnFile:
    """Reviews of the user's; joined by the strongest id that a row gives."""

    def __init__(self, path: Path, store: Store, rows: Rows | None = None) -> None:
        """`rows` is what is in the file, where it was read already (see `rows_of`)."""
        self._path = path
        self._store = store
        self._read = rows
        self._joined: tuple[pd.DataFrame, pd.DataFrame] | None = None
        self.name = path.name
        self.title = f"Your file {path.name}"
        self.licence = f"Your own file {path.name}; its terms are yours to know."

    @property
    def fetched(self) -> str:
        """When the file came here; asked late, since an upload is looked at before it is kept."""
        return fetched_at(self._path)

    @property
    def _rows(self) -> Rows:
        """The file, read once, since the digest asks for its columns and the reviews for its rows."""
        if self._read is None:
            table = open_table(self._path.name, lambda: self._path.open("rb"))
            self._read = rows_of(table, columns_of(table))
        return self._read

    def digest(self, films: pd.DataFrame | None) -> str:
        """Cover the file and, where IMDb ids may have to be found for the films, title.basics."""
        by_id = films is not None and "imdb_id" in self._rows.frame
        titles = titles_digest(films, self._store) if films is not None and by_id else "not needed"
        content = self._store.file_digest(self._path)
        return digest_of({"content": content, "titles": titles, "version": VERSION})

    def texts(self, report: Report) -> pd.DataFrame:
        """Give the file's reviews of all films, rated or not."""
        frame = self._rows.frame
        told = frame[~_blank(frame)]
        return pd.DataFrame({"review_id": _review_ids(told), "review": told["review"].str.strip()})

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Give the reviews whose film is found: by `film_id`, else IMDb id, else title.

        Titles match exactly first, then by normalised name and year, or by the name alone where the
        file gives no year and one film alone bears it. Raises BadInput where nothing can be used.
        """
        check, frame = self.check(films, report), self._joined_to(films, report)
        found = frame[~frame["blank"] & frame["film"].notna()]
        if found.empty:
            blank = check.blank == check.rows
            what = "every review is blank" if blank else "no review is of a film of the ratings"
            raise BadInput(f"{self.name}: {what}; check the columns for the film and the review")
        report(
            "reviews",
            1.0,
            f"{len(found):,} reviews; left out: {check.blank:,} blank, {check.unknown:,} of other films",
        )
        # Ids found go back to the kind of the film table, from the kind that may be missing.
        film = found["film"].astype(films["film_id"].dtype)
        order = np.argsort(pd.Index(films["film_id"]).get_indexer(pd.Index(film)), kind="stable")
        return (
            pd.DataFrame(
                {
                    "film_id": film,
                    "review_id": _review_ids(found),
                    "review": found["review"].str.strip(),
                    "stars": _stars(self._rows)[found.index],
                    "source": self.name,
                }
            )
            .iloc[order]
            .reset_index(drop=True)
        )

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Say of each film how the file names it: film_id, how, reason."""
        frame = self._joined_to(films, report)
        known = frame.dropna(subset=["film"]).drop_duplicates("film").set_index("film")["how"]
        how = films["film_id"].map(known).fillna("").astype("str")
        reason = np.where(how == "", "your file has no row of it", "all its rows are blank")
        return pd.DataFrame({"film_id": films["film_id"], "how": how, "reason": reason})

    def check(self, films: pd.DataFrame, report: Report) -> Check:
        """Count what the file holds for these films. Raises BadInput where stars are no stars."""
        frame = self._joined_to(films, report)
        _stars(self._rows)
        unknown = ~frame["blank"] & frame["film"].isna()
        said = next(name for name in reversed(FILM) if name in frame)
        return Check(
            rows=len(frame),
            reviews=int((~frame["blank"] & frame["film"].notna()).sum()),
            films=tuple(frame["film"][~frame["blank"]].dropna().unique()),
            blank=int(frame["blank"].sum()),
            unknown=int(unknown.sum()),
            examples=tuple(frame.loc[unknown, said].dropna().unique()[:5]),
            by_imdb_id={"imdb_id"} == set(FILM) & set(frame),
        )

    def _joined_to(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Give the rows with `blank`, `film` (missing where none is found) and `how`; once for the same films."""
        if self._joined is None or self._joined[0] is not films:
            frame = self._rows.frame.copy()
            frame["blank"] = _blank(frame)
            film, frame["how"] = self._films_of(frame, films, report)
            frame["film"] = film
            self._joined = films, frame
        return self._joined[1]

    def _films_of(
        self, frame: pd.DataFrame, films: pd.DataFrame, report: Report
    ) -> tuple[pd.Series, pd.Series]:
        """Give the film of each row, missing where none is found, and by what it was found."""
        film = pd.Series(pd.NA, index=frame.index, dtype=object)
        how = pd.Series("", index=frame.index, dtype="str")
        by_imdb_id = partial(self._by_imdb_id, report=report)
        finders: dict[str, Callable[[pd.DataFrame, pd.DataFrame], pd.Series]] = {
            "film_id": by_id,
            "imdb_id": by_imdb_id,
            "title": by_title,
        }
        for name in FILM:
            if name in frame and film.isna().any():
                found = film.isna() & (more := finders[name](frame, films)).notna()
                film, how = film.where(~found, more), how.where(~found, HOW[name])
        return film, how

    def _by_imdb_id(self, frame: pd.DataFrame, films: pd.DataFrame, report: Report) -> pd.Series:
        try:
            known = film_ids(films, self._store, report)
        except DataNotFound:
            if "title" not in frame:
                raise
            known = films
        known = known.dropna(subset=["imdb_id"])
        digits = pd.Series(
            known["film_id"].to_numpy(dtype=object),
            index=known["imdb_id"].astype("str").str.removeprefix("tt").str.zfill(8),
        )
        given = frame["imdb_id"].str.extract(r"(\d{1,9})", expand=False).str.zfill(8)
        return given.map(digits[~digits.index.duplicated()]).astype(object)


def columns_of(table: OwnTable) -> dict[str, str]:
    """Give the columns that stand for ours. Raises BadInput where one is missing or there twice."""
    columns = pick(table.columns, ALIASES)
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


def rows_of(table: OwnTable, columns: Mapping[str, str]) -> Rows:
    """Give the columns (ours -> the table's) as text, under our names. Raises BadInput where there are no rows."""
    pieces = list(table.pieces(columns))
    if not sum(map(len, pieces)):
        raise BadInput(f"{table.name} has no reviews; add some")
    frame = pa.concat_tables(pieces).to_pandas(split_blocks=True, self_destruct=True)
    return Rows(table.name, frame.astype("str"), table.place)


def _blank(frame: pd.DataFrame) -> pd.Series:
    """Say of each row whether it has no review."""
    return frame["review"].isna() | frame["review"].str.strip().str.lower().isin(BLANK)


def _review_ids(frame: pd.DataFrame) -> list[str]:
    return [f"own-{number + 1}" for number in frame.index]


def _stars(rows: Rows) -> pd.Series:
    """Give the stars as numbers, missing where there are none."""
    if "stars" not in rows.frame:
        return pd.Series(pd.NA, index=rows.frame.index, dtype="Float32")
    given = rows.frame["stars"].str.strip().replace("", np.nan)
    stars = pd.to_numeric(given, errors="coerce")
    bad = np.flatnonzero((given.notna() & ~stars.between(1, MOST_STARS)).to_numpy())
    if len(bad):
        raise BadInput(
            f"{rows.place(bad[0])}: stars is {given.iloc[bad[0]][:40]!r}, and must be a number "
            f"from 1 to {MOST_STARS}; correct or empty it"
        )
    return stars.astype("Float32")
