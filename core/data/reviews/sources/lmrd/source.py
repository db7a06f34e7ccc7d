"""The Large Movie Review Dataset as a source (Maas et al. 2011); see `archive` for its layout."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from core.data.datasets.find import DATASETS, find
from core.data.reviews.matching.imdb_ids import matches_by_id, titles_digest
from core.data.reviews.sources.lmrd.archive import ROW_GROUP, VERSION, Archive
from core.data.reviews.sources.state import SourceState, fetched_at, state_of
from core.progress import Report
from core.store import Store, digest_of


class LargeMovieReviews:
    """Up to 30 reviews a film, by users of IMDb."""

    name = "lmrd"
    title = DATASETS["lmrd"].title
    licence = DATASETS["lmrd"].licence
    covers = "100,000 reviews of 14,000 films by users of IMDb up to 2011, at most 30 a film"

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return where the archive and title.basics are; ratings without IMDb ids need both."""
        archive, titles = state_of("lmrd", store), state_of("title-basics", store)
        also = f". Ratings without IMDb ids need IMDb's title.basics too: {titles.sentence}"
        return replace(archive, sentence=archive.sentence + also)

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls(find("lmrd", store, report), store)

    def __init__(self, path: Path, store: Store) -> None:
        self._archive = Archive(path, store)
        self._store = store
        self.fetched = fetched_at(path)

    def digest(self, films: pd.DataFrame | None) -> str:
        """Return the SHA-256 of the archive and, where films are matched by it, of title.basics."""
        titles = "not needed" if films is None else titles_digest(films, self._store)
        return digest_of({"archive": self._archive.digest(), "titles": titles, "version": VERSION})

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films, joined by IMDb id. Raises BadInput where the archive is damaged."""
        matches = matches_by_id(films, self._store, report)
        ids = matches.loc[matches["how"] != "", ["film_id", "imdb_id"]]
        wanted = pa.compute.field("imdb_id").isin(pa.array(ids["imdb_id"].unique(), pa.string()))
        table = pa.parquet.read_table(self._archive.parquet(report), filters=wanted).to_pandas()
        table = table.merge(ids, on="imdb_id")
        table["film_number"] = pd.Index(films["film_id"]).get_indexer(table["film_id"])
        table = table.sort_values(["film_number", "split", "sentiment", "number"], ignore_index=True)
        report("reviews", 1.0, f"{len(table):,} reviews of {table['film_id'].nunique():,} films")
        return pd.DataFrame(
            {
                "film_id": table["film_id"],
                "review_id": _review_id(table),
                "review": table["review"],
                "stars": table["stars"].astype("Float32"),
                "source": self.name,
                "address": "https://www.imdb.com/title/" + table["imdb_id"] + "/reviews/",
            }
        )

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the match of each film by IMDb id: film_id, imdb_id, how, reason."""
        return matches_by_id(films, self._store, report)

    def texts(self, report: Report) -> Iterator[pd.DataFrame]:
        """Return the reviews of all films of the archive, rated or not; `test` marks its test split."""
        columns = ["split", "sentiment", "number", "review"]
        for batch in pa.parquet.ParquetFile(self._archive.parquet(report)).iter_batches(
            ROW_GROUP, columns=columns
        ):
            table = batch.to_pandas()
            yield pd.DataFrame(
                {"review_id": _review_id(table), "review": table["review"], "test": table["split"] == "test"}
            )


def _review_id(table: pd.DataFrame) -> pd.Series:
    """Return an id of each review by its place in the archive, as in "lmrd-train-pos-17"."""
    return "lmrd-" + table["split"].str.cat([table["sentiment"], table["number"].astype("str")], sep="-")
