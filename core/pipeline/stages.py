"""The costly stages, each through the store: inputs -> the folder of the files that it made, now or before.

Modules that load torch are imported only where a stage has something to compute, so a run that finds
everything in the cache is quick.
"""

import dataclasses
import time
from pathlib import Path

import numpy as np
import pandas as pd

from core import labels as labelling
from core.errors import DegenerateResult
from core.progress import Report, named, part
from core.ratings import Ratings
from core.reviews import ReviewSource
from core.settings import RunSettings
from core.store import Store, read_json, write_json

VERSIONS = {
    "reviews": "1",
    "texts": "1",
    "tokens": "1",
    "language model": "1",
    "classifier": "1",
    "predictions": "1",
}
"""Raise a stage's version when its code changes what it makes: older artifacts are then not found."""


def review_folder(ratings: Ratings, source: ReviewSource, store: Store, report: Report) -> Path:
    """Give the folder with reviews.parquet: all reviews that the source has of the rated films."""

    def build(folder: Path) -> None:
        reviews = source.reviews(ratings.films, named(report, "reviews"))
        if reviews.empty:
            raise DegenerateResult(
                f"{source.title} has no review of any film of {ratings.name}; choose another source"
            )
        reviews.to_parquet(folder / "reviews.parquet")

    inputs = {"ratings": ratings.digest, "source": source.name, "digest": source.digest(ratings.films)}
    folder = store.artifact("reviews", VERSIONS["reviews"], inputs, build)
    ids = pd.read_parquet(folder / "reviews.parquet", columns=["film_id"]).film_id
    report("reviews", 1.0, f"{len(ids):,} reviews of {ids.nunique():,} films")
    return folder


def token_folder(reviews_at: Path, report: Report, store: Store) -> Path:
    """Give the folder with tokens.parquet: review_id and tokens (list of words) of the reviews in a folder."""

    def build(folder: Path) -> None:
        from core.tokens import tokenise

        reviews = pd.read_parquet(reviews_at / "reviews.parquet", columns=["review_id", "review"])
        tokens = tokenise(reviews.review, part(report, 0.0, 0.3), "language model")
        pd.DataFrame({"review_id": reviews.review_id, "tokens": tokens}).to_parquet(folder / "tokens.parquet")

    return store.artifact("tokens", VERSIONS["tokens"], {"reviews": reviews_at.name}, build)


def text_folder(source: ReviewSource, store: Store, report: Report) -> Path:
    """Give the folder with reviews.parquet: all texts that the source has, whatever their films."""

    def build(folder: Path) -> None:
        source.texts(named(report, "language model")).to_parquet(folder / "reviews.parquet")

    inputs = {"source": source.name, "digest": source.digest(None)}
    return store.artifact("texts", VERSIONS["texts"], inputs, build)


def encoder_folder(
    tokens_at: Path, weights: Path | None, settings: RunSettings, store: Store, report: Report
) -> Path:
    """Give the folder with encoder.safetensors, vocab.json and info.json; `weights` are where it starts from."""

    def build(folder: Path) -> None:
        from core import language_model

        tokens = pd.read_parquet(tokens_at / "tokens.parquet").tokens.map(list).tolist()
        began = time.monotonic()
        language_model.fine_tune(
            tokens, settings.language_model, settings.seed, part(report, 0.3, 1.0), folder, weights
        )
        info = read_json(folder / "info.json") | {"seconds": time.monotonic() - began}
        write_json(folder / "info.json", info)

    inputs = {
        "tokens": tokens_at.name,
        "settings": dataclasses.asdict(settings.language_model),
        "seed": settings.seed,
    }
    folder = store.artifact("language-model", VERSIONS["language model"], inputs, build)
    info = read_json(folder / "info.json")
    report(
        "language model",
        1.0,
        f"perplexity {info['perplexity']:.0f}, by word counts alone {info['perplexity_unigram']:.0f}",
    )
    return folder


def classifier_folder(
    tokens_at: Path,
    encoder: Path,
    labelled: pd.DataFrame,
    names: list[int],
    held_out: np.ndarray,
    settings: RunSettings,
    store: Store,
    report: Report,
) -> Path:
    """Give the folder with classifier.safetensors, vocab.json, info.json and training.json."""

    def build(folder: Path) -> None:
        from core import classifier

        tokens = _tokens_of(tokens_at, labelled)
        rows = [[int(k) for k in row.split(labelling.DELIMITER)] for row in labelled.factors]
        began = time.monotonic()
        report("classifier", 0.0, f"reading {int((~held_out).sum()):,} labelled reviews")
        classifier.train(
            tokens, rows, names, held_out, encoder, settings.classifier, settings.seed, report, folder
        )
        write_json(folder / "training.json", {"seconds": time.monotonic() - began})

    inputs = {
        "tokens": tokens_at.name,
        "encoder": encoder.name,
        "labels": labelled[["review_id", "factors"]].to_numpy().tolist(),
        "held_out": np.flatnonzero(held_out).tolist(),
        "settings": dataclasses.asdict(settings.classifier),
        "seed": settings.seed,
    }
    folder = store.artifact("classifier", VERSIONS["classifier"], inputs, build)
    report("classifier", 1.0, f"{len(names)} labels learnt")
    return folder


def prediction_folder(
    tokens_at: Path, classifier: Path, labelled: pd.DataFrame, store: Store, report: Report
) -> Path:
    """Give the folder with probabilities.npy: a row a labelled review, a column a label."""

    def build(folder: Path) -> None:
        from core.predictions import Reader

        probabilities = Reader(classifier).probabilities(_tokens_of(tokens_at, labelled), report)
        np.save(folder / "probabilities.npy", probabilities, allow_pickle=False)

    inputs = {"classifier": classifier.name, "reviews": labelled.review_id.tolist()}
    folder = store.artifact("predictions", VERSIONS["predictions"], inputs, build)
    report("predictions", 1.0, f"{len(labelled):,} reviews read")
    return folder


def _tokens_of(tokens_at: Path, labelled: pd.DataFrame) -> list[list[str]]:
    """Give the tokens of the labelled reviews, in their order."""
    table = pd.read_parquet(tokens_at / "tokens.parquet").set_index("review_id").tokens
    return [list(tokens) for tokens in table.loc[labelled.review_id]]
