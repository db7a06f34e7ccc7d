"""From labelled reviews to what the classifier reads in them, and how far that can be trusted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from core.classification import labels as labelling
from core.classification.calibration import (
    Calibration,
    calibrated,
    cross_calibrated,
    fit_calibration,
    thresholds,
)
from core.data.reviews.sources.combined import sources_in
from core.pipeline.reviews import places_of
from core.pipeline.text_models import classifier_folder, reading_folder
from core.progress import Report
from core.settings import RunSettings
from core.store import Store, read_json, write_json

VERSION = "5"
"""Raise it when the same readings would be graded otherwise."""


@dataclass(frozen=True)
class Reading:
    """What was read in the labelled reviews; arrays have a row a review and, of two, a column a label."""

    classifier: Path
    """The folder of the run's classifier."""
    by_folds: Path
    """The folder of the logits that heads trained on other films gave."""
    truth: np.ndarray
    folds: np.ndarray
    """Which films were read together."""
    graded: np.ndarray
    """The reviews that were read by a classifier that had never seen them, nor, held out by films, their film."""
    logits: np.ndarray
    """What is shown: each review by a head that was trained on other films, or by the run's classifier."""
    calibration: Calibration | None
    thresholds: list[float]
    """Probability from which each label counts as predicted."""
    probabilities: np.ndarray


def read_factors(
    labelled: pd.DataFrame,
    names: list[int],
    tokens_at: Path,
    features_at: Path,
    encoder: Path,
    settings: RunSettings,
    store: Store,
    report: Report,
) -> Reading:
    """Train the run's classifier and read every labelled review.

    With whole films held out and a frozen encoder, each review is read by a head that was trained on the films of
    the other folds, and the run's classifier learns from all. Otherwise one part is held out from the classifier,
    which reads all.
    """
    how = settings.classifier
    truth = labelling.label_matrix(labelled, names)
    films = labelled.film_id.to_numpy()
    rows = places_of(tokens_at, labelled)
    folds = labelling.film_folds(films, how.folds, settings.seed)
    by_folds = reading_folder(features_at, rows, truth, films, folds, settings, store, report)
    whole = settings.split == "films" and not how.phases
    held_out = (
        np.zeros(len(labelled), dtype=bool)
        if whole
        else labelling.hold_out(labelled, settings.split, how.valid_share, settings.seed)
    )
    classifier = classifier_folder(
        tokens_at, features_at, encoder, rows, truth, names, held_out, settings, store, report
    )
    logits = np.load((by_folds if whole else classifier) / "logits.npy", allow_pickle=False)
    graded = ~held_out if whole else held_out
    if how.calibrated:
        calibration = fit_calibration(logits[graded], truth[graded], films[graded])
        probabilities = calibrated(logits, calibration)
        cuts = thresholds(truth[graded], probabilities[graded])
    else:
        calibration, probabilities, cuts = None, expit(logits), [how.threshold] * len(names)
    return Reading(classifier, by_folds, truth, folds, graded, logits, calibration, cuts, probabilities)


def grade(
    reading: Reading,
    labelled: pd.DataFrame,
    names: list[int],
    tokens_at: Path,
    settings: RunSettings,
    store: Store,
    report: Report,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `classifier` and `readability` of `run.json`: how good what is shown is, which factors reviews tell."""

    def build(folder: Path) -> None:
        from core.classification.evaluation.evaluate import EvaluationSet, evaluate
        from core.classification.evaluation.reliability import reliability_part
        from core.classification.readers.base import out_of_fold_logits
        from core.classification.readers.counted_words import CountedWords
        from core.language_model.tokens import Tokens

        films = labelled.film_id.to_numpy()
        report("evaluation", 0.1, "the same folds by counted words (TF-IDF)")
        tokens = Tokens.load(tokens_at).take(places_of(tokens_at, labelled))
        words = CountedWords(tokens)
        baselines = {
            # Of all folds: what the others have of a label is the less, the more a fold has.
            "frequencies": np.tile(reading.truth.mean(0), (len(films), 1)),
            "tfidf": expit(out_of_fold_logits(words, reading.truth, reading.folds)),
            "shuffled": expit(np.load(reading.by_folds / "shuffled.npy", allow_pickle=False)),
        }
        own = expit(np.load(reading.by_folds / "logits.npy", allow_pickle=False))
        report("evaluation", 0.6, "drawing films anew")
        readability = evaluate(
            EvaluationSet(reading.truth, films, names), own, baselines, reading.thresholds, settings.seed
        )
        write_json(folder / "readability.json", readability)
        part = reading.graded
        before = expit(reading.logits)
        if part.all():
            grades = readability
        else:
            # Held out at random, reviews are drawn by themselves.
            units = films if settings.split == "films" else np.arange(len(films))
            baselines = {
                "frequencies": np.tile(reading.truth[~part].mean(0), (int(part.sum()), 1)),
                "tfidf": expit(out_of_fold_logits(words, reading.truth, np.where(part, 0, -1)))[part],
            }
            grades = evaluate(
                EvaluationSet(reading.truth[part], units[part], names),
                before[part],
                baselines,
                reading.thresholds,
                settings.seed,
            )
            if settings.split == "random":
                # There reviews are drawn, not films: films are counted, but none is graded.
                del grades["by_film"]
                for row, true in zip(grades["per_label"], reading.truth[part].T, strict=True):
                    row["films"] = len(np.unique(films[part][true]))
        if reading.calibration is not None and len(np.unique(films[part])) > 1:
            apart = reading.folds[part]
            if len(np.unique(apart)) == 1:
                apart = films[part]
            after = cross_calibrated(reading.logits[part], reading.truth[part], films[part], apart)
            grades = grades | reliability_part(
                reading.truth[part], before[part], after, films[part], settings.seed
            )
        write_json(folder / "classifier.json", grades)

    inputs = {
        "by_folds": reading.by_folds.name,
        "classifier": reading.classifier.name,
        "tokens": tokens_at.name,
        "graded": np.flatnonzero(reading.graded).tolist(),
        "settings": settings.classifier.model_dump(),
        "split": settings.split,
        "seed": settings.seed,
    }
    folder = store.artifact("grades", VERSION, inputs, build)
    grades, readability = (read_json(folder / f"{name}.json") for name in ("classifier", "readability"))
    report("evaluation", 1.0, f"LRAP {grades['lrap']:.3f}, label frequencies {grades['lrap_baseline']:.3f}")
    return grades, readability


def leak(on: dict[str, Any], ratings: str, source: str) -> str:
    """Return what the encoder had read of the films held out; `on` is what it was trained on, by its info.

    >>> on = {"reads": "unrated", "ratings": "ml-100k", "source": "lmrd", "title": "reviews"}
    >>> leak(on, "ml-100k", "lmrd")
    'none: the encoder has read no review of any of these films'
    """
    if on["reads"] == "unrated" and on["ratings"] == ratings:
        if "before" in on:
            return leak(on["before"], ratings, source)
        return "none: the encoder has read no review of any of these films"
    if on["source"] in sources_in(source):
        return "the encoder has read texts of held-out films, though never their labels"
    return (
        f"the encoder has read other texts ({on['title']}), among which there may be reviews of held-out films, "
        "though never their labels"
    )
