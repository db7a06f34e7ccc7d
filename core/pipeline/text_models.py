"""What learns from reviews, each stage through the store: tokens -> the folder of the files that it made of them.

Modules that load torch are imported only where a stage has something to compute, so a run that finds
everything in the cache is quick.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np

from core.progress import Report, named, part
from core.settings import RunSettings
from core.store import Store, digest_of, read_json, write_json

VERSIONS = {"language model": "2", "features": "1", "readings": "4", "classifier": "4"}
"""Raise a stage's version when its code changes what it makes: older artifacts are then not found."""


def encoder_folder(
    tokens_at: Path,
    start: Path | None,
    held_out: np.ndarray | None,
    about: dict[str, Any],
    settings: RunSettings,
    store: Store,
    report: Report,
) -> Path:
    """Return the folder with encoder.safetensors, vocab.json and info.json.

    `start` is where its weights start from; `about` says what it is trained on. A fit that is cut off goes on
    from its last epoch.
    """
    inputs = {
        "tokens": tokens_at.name,
        "settings": settings.language_model.model_dump(),
        "held_out": None if held_out is None else np.flatnonzero(held_out).tolist(),
        "start": None if start is None else _digest(start, store),
        "about": about,
        "seed": settings.seed,
    }
    checkpoint = store.unfinished("language-model", VERSIONS["language model"], inputs)

    def build(folder: Path) -> None:
        from core.language_model.fine_tuning import Corpus, fine_tune
        from core.language_model.tokens import Tokens
        from core.training.fit import FitContext

        began = time.monotonic()
        fine_tune(
            Corpus(Tokens.load(tokens_at), held_out),
            settings.language_model,
            FitContext(settings.seed, part(report, 0.3, 1.0), checkpoint),
            folder,
            start,
        )
        info = read_json(folder / "info.json") | {"seconds": time.monotonic() - began, "trained_on": about}
        write_json(folder / "info.json", info)

    folder = store.artifact("language-model", VERSIONS["language model"], inputs, build)
    checkpoint.unlink(missing_ok=True)
    info = read_json(folder / "info.json")
    report(
        "language model",
        1.0,
        f"perplexity {info['perplexity']:.0f}, by word counts alone {info['perplexity_unigram']:.0f}",
    )
    return folder


def feature_folder(
    tokens_at: Path, encoder: Path, settings: RunSettings, store: Store, report: Report
) -> Path:
    """Return the folder with features.npy: what the encoder, as it is, makes of each review of a folder."""

    def build(folder: Path) -> None:
        from core.language_model.encoder import Encoder
        from core.language_model.tokens import Tokens

        features = Encoder(encoder).features(Tokens.load(tokens_at), named(report, "features"), *pooled)
        np.save(folder / "features.npy", features, allow_pickle=False)

    pooled = (settings.classifier.max_length, settings.classifier.sequence_length)
    inputs = {"tokens": tokens_at.name, "encoder": _digest(encoder, store), "pooled": pooled}
    folder = store.artifact("features", VERSIONS["features"], inputs, build)
    report("features", 1.0, "each review read once by the encoder")
    return folder


def reading_folder(
    features_at: Path,
    rows: np.ndarray,
    truth: np.ndarray,
    films: np.ndarray,
    folds: np.ndarray,
    settings: RunSettings,
    store: Store,
    report: Report,
) -> Path:
    """Return the folder with logits.npy and shuffled.npy (reviews x labels), each review's by a head that was trained
    on the other folds; for `shuffled` on `shuffled_labels`. Both with aligned folds (see `align_folds`).

    `rows` are the reviews' places among the features.
    """

    def build(folder: Path) -> None:
        from core.classification.labels import shuffled_labels
        from core.classification.readers.base import out_of_fold_logits
        from core.classification.readers.heads import HeadReader

        features = np.load(features_at / "features.npy", allow_pickle=False)[rows]
        reader = HeadReader(features, settings.classifier, settings.seed)
        targets = {"logits": truth, "shuffled": shuffled_labels(truth, films, settings.seed)}
        for done, (kind, labels) in enumerate(targets.items()):
            share = part(report, done / len(targets), (done + 1) / len(targets))
            logits = out_of_fold_logits(reader, labels, folds, share).astype(np.float32)
            np.save(folder / f"{kind}.npy", logits, allow_pickle=False)

    inputs = {
        "features": features_at.name,
        "rows": rows.tolist(),
        "truth": digest_of(truth.astype(int).tolist()),
        "films": films.tolist(),
        "folds": folds.tolist(),
        "settings": settings.classifier.model_dump(),
        "seed": settings.seed,
    }
    return store.artifact("readings", VERSIONS["readings"], inputs, build)


def classifier_folder(
    tokens_at: Path,
    features_at: Path,
    encoder: Path,
    rows: np.ndarray,
    truth: np.ndarray,
    names: list[int],
    held_out: np.ndarray,
    settings: RunSettings,
    store: Store,
    report: Report,
) -> Path:
    """Return the folder with classifier.safetensors, vocab.json, info.json, and logits.npy of all labelled reviews.

    Reviews that are `held_out` train nothing.
    """
    how = settings.classifier
    inputs = {
        "features": features_at.name,
        "rows": rows.tolist(),
        "truth": digest_of(truth.astype(int).tolist()),
        "names": names,
        "held_out": np.flatnonzero(held_out).tolist(),
        "settings": how.model_dump(),
        "seed": settings.seed,
    }
    checkpoint = store.unfinished("classifier", VERSIONS["classifier"], inputs)

    def build(folder: Path) -> None:
        from core.classification import classifier
        from core.classification.head import read_features, train_head
        from core.language_model.tokens import Tokens
        from core.training.fit import FitContext

        began = time.monotonic()
        features, head = np.load(features_at / "features.npy", allow_pickle=False)[rows], None
        losses: list[dict[str, float]] = []
        if how.head_first or not how.phases:
            context = FitContext(settings.seed, report)
            head = train_head(features[~held_out], truth[~held_out], how, context)
        if not how.phases and head is not None:
            state = classifier.whole(encoder, head, len(names))
            logits = read_features(head, features)
        else:
            tokens = Tokens.load(tokens_at).take(rows)
            state, losses = classifier.train(
                classifier.LabelledTokens(tokens, truth, held_out),
                encoder,
                head,
                how,
                FitContext(settings.seed, report, checkpoint),
            )
        about = {"losses": losses, "seconds": time.monotonic() - began}
        classifier.save_classifier(classifier.Classifier(state, names), encoder, how, about, folder)
        if how.phases:
            from core.classification.predictor import Predictor

            logits = Predictor(folder).logits(tokens, named(report, "predictions"))
        np.save(folder / "logits.npy", logits, allow_pickle=False)

    folder = store.artifact("classifier", VERSIONS["classifier"], inputs, build)
    checkpoint.unlink(missing_ok=True)
    report("classifier", 1.0, f"{len(names)} labels learnt")
    report("predictions", 1.0, f"{len(rows):,} reviews read")
    return folder


def _digest(encoder: Path, store: Store) -> list[str]:
    """Return what decides how an encoder reads: its weights and its words, or the archive of both."""
    if encoder.is_file():
        return [store.file_digest(encoder)]
    return [store.file_digest(encoder / name) for name in ("encoder.safetensors", "vocab.json")]
