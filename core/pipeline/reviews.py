"""A source -> folders of its reviews and their tokens, each through the cache.

The tokenizer is imported only where there is something to tokenise, so a run that finds all artifacts in the
cache is quick.
"""

from pathlib import Path

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
from core.pipeline.stage import Stage
from core.progress import part

ROWS = 4096
"""Texts in a batch."""
TEXTS = pa.schema(
    {
        "review_id": pa.large_string(),
        "review": pa.large_string(),
        "test": pa.bool_(),
        "fetched": pa.large_string(),
    }
)
"""Columns of the texts that a language model is trained on."""


def review_folder(stage: Stage, ratings: Ratings, source: ReviewSource) -> Path:
    """Return the folder with reviews.parquet, the source's reviews of rated films, and coverage.parquet.

    The latter has a row a film: how it was matched to the source, or why the source has no review of it.
    Raises DegenerateResult where there is no review at all, BadInput where two have the same id.
    """

    def build(folder: Path) -> None:
        reviews = source.reviews(ratings.films, stage.reporting_as("reviews"))
        if reviews.empty:
            raise DegenerateResult(
                f"{source.title} has no review of any film of {ratings.name}; choose another source"
            )
        if reviews.review_id.duplicated().any():
            duplicate = reviews.review_id[reviews.review_id.duplicated()].iloc[0]
            raise BadInput(f"{source.title} gives two reviews under one id ({duplicate}); give each its own")
        reviews = with_provenance(reviews, source)
        reviews.to_parquet(folder / "reviews.parquet")
        distinct = reviews[reviews.duplicate_of.isna()]
        coverage = source_coverage(ratings, source, distinct, stage.reporting_as("reviews"))
        coverage.to_parquet(folder / "coverage.parquet", index=False)

    inputs = {"ratings": ratings.digest, "source": source.name, "digest": source.digest(ratings.films)}
    folder = stage.artifact("reviews", inputs, build)
    ids = pd.read_parquet(folder / "reviews.parquet", columns=["film_id"]).film_id
    stage.report("reviews", 1.0, f"{counted(len(ids), 'review')} of {counted(ids.nunique(), 'film')}")
    return folder


def text_folder(stage: Stage, source: ReviewSource, without: Ratings | None) -> Path:
    """Return the folder with reviews.parquet: all texts of the source, of any film, with the columns TEXTS.

    Columns that the source lacks are null. Reviews of the films of `without` are left out.
    """

    def build(folder: Path) -> None:
        report = stage.reporting_as("language model")
        rated = ids_of(source, without.films, report) if without is not None else []
        written = 0
        with pq.ParquetWriter(folder / "reviews.parquet", TEXTS) as writer:
            for texts in source.texts(report):
                unrated = texts[~texts.review_id.isin(rated)].reindex(columns=TEXTS.names)
                writer.write_table(pa.Table.from_pandas(unrated, TEXTS, preserve_index=False))
                written += len(unrated)
                report("", 0.0, f"{written:,} reviews read")

    inputs = {"source": source.name, "digest": source.digest(None)}
    if without is not None:
        inputs |= {"without": without.digest, "films": source.digest(without.films)}
    return stage.artifact("texts", inputs, build)


def token_folder(stage: Stage, reviews_at: Path, needed_by: str) -> Path:
    """Return the folder with the tokens of the reviews in a folder, in their order.

    `needed_by` is the stage under which the work is reported.
    """

    def build(folder: Path) -> None:
        from core.language_model.tokenizer import tokenise

        reviews = pq.ParquetFile(reviews_at / "reviews.parquet")
        texts = (
            text
            for batch in reviews.iter_batches(ROWS, columns=["review"])
            for text in batch["review"].to_pylist()
        )
        count = reviews.metadata.num_rows
        tokenise(texts, part(stage.report, 0.0, 0.3), needed_by, count).save(folder)
        pq.write_table(reviews.read(["review_id"]), folder / "reviews.parquet")

    return stage.artifact("tokens", {"reviews": reviews_at.name}, build)
