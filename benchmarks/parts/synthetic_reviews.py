"""Long files of reviews, composed of sentences of the bundled sample."""

import json
import re
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

SEED = 42
ROWS = 1_000_000


CHUNK = 50_000


SENTENCES = 12
"""Sentences per review: about 1,000 characters, as in reviews by IMDb's users."""


OTHERS = 60_000
"""Unrated films, to which half of the reviews belong."""


KINDS = ("csv", "jsonl", "parquet", "zip")


def reviews(rows: int, titles: list[str]) -> "Any":
    """Yield the made-up reviews in chunks: title, review, stars."""
    sample = (files("core.data.reviews.sources") / "sample.jsonl").read_text(encoding="utf-8")
    texts = [json.loads(line)["review"] for line in sample.splitlines()]
    sentences = pa.array(sorted({part for text in texts for part in re.findall(r"[^.!?]+[.!?]", text)}))
    films = pa.array([*titles, *(f"Film that nobody rated {n} ({1950 + n % 70})" for n in range(OTHERS))])
    random = np.random.default_rng(SEED)
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        rated = random.random(count) < 0.5
        film = np.where(
            rated, random.integers(0, len(titles), count), len(titles) + random.integers(0, OTHERS, count)
        )
        parts = [
            sentences.take(pa.array(random.integers(0, len(sentences), count))) for _ in range(SENTENCES)
        ]
        yield pa.table(
            {
                "title": films.take(pa.array(film)),
                "review": pc.binary_join_element_wise(*parts, ""),
                "stars": pa.array(random.integers(1, 11, count)),
            }
        )


def make(folder: Path, rows: int, titles: list[str], kinds: list[str]) -> dict[str, Path]:
    """Write the reviews as files of these kinds; return their paths."""
    schema = pa.schema({"title": pa.string(), "review": pa.string(), "stars": pa.int64()})
    paths = {kind: folder / f"reviews.{kind}" for kind in KINDS}
    with (
        pa.csv.CSVWriter(paths["csv"], schema) as csv,
        pq.ParquetWriter(paths["parquet"], schema) as parquet,
        paths["jsonl"].open("w", encoding="utf-8") as jsonl,
    ):
        for piece in reviews(rows, titles):
            csv.write_table(piece)
            parquet.write_table(piece)
            if "jsonl" in kinds:
                jsonl.writelines(json.dumps(row) + "\n" for row in piece.to_pylist())
    if "zip" in kinds:
        with zipfile.ZipFile(paths["zip"], "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(paths["csv"], "reviews.csv")
    return {kind: paths[kind] for kind in kinds}
