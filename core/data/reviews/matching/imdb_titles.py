"""IMDb's title.basics -> an index of its films by normalised name, built once.

The file has 11 million rows, most of them episodes: it is streamed, never held as one table. The index is a Parquet
file with a row a film and name, from which candidate titles are selected.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from core.data.reviews.matching.title_matching import KINDS, joined, names, names_of_titles
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
"""Columns of the index; `name` is normalised, without spaces."""
BLOCK_BYTES = 1 << 23
"""Bytes of text read at a time; determines peak memory."""


def film_titles(path: Path, store: Store, report: Report) -> Path:
    """Return the path of the index (Parquet, SCHEMA) of a title.basics, built now or before.

    Raises BadInput where it is another file or damaged.
    """

    def build(folder: Path) -> None:
        with pa.parquet.ParquetWriter(folder / FILE, SCHEMA, compression="zstd") as writer:
            for films in films_in(path, report):
                writer.write_table(_by_name(films))

    return store.artifact(STAGE, VERSION, {"titles": store.file_digest(path)}, build) / FILE


def index_name(path: Path, store: Store) -> str | None:
    """Return the name of the index's artifact where it is built already, else None; quick."""
    home = store.home(STAGE, VERSION, {"titles": store.file_digest(path)})
    return home.name if home.exists() else None


def titles_of(films: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the titles with a name of one of the films, within one year of any film's year."""
    return _selected(path, years_around(films["year"]), films["title"])


def titles_named(title: str, path: Path) -> pd.DataFrame:
    """Return the titles with one of a film's names, of any year; the older first."""
    return _selected(path, None, pd.Series([title])).sort_values(["year", "imdb_id"], ignore_index=True)


def titles_in(years: pd.Series, path: Path) -> pd.DataFrame:
    """Return the titles within one year of these years."""
    return _selected(path, years_around(years), None)


def titles_of_ids(imdb_ids: pd.Series, path: Path) -> pd.DataFrame:
    """Return the titles with these ids; an unknown id has no row."""
    return _read(path, pa.compute.field("imdb_id").isin(pa.array(imdb_ids.dropna().unique(), pa.string())))


def _selected(path: Path, years: list[int] | None, titles: pd.Series | None) -> pd.DataFrame:
    """Return the rows of these years with a name of one of these titles, None for any; a row a film."""
    condition = pa.compute.scalar(True)
    if years is not None:
        condition &= pa.compute.field("year").isin(pa.array(years, pa.int32()))
    if titles is not None:
        wanted = joined(titles.map(names).explode().dropna().astype("str"))
        condition &= pa.compute.field("name").isin(pa.array(wanted.unique(), pa.string()))
    return _read(path, condition)


def _read(path: Path, condition: pa.compute.Expression) -> pd.DataFrame:
    """Return the rows that meet the condition, a row a film."""
    table = pa.parquet.read_table(path, columns=list(COLUMNS.values()), filters=condition)
    return table.to_pandas().drop_duplicates("imdb_id", ignore_index=True)


def years_around(years: pd.Series) -> list[int]:
    """Return each year with the one before and the one after, sorted.

    >>> years_around(pd.Series([1994, 1995, None]))
    [1993, 1994, 1995, 1996]
    """
    return sorted({int(year) + offset for year in years.dropna().unique() for offset in (-1, 0, 1)})


def films_in(path: Path, report: Report) -> Iterator[pa.Table]:
    """Return the films with a year of a title.basics, in batches, under the names of COLUMNS.

    Raises BadInput where it is another file or damaged, and what `report` raises.
    """
    film_types = pa.array(KINDS)
    try:
        with pa.csv.open_csv(
            path,
            pa.csv.ReadOptions(block_size=BLOCK_BYTES),
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
                film = pa.compute.is_in(batch["titleType"], film_types)
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
