"""The user's own reviews: CSV, TSV, Parquet or JSONL with a film and a review a row."""

import json
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.errors import BadInput, DataNotFound
from core.progress import Report
from core.reviews.film_ids import imdb_ids, titles_digest
from core.reviews.matching import names
from core.store import Store, digest_of
from core.tables import Rows, header, is_parquet, parquet_header, pick, read_parquet, read_text, text_file

VERSION = "1"
"""Changes when the same file would give other reviews."""
ALIASES = {
    "film_id": ("film_id", "movie_id", "item_id"),
    "imdb_id": ("imdb_id", "imdb", "tconst"),
    "title": ("title", "film", "film_title", "movie", "movie_title"),
    "review": ("review", "text", "review_text"),
    "stars": ("stars", "rating", "score"),
}
"""Names under which columns are recognised, whatever their case."""
MOST_STARS = 10
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson")
"""Endings of the files that can be read."""
_YEAR = r"\((\d{4})\)\s*$"


class OwnFile:
    """Reviews of the user's; joined by the strongest id that a row gives."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        self._store = store
        self.name = path.name
        self.title = f"Your file {path.name}"
        self.licence = f"Your own file {path.name}; its terms are yours to know."

    @cached_property
    def _rows(self) -> Rows:
        """The file, read once, since the digest asks for its columns and the reviews for its rows."""
        return _read(self._path)

    def digest(self, films: pd.DataFrame | None) -> str:
        """Cover the file and, where IMDb ids may have to be found for the films, title.basics."""
        by_id = films is not None and "imdb_id" in self._rows.frame
        titles = titles_digest(films, self._store) if films is not None and by_id else "not needed"
        content = self._store.file_digest(self._path)
        return digest_of({"content": content, "titles": titles, "version": VERSION})

    def texts(self, report: Report) -> pd.DataFrame:
        """Give the file's reviews of all films, rated or not."""
        frame = self._rows.frame
        told = frame[frame["review"].notna() & (frame["review"].str.strip() != "")]
        return pd.DataFrame(
            {
                "review_id": [f"own-{number + 1}" for number in told.index],
                "review": told["review"].str.strip(),
            }
        )

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Give the reviews whose film is found: by `film_id`, else IMDb id, else title.

        Titles match exactly first, then by normalised name and year, or by the name alone where the
        file gives no year and one film alone bears it. Raises BadInput where nothing can be used.
        """
        rows, frame = self._rows, self._rows.frame.copy()
        frame["stars"] = _stars(rows)
        blank = frame["review"].isna() | (frame["review"].str.strip() == "")
        frame["film_id"] = self._film_of(frame, films, report)
        found = frame[~blank & frame["film_id"].notna()]
        unknown = int((~blank & frame["film_id"].isna()).sum())
        if found.empty:
            what = "every review is blank" if blank.all() else "no review is of a film of the ratings"
            raise BadInput(f"{self.name}: {what}; check the columns for the film and the review")
        report(
            "reviews",
            1.0,
            f"{len(found):,} reviews; left out: {blank.sum():,} blank, {unknown:,} of other films",
        )
        # Ids found go back to the kind of the film table, from the kind that may be missing.
        film = found["film_id"].astype(films["film_id"].dtype)
        order = np.argsort(pd.Index(films["film_id"]).get_indexer(pd.Index(film)), kind="stable")
        return (
            pd.DataFrame(
                {
                    "film_id": film,
                    "review_id": [f"own-{number + 1}" for number in found.index],
                    "review": found["review"].str.strip(),
                    "stars": found["stars"],
                    "source": self.name,
                }
            )
            .iloc[order]
            .reset_index(drop=True)
        )

    def _film_of(self, frame: pd.DataFrame, films: pd.DataFrame, report: Report) -> pd.Series:
        """Give the film of each row, missing where none is found."""
        film = pd.Series(pd.NA, index=frame.index, dtype=object)
        if "film_id" in frame:
            others = (
                films.assign(other=films["other_ids"].str.split()).explode("other").dropna(subset=["other"])
            )
            by_text = pd.Series(
                [*films["film_id"], *others["film_id"]],
                index=[*films["film_id"].astype("str"), *others["other"]],
                dtype=object,
            )
            film = film.fillna(frame["film_id"].str.strip().str.removesuffix(".0").map(by_text))
        if "imdb_id" in frame and film.isna().any():
            try:
                ids = imdb_ids(films, self._store, report)
            except DataNotFound:
                if "title" not in frame:
                    raise
                ids = films.dropna(subset=["imdb_id"]).set_index("film_id")["imdb_id"].astype("str")
            digits = pd.Series(
                ids.index.to_numpy(dtype=object), index=ids.str.removeprefix("tt").str.zfill(8)
            )
            given = frame["imdb_id"].str.extract(r"(\d{1,9})", expand=False).str.zfill(8)
            film = film.fillna(given.map(digits[~digits.index.duplicated()]))
        if "title" in frame and film.isna().any():
            film = film.fillna(_by_title(frame["title"], films))
        return film


def _by_title(titles: pd.Series, films: pd.DataFrame) -> pd.Series:
    """Give the film of each title: exact, else normalised name and year, else the name alone."""
    ids = films["film_id"].to_numpy(dtype=object)
    film = titles.str.strip().map(pd.Series(ids, index=films["title"])).astype(object)
    ours = pd.DataFrame(
        {"film": ids, "name": films["title"].map(names), "year": films["year"].astype("Float64")}
    )
    ours = ours.explode("name").dropna(subset=["name"])
    distinct = pd.Series(titles.dropna().unique())
    theirs = pd.DataFrame(
        {
            "title": distinct,
            "name": distinct.map(names).str[0],
            "year": pd.to_numeric(distinct.str.extract(_YEAR)[0]).astype("Float64"),
        }
    ).dropna(subset=["name"])
    dated = theirs.dropna(subset=["year"]).merge(ours.dropna(subset=["year"]), on=["name", "year"])
    undated = theirs[theirs["year"].isna()].merge(ours, on="name")
    pairs = pd.concat([dated, undated]).drop_duplicates(["title", "film"])
    sole = pairs[~pairs["title"].duplicated(keep=False)]
    return film.fillna(titles.map(sole.set_index("title")["film"].astype(object)))


def _read(path: Path) -> Rows:
    """Give the known columns as text, under their own names. Raises BadInput where one is missing."""
    if path.suffix.lower() not in TABLES and not is_parquet(path):
        raise BadInput(f"{path.name} is of no known kind; give a file that ends in {', '.join(TABLES)}")
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        rows = _read_jsonl(path)
        there = list(rows.frame.columns)
    else:
        rows, there = (
            None,
            parquet_header(path) if is_parquet(path) else header(text_file(path, multiline=True)),
        )
    columns = pick(there, ALIASES)
    listed = ", ".join(there)[:80]
    if "review" not in columns:
        raise BadInput(f"{path.name} has no column for the review (it has {listed}); name one 'review'")
    if not {"film_id", "imdb_id", "title"} & set(columns):
        raise BadInput(
            f"{path.name} has no column for the film (it has {listed}); add title, film_id or imdb_id"
        )
    if rows is None and is_parquet(path):
        rows = read_parquet(path, list(columns.values()))
    elif rows is None:
        rows = read_text(text_file(path, multiline=True), dict.fromkeys(columns.values(), pa.string()))
    if rows.frame.empty:
        raise BadInput(f"{path.name} has no reviews; add some")
    frame = rows.frame[list(columns.values())].set_axis(list(columns), axis=1).astype("str")
    return Rows(rows.name, frame.reset_index(drop=True), rows.place)


def _read_jsonl(path: Path) -> Rows:
    """Give a column a key; blank lines are passed over."""
    found, lines = [], []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except UnicodeDecodeError as error:
            raise BadInput(f"{path.name}, line {number} is not in UTF-8; save it in UTF-8") from error
        except json.JSONDecodeError as error:
            raise BadInput(
                f"{path.name}, line {number} is not JSON ({error.msg}); mend or delete it"
            ) from error
        if not isinstance(row, dict):
            raise BadInput(f"{path.name}, line {number} is not a JSON object; mend or delete it")
        found.append(row)
        lines.append(number)
    if not found:
        raise BadInput(f"{path.name} is empty; give a JSON object a line")
    return Rows(path.name, pd.DataFrame(found), lambda row: f"{path.name}, line {lines[row]}")


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
