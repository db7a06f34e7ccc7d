"""Reviews and their words, each through the store: a source -> the folder of the files that were made of it.

Tokens are imported only where there is something to read, so a run that finds all in the cache is quick.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.ratings.dataset import Ratings
from core.data.reviews.coverage import source_coverage
from core.data.reviews.provenance import with_provenance
from core.data.reviews.registry import ids_of
from core.data.reviews.sources.base import ReviewSource
from core.errors import BadInput, DegenerateResult
from core.formatting import counted
from core.progress import Report, named, part
from core.store import Store

VERSIONS = {"reviews": "4", "texts": "4", "tokens": "2"}
"""Raise a stage's version when its code changes what it makes: older artifacts are then not found."""
ROWS = 4096
"""Texts that are read together."""
TEXTS = pa.schema(
    {
        "review_id": pa.large_string(),
        "review": pa.large_string(),
        "test": pa.bool_(),
        "fetched": pa.large_string(),
    }
)
"""Columns of the texts that a language model reads."""


def review_folder(ratings: Ratings, source: ReviewSource, store: Store, report: Report) -> Path:
    """Return the folder with reviews.parquet, all reviews that the source has of the rated films, and with
    coverage.parquet, which says of each film how the source knows it, or why it has none.
    """

    def build(folder: Path) -> None:
        reviews = source.reviews(ratings.films, named(report, "reviews"))
        if reviews.empty:
            raise DegenerateResult(
                f"{source.title} has no review of any film of {ratings.name}; choose another source"
            )
        if reviews.review_id.duplicated().any():
            twice = reviews.review_id[reviews.review_id.duplicated()].iloc[0]
            raise BadInput(f"{source.title} gives two reviews under one id ({twice}); give each its own")
        known = with_provenance(reviews, source)
        known.to_parquet(folder / "reviews.parquet")
        once = known[known.duplicate_of.isna()]
        coverage = source_coverage(ratings, source, once, named(report, "reviews"))
        coverage.to_parquet(folder / "coverage.parquet", index=False)

    inputs = {"ratings": ratings.digest, "source": source.name, "digest": source.digest(ratings.films)}
    folder = store.artifact("reviews", VERSIONS["reviews"], inputs, build)
    ids = pd.read_parquet(folder / "reviews.parquet", columns=["film_id"]).film_id
    report("reviews", 1.0, f"{counted(len(ids), 'review')} of {counted(ids.nunique(), 'film')}")
    return folder


def token_folder(reviews_at: Path, report: Report, store: Store) -> Path:
    """Return the folder with the tokens of the reviews in a folder, in their order."""

    def build(folder: Path) -> None:
        from core.language_model.tokenizer import tokenise

        reviews = pq.ParquetFile(reviews_at / "reviews.parquet")
        texts = (
            text
            for batch in reviews.iter_batches(ROWS, columns=["review"])
            for text in batch["review"].to_pylist()
        )
        many = reviews.metadata.num_rows
        tokenise(texts, part(report, 0.0, 0.3), "language model", many).save(folder)
        pq.write_table(reviews.read(["review_id"]), folder / "reviews.parquet")

    return store.artifact("tokens", VERSIONS["tokens"], {"reviews": reviews_at.name}, build)


def text_folder(source: ReviewSource, without: Ratings | None, store: Store, report: Report) -> Path:
    """Return the folder with reviews.parquet: all texts that the source has, whatever their films.

    Its columns are those of TEXTS; what the source does not say is missing. `without` leaves out the reviews of the
    rated films.
    """

    def build(folder: Path) -> None:
        hears = named(report, "language model")
        rated = ids_of(source, without.films, hears) if without is not None else []
        written = 0
        with pq.ParquetWriter(folder / "reviews.parquet", TEXTS) as writer:
            for texts in source.texts(hears):
                left = texts[~texts.review_id.isin(rated)].reindex(columns=TEXTS.names)
                writer.write_table(pa.Table.from_pandas(left, TEXTS, preserve_index=False))
                written += len(left)
                hears("", 0.0, f"{written:,} reviews read")

    inputs = {"source": source.name, "digest": source.digest(None)}
    if without is not None:
        inputs |= {"without": without.digest, "films": source.digest(without.films)}
    return store.artifact("texts", VERSIONS["texts"], inputs, build)


def places_of(tokens_at: Path, labelled: pd.DataFrame) -> np.ndarray:
    """Return the places of the labelled reviews among the tokens of a folder."""
    known = pd.Index(pd.read_parquet(tokens_at / "reviews.parquet").review_id)
    return np.asarray(known.get_indexer(labelled.review_id))
