"""The grades, on rankings that can be worked out by eye."""

import numpy as np
import pytest

from core.evaluation import evaluate

TRUTH = np.array([[True, False, False], [False, True, False], [True, False, False], [False, True, False]])
TRAINED = np.array([[True, False, False], [True, False, False], [True, True, False], [False, False, True]])
UNITS = np.array([1, 2, 1, 2])


def test_a_perfect_ranking_has_lrap_one_and_an_interval_of_no_width() -> None:
    grades = evaluate(TRUTH, TRUTH.astype(float), TRAINED, UNITS, [4, 5, 6], seed=0)
    assert grades["lrap"] == 1 and grades["lrap_interval"] == [1, 1]
    # Base rates 3/4, 1/4, 1/4: the first label is ranked first, the others share ranks 2 and 3.
    assert grades["lrap_baseline"] == pytest.approx((1 + 1 / 3) / 2)


def test_ranking_by_the_base_rates_gains_nothing() -> None:
    guess = np.tile(TRAINED.mean(axis=0), (4, 1))
    grades = evaluate(TRUTH, guess, TRAINED, UNITS, [4, 5, 6], seed=0)
    assert grades["lrap_gain"] == 0 and grades["lrap_gain_interval"] == [0, 0]


def test_labels_that_never_or_always_occur_have_no_grade() -> None:
    grades = evaluate(TRUTH, TRUTH.astype(float), TRAINED, UNITS, [4, 5, 6], seed=0)
    first, _, third = grades["per_label"]
    assert (first["factor"], first["support"], first["base_rate"], first["auc"]) == (4, 2, 0.75, 1.0)
    assert third["support"] == 0 and third["auc"] is None and third["average_precision"] is None


def test_the_interval_resamples_whole_films() -> None:
    """Two films, one ranked right and one wrong, whatever the number of reviews: the interval spans both."""
    truth = np.array([[True, False]] * 50 + [[True, False]] * 50)
    guess = np.array([[0.9, 0.1]] * 50 + [[0.1, 0.9]] * 50)
    grades = evaluate(truth, guess, truth, np.repeat([1, 2], 50), [0, 1], seed=0)
    assert grades["lrap"] == 0.75 and grades["lrap_interval"] == [0.5, 1.0]
