"""Labelled reviews + encoder -> features, out-of-fold logits, and the run's classifier.

Modules that load torch or fastai are imported only inside the functions that compute, since that takes
seconds and a run that finds all artifacts in the cache needs neither.
"""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from core.classification import labels as labelling
from core.data.ids import numbered
from core.language_model.precision import reading_precision
from core.pipeline.language_model import encoder_digests
from core.pipeline.stage import Stage
from core.results.artifacts import rows_of
from core.shards.shard_store import ShardStore
from core.store import digest_of


@dataclass(frozen=True)
class EncodedReviews:
    """Folders of the tokens of all reviews of rated films, of the encoder, and of its features."""

    tokens: Path
    encoder: Path
    features: Path
    """As `feature_folder` returns it."""


@dataclass(frozen=True)
class LabelledReviews:
    """The reviews of the chosen films, labelled with their films' top factors."""

    table: pd.DataFrame
    """As `label_reviews` returns it."""
    labels: list[int]
    """The factors that occur as labels, ascending."""
    encoded: EncodedReviews

    @cached_property
    def y_true(self) -> np.ndarray:
        """Reviews x labels: true where a review carries a label."""
        return labelling.label_matrix(self.table, self.labels)

    @cached_property
    def rows(self) -> np.ndarray:
        """The row of each review among the encoded reviews."""
        return rows_of(self.encoded.tokens, self.table)

    @property
    def films(self) -> np.ndarray:
        """The film of each review, as a number: from 0, in the order of the films' ids."""
        return numbered(self.table.film_id)


def feature_folder(stage: Stage, tokens_at: Path, encoder: Path) -> Path:
    """Return the folder with features.npy: the frozen encoder's features of each review of a folder."""
    settings = stage.settings.classifier
    pooling = (settings.max_length, settings.sequence_length)
    precision = reading_precision(stage.store)

    def build(folder: Path, shard_store: ShardStore) -> None:
        from core.language_model.encoder import Encoder
        from core.language_model.feature_shards import Reading, reading_work, write_features
        from core.language_model.tokens import Tokens

        report, tokens = stage.reporting_as("features"), Tokens.load(tokens_at)
        reading = Reading(Encoder(encoder, precision=precision), reading_work(encoder, tokens), *pooling)
        write_features(reading, tokens, shard_store, report, folder / "features.npy")

    inputs = {
        "tokens": tokens_at.name,
        "encoder": encoder_digests(encoder, stage.store),
        "pooled": pooling,
        "precision": precision,
    }
    folder = stage.sharded_artifact("features", inputs, build)
    stage.report("features", 1.0, "each review read once by the encoder")
    return folder


def cross_validated_folder(stage: Stage, reviews: LabelledReviews, folds: np.ndarray) -> Path:
    """Return the folder with logits.npy and shuffled.npy, out-of-fold logits of reviews (reviews x labels).

    Each review's logits are by a head that was trained on the other folds, in shuffled.npy on
    `shuffled_labels`. In both the folds are aligned (see `align_folds`).
    """
    settings, seed = stage.settings.classifier, stage.settings.seed

    def build(folder: Path, shard_store: ShardStore) -> None:
        from core.classification.fold_shards import Folding, logits_of_tables
        from core.classification.readers.heads import HeadReader

        features = np.load(reviews.encoded.features / "features.npy", allow_pickle=False)[reviews.rows]
        folding = Folding(HeadReader(features, settings, seed), folds)
        shuffled = labelling.shuffled_labels(reviews.y_true, reviews.films, seed)
        tables = {"logits": reviews.y_true, "shuffled": shuffled}
        for name, logits in logits_of_tables(folding, tables, shard_store, stage.report).items():
            np.save(folder / f"{name}.npy", logits, allow_pickle=False)

    inputs = {
        "features": reviews.encoded.features.name,
        "rows": reviews.rows.tolist(),
        "truth": digest_of(reviews.y_true.astype(int).tolist()),
        "films": reviews.films.tolist(),
        "folds": folds.tolist(),
        "settings": settings.model_dump(),
        "seed": seed,
    }
    return stage.sharded_artifact("readings", inputs, build)


def classifier_folder(stage: Stage, reviews: LabelledReviews, held_out: np.ndarray) -> Path:
    """Return the folder with classifier.safetensors, vocab.json, info.json and logits.npy.

    The classifier is trained on the reviews that are not `held_out`; the logits are those of all reviews.
    """
    settings, seed, report = stage.settings.classifier, stage.settings.seed, stage.report
    inputs = {
        "features": reviews.encoded.features.name,
        "rows": reviews.rows.tolist(),
        "truth": digest_of(reviews.y_true.astype(int).tolist()),
        "names": reviews.labels,
        "held_out": np.flatnonzero(held_out).tolist(),
        "settings": settings.model_dump(),
        "seed": seed,
    }
    checkpoint = stage.checkpoint("classifier", inputs)

    def build(folder: Path, shard_store: ShardStore) -> None:
        from core.classification import classifier
        from core.classification.head import read_features, train_head
        from core.language_model.tokens import Tokens
        from core.training.fit import FitContext

        began = time.monotonic()
        y_true, encoder = reviews.y_true, reviews.encoded.encoder
        features = np.load(reviews.encoded.features / "features.npy", allow_pickle=False)[reviews.rows]
        head = None
        losses: list[dict[str, float]] = []
        if settings.head_first or not settings.phases:
            context = FitContext(seed, report)
            head = train_head(features[~held_out], y_true[~held_out], settings, context)
        if not settings.phases and head is not None:
            state = classifier.whole(encoder, head, len(reviews.labels))
            logits = read_features(head, features)
        else:
            tokens = Tokens.load(reviews.encoded.tokens).take(reviews.rows)
            state, losses = classifier.train(
                classifier.LabelledTokens(tokens, y_true, held_out),
                encoder,
                head,
                settings,
                FitContext(seed, report, checkpoint),
            )
        about = {"losses": losses, "seconds": time.monotonic() - began}
        trained = classifier.Classifier(state, reviews.labels)
        classifier.save_classifier(trained, encoder, settings, about, folder)
        if settings.phases:
            from core.classification.prediction_shards import logits_of_all
            from core.classification.predictor import Predictor
            from core.language_model.feature_shards import reading_work

            predictor, work = Predictor(folder, reading_precision(stage.store)), reading_work(folder, tokens)
            logits = logits_of_all(predictor, work, tokens, shard_store, stage.reporting_as("predictions"))
        np.save(folder / "logits.npy", logits, allow_pickle=False)

    folder = stage.sharded_artifact("classifier", inputs, build)
    checkpoint.unlink(missing_ok=True)
    report("classifier", 1.0, f"{len(reviews.labels)} labels learnt")
    report("predictions", 1.0, f"{len(reviews.rows):,} reviews read")
    return folder
