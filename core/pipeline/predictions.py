"""Labelled reviews -> the probability of each label, out of fold where possible."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.classification import labels as labelling
from core.classification.calibration import Calibration, scaled
from core.pipeline.classifier import LabelledReviews, classifier_folder, cross_validated_folder
from core.pipeline.stage import Stage


@dataclass(frozen=True)
class Predictions:
    """Predictions for the labelled reviews; arrays have a row a review and, if 2-D, a column a label."""

    classifier: Path
    """The folder of the run's classifier."""
    cross_validated: Path
    """The folder of the out-of-fold logits."""
    folds: np.ndarray
    """The fold of each review; films stay together."""
    held_out: np.ndarray
    """Mask of the reviews whose logits come from a model that was not trained on them.

    With whole films held out, it was not trained on their films either.
    """
    logits: np.ndarray
    """The logits that are shown: out of fold, or by the run's classifier."""
    calibration: Calibration | None
    thresholds: list[float]
    """Probability from which each label counts as predicted."""
    probabilities: np.ndarray


def predict_labels(stage: Stage, reviews: LabelledReviews) -> Predictions:
    """Train the run's classifier and predict the labels of every labelled review.

    With whole films held out and a frozen encoder, each review's prediction is by a head that was trained on
    the films of the other folds, and the run's classifier is trained on all reviews. Otherwise one part of
    the reviews is held out of the classifier, which predicts all of them.
    """
    settings, split, seed = stage.settings.classifier, stage.settings.split, stage.settings.seed
    films, y_true = reviews.films, reviews.y_true
    folds = labelling.film_folds(films, settings.folds, seed)
    by_folds = split == "films" and not settings.phases
    cross_validated = cross_validated_folder(stage, reviews, folds)
    held_out_of_classifier = (
        np.zeros(len(films), dtype=bool)
        if by_folds
        else labelling.hold_out(reviews.table, split, settings.valid_share, seed)
    )
    classifier = classifier_folder(stage, reviews, held_out_of_classifier)
    logits = np.load((cross_validated if by_folds else classifier) / "logits.npy", allow_pickle=False)
    held_out = ~held_out_of_classifier if by_folds else held_out_of_classifier
    calibration, probabilities, cuts = scaled(logits, y_true, films, held_out, settings)
    return Predictions(classifier, cross_validated, folds, held_out, logits, calibration, cuts, probabilities)
