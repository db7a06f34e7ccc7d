"""Predictions of labelled reviews -> their scores beside baselines, and the readability of each factor."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from core.classification.calibration import cross_calibrated
from core.data.reviews.sources.combined import sources_in
from core.pipeline.classifier import LabelledReviews
from core.pipeline.predictions import Predictions
from core.pipeline.stage import Stage
from core.store import read_json, write_json


def evaluate_predictions(
    stage: Stage, reviews: LabelledReviews, predictions: Predictions
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `classifier` and `readability` of `run.json`: scores and each factor's readability."""

    def build(folder: Path) -> None:
        from core.classification.readers.base import out_of_fold_logits
        from core.classification.readers.counted_words import CountedWords
        from core.language_model.tokens import Tokens

        stage.report("evaluation", 0.1, "the same folds by counted words (TF-IDF)")
        tokens = Tokens.load(reviews.encoded.tokens).take(reviews.rows)
        words = CountedWords(tokens)
        tfidf = expit(out_of_fold_logits(words, reviews.y_true, predictions.folds))
        by_folds = _readability(stage, reviews, predictions, tfidf)
        write_json(folder / "readability.json", by_folds)
        held_out = predictions.held_out
        if held_out.all():
            grades = by_folds
        else:
            tfidf = expit(out_of_fold_logits(words, reviews.y_true, np.where(held_out, 0, -1)))
            grades = _held_out_grades(stage, reviews, predictions, tfidf[held_out])
        grades = grades | _reliability(stage, reviews, predictions)
        write_json(folder / "classifier.json", grades)

    inputs = {
        "by_folds": predictions.cross_validated.name,
        "classifier": predictions.classifier.name,
        "tokens": reviews.encoded.tokens.name,
        "graded": np.flatnonzero(predictions.held_out).tolist(),
        "settings": stage.settings.classifier.model_dump(),
        "split": stage.settings.split,
        "seed": stage.settings.seed,
    }
    folder = stage.artifact("grades", inputs, build)
    grades, readability = (read_json(folder / f"{name}.json") for name in ("classifier", "readability"))
    stage.report(
        "evaluation", 1.0, f"LRAP {grades['lrap']:.3f}, label frequencies {grades['lrap_baseline']:.3f}"
    )
    return grades, readability


def _readability(
    stage: Stage, reviews: LabelledReviews, predictions: Predictions, tfidf: np.ndarray
) -> dict[str, Any]:
    """Evaluate the out-of-fold predictions of the heads; `tfidf` are the probabilities by counted words."""
    from core.classification.evaluation.evaluate import EvaluationSet, evaluate

    logits, shuffled = (
        np.load(predictions.cross_validated / f"{name}.npy", allow_pickle=False)
        for name in ("logits", "shuffled")
    )
    baselines = {
        # Over all folds: the more of a label one fold has, the less the others have.
        "frequencies": np.tile(reviews.y_true.mean(0), (len(reviews.films), 1)),
        "tfidf": tfidf,
        "shuffled": expit(shuffled),
    }
    stage.report("evaluation", 0.6, "resampling films")
    return evaluate(
        EvaluationSet(reviews.y_true, reviews.films, reviews.labels),
        expit(logits),
        baselines,
        predictions.thresholds,
        stage.settings.seed,
    )


def _held_out_grades(
    stage: Stage, reviews: LabelledReviews, predictions: Predictions, tfidf: np.ndarray
) -> dict[str, Any]:
    """Evaluate the run's classifier on the held-out part; `tfidf` are its probabilities by counted words."""
    from core.classification.evaluation.evaluate import EvaluationSet, evaluate

    held_out, films = predictions.held_out, reviews.films
    by_films = stage.settings.split == "films"
    # Where reviews were held out at random, bootstrap samples draw reviews in place of films.
    units = films if by_films else np.arange(len(films))
    frequencies = np.tile(reviews.y_true[~held_out].mean(0), (int(held_out.sum()), 1))
    grades = evaluate(
        EvaluationSet(reviews.y_true[held_out], units[held_out], reviews.labels),
        expit(predictions.logits)[held_out],
        {"frequencies": frequencies, "tfidf": tfidf},
        predictions.thresholds,
        stage.settings.seed,
    )
    if not by_films:
        # Films are counted, but not graded.
        del grades["by_film"]
        for row, true in zip(grades["per_label"], reviews.y_true[held_out].T, strict=True):
            row["films"] = len(np.unique(films[held_out][true]))
    return grades


def _reliability(stage: Stage, reviews: LabelledReviews, predictions: Predictions) -> dict[str, Any]:
    """Return the reliability of the probabilities before and after calibration.

    Empty where they are not calibrated, or where a single film is held out.
    """
    from core.classification.evaluation.reliability import reliability_part

    held_out = predictions.held_out
    films, y_true, logits = reviews.films[held_out], reviews.y_true[held_out], predictions.logits[held_out]
    if predictions.calibration is None or len(np.unique(films)) < 2:
        return {}
    folds = predictions.folds[held_out]
    if len(np.unique(folds)) == 1:
        folds = films
    calibrated = cross_calibrated(logits, y_true, films, folds)
    return reliability_part(y_true, expit(logits), calibrated, films, stage.settings.seed)


def leak(trained_on: dict[str, Any], ratings: str, source: str) -> str:
    """Return, in words, whether the encoder read reviews of held-out films; `trained_on` is in its info.json.

    >>> trained_on = {"reads": "unrated", "ratings": "ml-100k", "source": "lmrd", "title": "LMRD"}
    >>> leak(trained_on, "ml-100k", "lmrd")
    'none: the encoder has read no review of any of these films'
    >>> leak(trained_on, "ml-25m", "sample")
    'the encoder has read other texts (LMRD). Some may be reviews of held-out films, though never with their labels'
    """
    if trained_on["reads"] == "unrated" and trained_on["ratings"] == ratings:
        if "before" in trained_on:
            return leak(trained_on["before"], ratings, source)
        return "none: the encoder has read no review of any of these films"
    if trained_on["source"] in sources_in(source):
        return "the encoder has read texts of held-out films, though never their labels"
    return (
        f"the encoder has read other texts ({trained_on['title']}). Some may be reviews of held-out films, though "
        "never with their labels"
    )
