"""Tokens of many reviews + a whole classifier -> the logits of all, by shards of reviews."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from core.classification.head import read_features
from core.classification.predictor import STAGE, Predictor
from core.language_model.feature_shards import Reading, read_shard, reading_shards, reviews_read
from core.language_model.tokens import Tokens
from core.language_model.weights import Weights
from core.progress import Report
from core.shards.shard_store import Arrays, ShardStore
from core.shards.shards import Progress, in_shards
from core.training.device import on_one
from core.training.device_rule import Work


@dataclass(frozen=True)
class Predicting:
    """How texts are read, and what turns their features into logits."""

    reading: Reading
    head: Weights


def predict_shard(predicting: Predicting, texts: list[np.ndarray], progress: Progress) -> Arrays:
    """Return the logits (texts x labels) of the texts of a shard, which are numbers in the encoder's vocabulary."""
    features = read_shard(predicting.reading, texts, progress)["features"]
    return {"logits": read_features(predicting.head, features)}


def logits_of_all(
    predictor: Predictor, work: Work, tokens: Tokens, shard_store: ShardStore, report: Report
) -> np.ndarray:
    """Return the logits of all reviews before any calibration: reviews x labels.

    `work` says how much it is to read them (see `reading_work`). Raises what `in_shards` raises.
    """
    predicting = Predicting(predictor.reading(work), predictor.head)
    with on_one(work) as device:
        shards = reading_shards(
            predict_shard,
            predicting,
            predicting.reading.encoder.vocabulary,
            tokens,
            device.type,
            # A later try may train other weights, whose logits do not go with these.
            named=f"{predictor.digest} ",
        )
        shard_logits = in_shards(
            shards, shard_store, reviews_read(report, STAGE, len(tokens)), partial(report, STAGE)
        )
        return np.concatenate([arrays["logits"] for _, arrays in shard_logits])
