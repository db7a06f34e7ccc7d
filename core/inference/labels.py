"""Another choice of films and labels of a finished run -> what its reviews say of them, and how good that is.

Takes the features that the cache keeps of all reviews of rated films, so that a head learns other labels in seconds.
Each film is read by a head that was trained on other films, by the code and the settings of the run itself; but the
encoder stays as it is, also where the run trained it.
"""

from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from scipy.special import expit

from core.classification import frequencies as counting
from core.classification.calibration import scaled
from core.classification.labels import film_folds, label_matrix
from core.data.ids import numbered
from core.errors import BadInput
from core.results.artifacts import FILE, artifacts_of, distinct_reviews, labelling_of, rows_of
from core.results.run_record import RunRecord, read_record
from core.results.tables.saved import read_table
from core.settings import SelectionSettings
from core.store import MANIFEST, Store, as_written, read_json, write_json

VERSION, GRADES_VERSION = "3", "1"
"""Raise them when the code makes another artifact of the same inputs."""
MOST_REVIEWS = 10_000
"""Reviews that are read while somebody waits; a larger choice is left to a run."""
MOST_LABELS = 500_000
"""Labels that are read while somebody waits, of all reviews together; to grade so many takes some five seconds."""
GONE = "the cache no longer has this run's encoded reviews; start a run with these settings"
GRADES = ("lrap", "lrap_baseline", "lrap_gain", "lrap_gain_interval")
"""Scores that are given of other labels."""


class ReadLabels(TypedDict):
    """What was read: a folder of the cache with predictions.parquet, frequencies.parquet and labels.json."""

    folder: str


def read_labels(run: Path, cache: Path, selection: SelectionSettings) -> ReadLabels:
    """Return the folder of predictions of the labels that a selection leads to, for the run in a folder.

    Its labels.json holds `labels`, and of each its threshold and base rate. Raises BadInput where the cache no longer
    has the run's features whole or the reviews are too many, else what `labelling_of` raises.
    """
    return {"folder": str(_labels_folder(run, Store(cache), selection))}


def grade_labels(run: Path, cache: Path, selection: SelectionSettings) -> dict[str, Any]:
    """Return GRADES of the predictions that `read_labels` made, and `films`, on how many films they rest."""
    store = Store(cache)
    read_at = _labels_folder(run, store, selection)

    def build(folder: Path) -> None:
        from core.classification.evaluation.evaluate import EvaluationSet, evaluate

        labels = read_json(read_at / "labels.json")
        reviews = read_table(read_at / "reviews.parquet")
        y_true, films = label_matrix(reviews, labels["labels"]), numbered(reviews.film_id)
        grades = evaluate(
            EvaluationSet(y_true, films, labels["labels"]),
            expit(np.load(read_at / "logits.npy", allow_pickle=False)),
            {"frequencies": np.tile(y_true.mean(0), (len(films), 1))},
            labels["thresholds"],
            read_record(run).seed,
        )
        scores = {name: grades[name] for name in GRADES}
        write_json(folder / "grades.json", scores | {"films": int(reviews.film_id.nunique())})

    graded_at = store.artifact("other-grades", GRADES_VERSION, {"labels": read_at.name}, build)
    grades: dict[str, Any] = read_json(graded_at / "grades.json")
    return grades


def _labels_folder(run: Path, store: Store, selection: SelectionSettings) -> Path:
    artifacts = artifacts_of(run, store)
    if artifacts is None:
        raise BadInput(GONE)
    record = read_record(run)
    settings = record.run_settings

    def build(folder: Path) -> None:
        from core.classification.readers.base import out_of_fold_logits
        from core.classification.readers.heads import HeadReader

        weights = read_table(run / "factors.parquet")
        labelling = labelling_of(weights, distinct_reviews(artifacts.reviews), selection)
        reviews, labels = labelling.reviews, labelling.labels
        if len(reviews) > MOST_REVIEWS:
            raise BadInput(
                f"{len(reviews):,} reviews are too many to wait for (at most {MOST_REVIEWS:,}). Take fewer films, or "
                "start a run with these settings"
            )
        if len(reviews) * len(labels) > MOST_LABELS:
            raise BadInput(
                f"{len(reviews):,} reviews with {len(labels)} labels each are too many to wait for. Take fewer "
                "films, or start a run with these settings"
            )
        films, y_true = numbered(reviews.film_id), label_matrix(reviews, labels)
        features_at = artifacts.features / "features.npy"
        if not _are_whole(features_at, artifacts.tokens / "reviews.parquet"):
            raise BadInput(GONE)
        features = np.load(features_at, mmap_mode="r", allow_pickle=False)
        reader = HeadReader(features[rows_of(artifacts.tokens, reviews)], settings.classifier, settings.seed)
        folds = film_folds(films, settings.classifier.folds, settings.seed)
        logits = out_of_fold_logits(reader, y_true, folds).astype(np.float32)
        held_out = np.ones(len(films), dtype=bool)
        scale = scaled(logits, y_true, films, held_out, settings.classifier)
        predictions = counting.prediction_table(reviews, labels, scale.probabilities, scale.thresholds)
        predictions.to_parquet(folder / "predictions.parquet", index=False)
        counting.frequencies(predictions).to_parquet(folder / "frequencies.parquet", index=False)
        reviews.to_parquet(folder / "reviews.parquet", index=False)
        np.save(folder / "logits.npy", logits, allow_pickle=False)
        about = {"labels": labels, "thresholds": scale.thresholds, "base_rates": y_true.mean(0).tolist()}
        write_json(folder / "labels.json", about)

    return store.artifact("other-labels", VERSION, _inputs(run, record, store, selection), build)


def _are_whole(*files: Path) -> bool:
    try:
        return all(file.name in read_json(file.parent / MANIFEST) and as_written(file) for file in files)
    except (OSError, ValueError, TypeError):
        return False


def _inputs(run: Path, record: RunRecord, store: Store, selection: SelectionSettings) -> dict[str, Any]:
    return {
        "factors": store.file_digest(run / "factors.parquet"),
        "artifacts": read_json(run / FILE),
        "selection": selection.model_dump(),
        "settings": record.run_settings.classifier.model_dump(),
        "seed": record.seed,
    }
