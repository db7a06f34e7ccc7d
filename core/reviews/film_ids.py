"""Each film's IMDb id: the one that the ratings bring, else by title and year through title.basics."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from core.datasets import find
from core.errors import BadInput, DataNotFound
from core.progress import Report, silent
from core.reviews.matching import KINDS, match_films
from core.store import Store

COLUMNS = {
    "tconst": "imdb_id",
    "titleType": "kind",
    "primaryTitle": "title",
    "originalTitle": "original",
    "startYear": "year",
}


def imdb_ids(films: pd.DataFrame, store: Store, report: Report) -> pd.Series:
    """Give the IMDb ids of films, indexed by `film_id`; films that are not found are left out.

    title.basics is looked for only where some film has no id.
    """
    known = films.dropna(subset=["imdb_id"])
    unknown = films[films["imdb_id"].isna()]
    ids = known.set_index("film_id")["imdb_id"]
    if len(unknown):
        titles = read_title_basics(find("title-basics", store, report), unknown["year"], report)
        matched = match_films(unknown, titles[~titles["imdb_id"].isin(known["imdb_id"])])
        ids = pd.concat([ids, matched.set_index("film_id")["imdb_id"]])
    return ids.astype("str")


def titles_digest(films: pd.DataFrame, store: Store) -> str:
    """Give the SHA-256 of what `imdb_ids` would read for these films, fetched first where need be."""
    if films["imdb_id"].notna().all():
        return "not needed"
    try:
        return store.file_digest(find("title-basics", store, silent))
    except DataNotFound:
        return "not to be had"


def read_title_basics(path: Path, years: pd.Series, report: Report) -> pd.DataFrame:
    """Give `imdb_id`, `kind`, `title`, `original` and `year` of films of these years, give or take one.

    Read in batches, since the whole file has millions of episodes. Raises BadInput where it is
    another file or damaged.
    """
    wanted = pa.array(
        sorted({int(year) + off for year in years.dropna().unique() for off in (-1, 0, 1)}), pa.int32()
    )
    kinds = pa.array(KINDS)
    kept = []
    try:
        with pa.csv.open_csv(
            path,
            pa.csv.ReadOptions(block_size=1 << 24),
            pa.csv.ParseOptions(delimiter="\t", quote_char=False),
            pa.csv.ConvertOptions(
                include_columns=list(COLUMNS),
                column_types={name: pa.int32() if name == "startYear" else pa.string() for name in COLUMNS},
                null_values=["\\N"],
            ),
        ) as reader:
            for number, batch in enumerate(reader):
                report("reviews", 0.0, f"reading {path.name}, part {number + 1}")
                right = pa.compute.and_(
                    pa.compute.is_in(batch["startYear"], wanted), pa.compute.is_in(batch["titleType"], kinds)
                )
                kept.append(pa.Table.from_batches([batch]).filter(right))
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise BadInput(
            f"{path.name} is not a whole title.basics file ({str(error)[:80]}); fetch it again"
        ) from error
    return pa.concat_tables(kept).to_pandas().rename(columns=COLUMNS)
