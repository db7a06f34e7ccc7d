"""Tokens of many reviews + an encoder -> features.npy, by shards of reviews."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.language_model.encoder import STAGE, Encoder
from core.language_model.tokens import Tokens
from core.progress import Report
from core.shards.shard_store import Arrays, ShardStore
from core.shards.shards import Progress, Shards, in_shards

TEXTS = 4096
"""Texts of a shard: half a minute of a core's time."""


@dataclass(frozen=True)
class Reading:
    """How texts are read."""

    encoder: Encoder
    longest: int
    """How many of the last words of a text are pooled."""
    chunk: int
    """Words that fastai's classifier reads at once."""


def read_shard(reading: Reading, texts: list[np.ndarray], progress: Progress) -> Arrays:
    """Return the features of the texts of a shard, which are numbers in the encoder's vocabulary."""
    features = reading.encoder.pooled(
        texts, lambda _, done, *__: progress(done), reading.longest, reading.chunk
    )
    return {"features": features}


def write_features(reading: Reading, tokens: Tokens, kept: ShardStore, report: Report, path: Path) -> None:
    """Write the features of all texts as an NPY file: texts x 3 embedding sizes (float32)."""
    count = len(tokens)
    rows = {
        f"{first}-{min(first + TEXTS, count)}": np.arange(first, min(first + TEXTS, count))
        for first in range(0, max(1, count), TEXTS)
    }
    shards = Shards(
        work=read_shard,
        common=reading,
        sizes={name: len(of_shard) for name, of_shard in rows.items()},
        argument=lambda name: tokens.take(rows[name]).numbered(reading.encoder.vocabulary),
        device=reading.encoder.device.type,
    )

    def tell(share: float) -> None:
        report(STAGE, share, f"read {round(share * count):,} of {count:,} reviews")

    with path.open("wb") as file:
        for _, arrays in in_shards(shards, kept, tell):
            features = np.ascontiguousarray(arrays["features"])
            if not file.tell():
                header = np.lib.format.header_data_from_array_1_0(features)
                np.lib.format.write_array_header_1_0(file, {**header, "shape": (count, features.shape[1])})
            file.write(features.data)
