"""Tokens of many reviews + an encoder -> features.npy, by shards of reviews."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.language_model.encoder import STAGE, Encoder
from core.language_model.lstm import multiplications
from core.language_model.slots import GPU_WIDTH
from core.language_model.tokens import Tokens
from core.progress import Report
from core.shards.shard_store import Arrays, ShardStore
from core.shards.shards import Progress, Shards, in_shards
from core.store import read_json
from core.training.device import device_for, on_one
from core.training.device_rule import Work

TEXTS = 4096
"""Texts of a shard: half a minute of a core's time."""
GPU_TEXTS = 8 * GPU_WIDTH
"""Texts of a shard on a GPU, which has less to do at a time with fewer."""
Common = TypeVar("Common")
"""What all shards need."""


@dataclass(frozen=True)
class Reading:
    """How texts are read."""

    encoder: Encoder
    """On the processor, whatever the device on which it reads."""
    work: Work
    longest: int
    """How many of the last words of a text are pooled."""
    chunk: int
    """Words that fastai's classifier reads at once."""


def reading_work(folder: Path, tokens: Tokens) -> Work:
    """Return how much work it is to read texts with the encoder in a folder."""
    each = multiplications(read_json(folder / "info.json"))
    return Work("reading of the reviews", "text reading", len(tokens.numbers), "words", each)


def read_shard(reading: Reading, texts: list[np.ndarray], progress: Progress) -> Arrays:
    """Return the features of the texts of a shard, which are numbers in the encoder's vocabulary."""
    encoder = reading.encoder.on(device_for(reading.work))
    features = encoder.pooled(texts, lambda _, done, *__: progress(done), reading.longest, reading.chunk)
    return {"features": features}


def reviews_read(report: Report, stage: str, count: int) -> Progress:
    """Return what reports under a stage how many of so many reviews are read, by their share."""
    return lambda share: report(stage, share, f"read {round(share * count):,} of {count:,} reviews")


def write_features(
    reading: Reading, tokens: Tokens, shard_store: ShardStore, report: Report, path: Path
) -> None:
    """Write the features of all texts as an NPY file: texts x 3 embedding sizes (float32)."""
    count, tell = len(tokens), reviews_read(report, STAGE, len(tokens))
    with path.open("wb") as file, on_one(reading.work) as device:
        shards = reading_shards(read_shard, reading, reading.encoder.vocabulary, tokens, device.type)
        for _, arrays in in_shards(shards, shard_store, tell, partial(report, STAGE)):
            features = np.ascontiguousarray(arrays["features"])
            if not file.tell():
                header = np.lib.format.header_data_from_array_1_0(features)
                np.lib.format.write_array_header_1_0(file, {**header, "shape": (count, features.shape[1])})
            file.write(features.data)


def reading_shards(
    work: Callable[[Common, list[np.ndarray], Progress], Arrays],
    common: Common,
    vocabulary: list[str],
    tokens: Tokens,
    device: str,
    named: str = "",
) -> Shards[Common, list[np.ndarray]]:
    """Return work that reads all texts, cut into shards of texts; `work` gets them as numbers in a vocabulary.

    The names of the shards begin with `named`.
    """
    count, texts = len(tokens), TEXTS if device == "cpu" else GPU_TEXTS
    firsts = range(0, max(1, count), texts)
    rows = {
        f"{named}{first}-{min(first + texts, count)}": np.arange(count)[first : first + texts]
        for first in firsts
    }
    return Shards(
        work=work,
        common=common,
        sizes={name: len(of_shard) for name, of_shard in rows.items()},
        argument=lambda name: tokens.take(rows[name]).numbered(vocabulary),
        device=device,
    )
