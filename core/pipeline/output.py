"""The results of a run -> the parts of its record, and its files, none of which is ever incomplete."""

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.data.reviews.coverage import summary
from core.data.reviews.sources.base import ReviewSource
from core.output_folder import replacing
from core.pipeline.classifier import LabelledReviews
from core.pipeline.predictions import Predictions
from core.results import factor_names as naming
from core.results import report
from core.results.artifacts import FILE, Artifacts
from core.results.run_record import (
    ClassifierRecord,
    Coverage,
    DeviceRecord,
    FactorModelRecord,
    PredictionCounts,
    RatingsRecord,
    ReviewsRecord,
    RunRecord,
)
from core.settings import RunSettings
from core.store import MANIFEST, copy_folder, read_json, write_json, write_manifest
from core.training.device import chosen

Part = dict[str, Any]
ROWS_OF_GROUP = 1 << 14
"""Rows of a table that are read at once; those of one user or film are found by the least and greatest id of each."""


def ratings_part(ratings: Ratings, instead: str | None) -> RatingsRecord:
    """Return the record of the ratings; `instead` is the reason for synthetic ones, None for real ones."""
    return RatingsRecord(
        name=ratings.name,
        users=len(ratings.user_ids),
        films=len(ratings.films),
        ratings=len(ratings.table),
        licence=ratings.licence,
        instead_of=instead,
        merged=ratings.notes.merged,
        left_out=ratings.notes.left_out,
        warnings=tuple(dict.fromkeys(ratings.notes.warnings)),
    )


def factor_model_part(
    folder: Path, ratings: Ratings, films: pd.DataFrame, settings: RunSettings, choice: Part | None
) -> FactorModelRecord:
    """Return the record of the factor model: its errors, its strengths, the number of films without weights.

    `choice` is the evidence for the number of factors, None where the user chose it.
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
    """Return the record of the reviews: source, films considered without reviews, coverage of all films.

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
    """Return the number of reviews by source, of duplicates, and of reviews by language."""
    return {
        "by_source": {str(name): int(count) for name, count in reviews.source.value_counts().items()},
        "duplicates": int(reviews.duplicate_of.notna().sum()),
        "languages": {str(code): int(count) for code, count in reviews.language.value_counts().items()},
    }


def classifier_part(
    predictions: Predictions, reviews: LabelledReviews, grades: Part, leak: str, split: str
) -> ClassifierRecord:
    """Return the record of the classifier; `grades` are its scores as `evaluation` returns them."""
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
    """Return the number of predictions (a factor of a review each), and the dominating factor's share."""
    predicted = int(counts["count"].sum())
    of_dominating = int(counts["count"][counts.factor == dominating].sum())
    return PredictionCounts(
        predicted=predicted,
        of_dominating=of_dominating,
        share=of_dominating / predicted if predicted else 0.0,
    )


def device() -> str | None:
    """Return the device of this run: "cuda" or "mps" where a GPU was used, else "cpu"; None where all was cached."""
    used = [each.device for each in chosen()]
    return next((device for device in used if device != "cpu"), used[0] if used else None)


def devices() -> tuple[DeviceRecord, ...]:
    """Return where each piece of work of this run was done, and why; none where all came from the cache."""
    return tuple(DeviceRecord(work=each.work, device=each.device, reason=each.reason) for each in chosen())


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that results may depend on."""
    names = ("torch", "fastai", "pandas", "numpy", "plotly", "streamlit", "diskcache")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def write(
    out: Path,
    tables: dict[str, pd.DataFrame],
    record: RunRecord,
    predictions: Predictions,
    cold_start: Path,
    artifacts: Artifacts,
) -> None:
    """Write all files of a run, which replace those of an earlier run in the folder as a whole.

    Names that people gave to its factors stay with the factors that are still there. Six parameters, since each is
    the source of other files.
    """
    with replacing(out, "run.json") as work:
        for name, table in tables.items():
            table.to_parquet(work / f"{name}.parquet", index=False, row_group_size=ROWS_OF_GROUP)
        (work / "report.html").write_text(report.html(tables, record), encoding="utf-8")
        copy_folder(predictions.classifier, work / "classifier", ("logits.npy", MANIFEST))
        info = read_json(work / "classifier" / "info.json")
        scale = {"calibration": predictions.calibration, "thresholds": predictions.thresholds}
        write_json(work / "classifier" / "info.json", info | scale)
        write_json(work / FILE, artifacts.names)
        write_json(work / "run.json", record.plain())
        copy_folder(cold_start, work / "placing", (MANIFEST,))
        write_manifest(work)
        # People may change these.
        naming.keep_names(out, work, tables["factors"])
