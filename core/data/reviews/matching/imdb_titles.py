"""IMDb's title.basics -> the films in it under their normalised names, read through once.

The whole file has 11 million rows, most of them episodes: it is streamed, and never held as one table. What is
kept is a Parquet file with a row a film and name, from which the titles that some films may be are picked.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from core.data.reviews.matching.titles import KINDS, joined, names, names_of_titles
from core.errors import BadInput
from core.progress import Report
from core.store import Store

VERSION = "2"
"""Changes when the same file would give other rows."""
STAGE, FILE = "film titles", "names.parquet"
COLUMNS = {
    "tconst": "imdb_id",
    "titleType": "kind",
    "primaryTitle": "title",
    "originalTitle": "original",
    "startYear": "year",
}
SCHEMA = pa.schema(
    [(name, pa.int32() if name == "year" else pa.string()) for name in (*COLUMNS.values(), "name")]
)
"""What is kept; `name` is normalised, and without its spaces."""
BLOCK = 1 << 23
"""Bytes of text read at a time; decides the memory that is needed."""


def film_titles(path: Path, store: Store, report: Report) -> Path:
    """Return the Parquet file of all films of a title.basics, by name, made now or before.

    Columns: those of SCHEMA. Raises BadInput where it is another file or damaged.
    """

    def build(folder: Path) -> None:
        with pa.parquet.ParquetWriter(folder / FILE, SCHEMA, compression="zstd") as writer:
            for films in films_in(path, report):
                writer.write_table(_by_name(films))

    return store.artifact(STAGE, VERSION, {"titles": store.file_digest(path)}, build) / FILE


def read_before(path: Path, store: Store) -> str | None:
    """Return the name of the artifact of a title.basics where it is made, else None; quick."""
    home = store.home(STAGE, VERSION, {"titles": store.file_digest(path)})
    return home.name if home.exists() else None


def titles_of(films: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the titles that bear a name of one of the films, in the years of the films, give or take one."""
    return _picked(path, years_around(films["year"]), films["title"])


def titles_named(title: str, path: Path) -> pd.DataFrame:
    """Return the titles that bear one of the names of a film, whatever their year; the older first."""
    return _picked(path, None, pd.Series([title])).sort_values(["year", "imdb_id"], ignore_index=True)


def titles_in(years: pd.Series, path: Path) -> pd.DataFrame:
    """Return the titles of these years, give or take one."""
    return _picked(path, years_around(years), None)


def titles_of_ids(imdb_ids: pd.Series, path: Path) -> pd.DataFrame:
    """Return the titles with these ids; those that are not in the list have no row."""
    return _read(path, pa.compute.field("imdb_id").isin(pa.array(imdb_ids.dropna().unique(), pa.string())))


def _picked(path: Path, years: list[int] | None, titles: pd.Series | None) -> pd.DataFrame:
    """Return the rows of these years, or of any, that bear a name of one of these titles, or any; a row a film."""
    right = pa.compute.scalar(True)
    if years is not None:
        right &= pa.compute.field("year").isin(pa.array(years, pa.int32()))
    if titles is not None:
        own = joined(titles.map(names).explode().dropna().astype("str"))
        right &= pa.compute.field("name").isin(pa.array(own.unique(), pa.string()))
    return _read(path, right)


def _read(path: Path, right: pa.compute.Expression) -> pd.DataFrame:
    """Return the rows for which the expression holds, a row a film."""
    table = pa.parquet.read_table(path, columns=list(COLUMNS.values()), filters=right)
    return table.to_pandas().drop_duplicates("imdb_id", ignore_index=True)


def years_around(years: pd.Series) -> list[int]:
    """Return each year with the one before and the one after, in order.

    >>> years_around(pd.Series([1994, 1995, None]))
    [1993, 1994, 1995, 1996]
    """
    return sorted({int(year) + off for year in years.dropna().unique() for off in (-1, 0, 1)})


def films_in(path: Path, report: Report) -> Iterator[pa.Table]:
    """Return the films with a year of a title.basics, in parts, under the names of COLUMNS.

    Raises BadInput where it is another file or damaged, and what `report` raises.
    """
    kinds = pa.array(KINDS)
    try:
        with pa.csv.open_csv(
            path,
            pa.csv.ReadOptions(block_size=BLOCK),
            pa.csv.ParseOptions(delimiter="\t", quote_char=False),
            pa.csv.ConvertOptions(
                include_columns=list(COLUMNS),
                column_types={name: pa.int32() if name == "startYear" else pa.string() for name in COLUMNS},
                null_values=["\\N"],
                strings_can_be_null=True,
            ),
        ) as reader:
            rows = 0
            for batch in reader:
                rows += len(batch)
                report("reviews", 0.0, f"reading {path.name}: {rows / 1e6:.1f} million titles")
                film = pa.compute.is_in(batch["titleType"], kinds)
                dated = pa.compute.is_valid(batch["startYear"])
                films = pa.Table.from_batches([batch.filter(pa.compute.and_(film, dated))])
                yield films.rename_columns(list(COLUMNS.values()))
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise BadInput(
            f"{path.name} is not a whole title.basics file ({str(error)[:80]}); fetch it again"
        ) from error


def _by_name(films: pa.Table) -> pa.Table:
    """Return a row a film and name."""
    frame = films.to_pandas().fillna({"title": "", "original": ""})
    frame = frame.assign(name=names_of_titles(frame)).explode("name").dropna(subset=["name"])
    frame["name"] = joined(frame["name"].astype("str"))
    return pa.Table.from_pandas(frame, SCHEMA, preserve_index=False)
