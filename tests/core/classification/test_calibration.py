"""Calibration: the line is found where there is one, and nothing runs away where there is none."""

import numpy as np
import pytest
from scipy.special import expit

from core.classification.calibration import calibrated, cross_calibrated, fit_calibration, thresholds

FILMS = np.arange(400)


def of_line(slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and truth, each logit with as many true reviews as the line says."""
    logits = np.repeat([-2.0, -1.0, 0.0, 1.0, 2.0], 80)
    share = expit(slope * logits + intercept)
    return logits[:, None], (np.tile((np.arange(80) + 0.5) / 80, 5) < share)[:, None]


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.5)])
def test_the_line_is_found(slope: float, intercept: float) -> None:
    fitted = fit_calibration(*of_line(slope, intercept), FILMS)
    assert fitted["slope"] == pytest.approx([slope], abs=0.1)
    assert fitted["intercept"] == pytest.approx([intercept], abs=0.1)


def test_a_reader_that_errs_is_not_believed_the_other_way_round() -> None:
    logits, truth = of_line(1.0, 0.0)
    fitted = fit_calibration(-logits, truth, FILMS)
    assert fitted["slope"] == [0] and calibrated(-logits, fitted).mean() == pytest.approx(truth.mean())


def test_a_label_told_without_an_error_keeps_a_finite_slope() -> None:
    truth = (FILMS % 2 == 0)[:, None]
    (slope,) = fit_calibration(np.where(truth, 1.0, -1.0), truth, FILMS)["slope"]
    assert 1 < slope < 10


def test_a_film_of_many_reviews_counts_as_one() -> None:
    """The same reviews, of 400 films or of 20: fewer films leave the slope nearer to 1."""
    logits, truth = of_line(0.2, 0.0)
    far, near = (fit_calibration(logits, truth, films)["slope"][0] for films in (FILMS, FILMS // 20))
    assert 0.2 < far < near < 1


def test_a_label_on_few_films_matches_its_share_with_the_slope_of_the_others() -> None:
    logits, truth = of_line(0.5, 0.0)
    rare, never = (FILMS < 4)[:, None], np.zeros((400, 1), bool)
    fitted = fit_calibration(np.hstack([logits] * 3), np.hstack([truth, rare, never]), FILMS)
    assert fitted["slope"][1] == fitted["slope"][2] == fitted["slope"][0]
    shares = calibrated(np.hstack([logits] * 3), fitted).mean(0)
    assert shares[1] == pytest.approx(4.5 / 401) and shares[2] == pytest.approx(0.5 / 401)
    assert fit_calibration(logits, rare, FILMS)["slope"] == [1]


def test_a_review_is_calibrated_without_its_own_fold() -> None:
    logits, truth = of_line(1.0, 0.0)
    folds = FILMS % 2
    turned = truth.copy()
    turned[folds == 0] = ~turned[folds == 0]
    one, other = (cross_calibrated(logits, t, FILMS, folds) for t in (truth, turned))
    assert (one[folds == 0] == other[folds == 0]).all() and (one[folds == 1] != other[folds == 1]).any()


def test_a_label_is_predicted_as_often_as_it_is_true() -> None:
    rng = np.random.default_rng(0)
    truth, probabilities = rng.random((100, 3)) < [0.1, 0.5, 0.9], rng.random((100, 3))
    predicted = probabilities >= thresholds(truth, probabilities)
    assert (predicted.sum(0) == truth.sum(0)).all()


@pytest.mark.parametrize(("true", "share"), [(0, 0), (3, 0), (7, 1), (10, 1)])
def test_where_all_probabilities_are_the_same_none_or_all_are_predicted(true: int, share: int) -> None:
    truth, same = (np.arange(10) < true)[:, None], np.full((10, 1), 0.3)
    assert (same >= thresholds(truth, same)).mean() == share
