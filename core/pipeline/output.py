"""What a run leaves: the parts of its record, and all files written so that none is ever half there."""

import platform
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.data.reviews.coverage import summary
from core.data.reviews.sources.base import ReviewSource
from core.pipeline.classifier import LabelledReviews
from core.pipeline.predictions import Predictions
from core.results import report
from core.results.run_record import (
    ClassifierRecord,
    Coverage,
    FactorModelRecord,
    PredictionCounts,
    RatingsRecord,
    ReviewsRecord,
    RunRecord,
)
from core.settings import RunSettings
from core.store import MANIFEST, disk_errors, read_json, write_json

Part = dict[str, Any]


def ratings_part(ratings: Ratings, instead: str | None) -> RatingsRecord:
    """Return which ratings the run learned from; `instead_of` says why made-up ones serve, if they do."""
    return RatingsRecord(
        name=ratings.name,
        users=len(ratings.user_ids),
        films=len(ratings.films),
        ratings=len(ratings.table),
        licence=ratings.licence,
        instead_of=instead,
    )


def factor_model_part(
    folder: Path, ratings: Ratings, films: pd.DataFrame, settings: RunSettings, choice: Part | None
) -> FactorModelRecord:
    """Return how well the factors predict ratings, how strong they are, and how many films were never trained on.

    `choice` says how the number of factors was chosen, where it was.
    """
    info = read_json(folder / "info.json")
    model = {
        "factors": settings.factor_model.factors,
        "method": settings.factor_model.method,
        "form": settings.form,
        "chosen": choice,
        "link": info["link"] | {"scale": ratings.scale},
        "films_without_weights": len(ratings.films) - len(films),
    }
    return FactorModelRecord.model_validate(info | model)


def reviews_part(
    source: ReviewSource, coverage: pd.DataFrame, chosen: pd.DataFrame, reviews: pd.DataFrame
) -> ReviewsRecord:
    """Return where the reviews come from, name the films looked at that have none, and sum up the coverage of all.

    `reviews` are all that the source has of rated films.
    """
    without = chosen[chosen.reviews == 0]
    return ReviewsRecord(
        source=source.name,
        title=source.title,
        licence=source.licence,
        films_with_reviews=len(chosen) - len(without),
        reviews=int(chosen.reviews.sum()),
        films_without=len(without),
        films_without_titles=without.title.tolist(),
        films_known_to_source=int((coverage.reviews > 0).sum()),
        coverage=Coverage.model_validate(summary(coverage)),
        **review_counts(reviews),
    )


def review_counts(reviews: pd.DataFrame) -> Part:
    """Return how many reviews each source gave, how many are duplicates, and how many each language has."""
    return {
        "by_source": {str(name): int(count) for name, count in reviews.source.value_counts().items()},
        "duplicates": int(reviews.duplicate_of.notna().sum()),
        "languages": {str(code): int(count) for code, count in reviews.language.value_counts().items()},
    }


def classifier_part(
    predictions: Predictions, reviews: LabelledReviews, grades: Part, leak: str, split: str
) -> ClassifierRecord:
    """Return how good the predictions of held-out reviews are; `grades` as `evaluation` returns them."""
    info = read_json(predictions.classifier / "info.json")
    by_folds = bool(predictions.held_out.all())
    classifier = {
        "labels": reviews.labels,
        "split": split,
        "folds": int(predictions.folds.max()) + 1 if by_folds else None,
        "films_held_out": len(np.unique(reviews.films[predictions.held_out])),
        "reviews_held_out": int(predictions.held_out.sum()),
        "calibration": predictions.calibration,
        "thresholds": predictions.thresholds,
        "seconds": info["seconds"],
        "losses": info["losses"],
        "leak": leak,
    }
    return ClassifierRecord.model_validate(grades | classifier)


def predictions_part(counts: pd.DataFrame, dominating: int | None) -> PredictionCounts:
    """Return how many predictions there are (a factor of a review each), and the dominating factor's part."""
    predicted = int(counts["count"].sum())
    of_it = int(counts["count"][counts.factor == dominating].sum())
    return PredictionCounts(
        predicted=predicted, of_dominating=of_it, share=of_it / predicted if predicted else 0.0
    )


def device() -> str | None:
    """Name the device of this run: "cuda", "mps" or "cpu"; None where all came from the cache, without torch."""
    if not {"core.training.fit", "core.language_model.encoder"} & sys.modules.keys():
        return None
    from core.training.device import device_name

    return device_name()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a number may depend on."""
    names = ("torch", "fastai", "pandas", "numpy", "plotly", "streamlit", "diskcache")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def write(
    out: Path, tables: dict[str, pd.DataFrame], record: RunRecord, predictions: Predictions, cold_start: Path
) -> None:
    """Write all files of a run: first whole into a folder beside, then each in its place, run.json last."""
    with disk_errors(out):
        _write(out, tables, record, predictions, cold_start)


def _write(
    out: Path, tables: dict[str, pd.DataFrame], record: RunRecord, predictions: Predictions, cold_start: Path
) -> None:
    work = Path(tempfile.mkdtemp(prefix=".writing-", dir=out))
    try:
        for name, table in tables.items():
            table.to_parquet(work / f"{name}.parquet", index=False)
        (work / "report.html").write_text(report.html(tables, record), encoding="utf-8")
        shutil.copytree(
            predictions.classifier, work / "classifier", ignore=shutil.ignore_patterns("logits.npy", MANIFEST)
        )
        info = read_json(work / "classifier" / "info.json")
        scale = {"calibration": predictions.calibration, "thresholds": predictions.thresholds}
        write_json(work / "classifier" / "info.json", info | scale)
        write_json(work / "run.json", record.plain())
        shutil.copytree(cold_start, work / "placing", ignore=shutil.ignore_patterns(MANIFEST))
        for name in ("classifier", "placing"):
            shutil.rmtree(out / name, ignore_errors=True)
        for path in sorted(work.iterdir(), key=lambda p: p.name == "run.json"):
            path.replace(out / path.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
