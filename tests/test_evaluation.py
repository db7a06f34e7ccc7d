"""The grades, on rankings that can be worked out by eye."""

import numpy as np
import pytest

from core.evaluation import evaluate
from core.verdict import verdict

TRUTH = np.array([[True, False, False], [False, True, False], [True, False, False], [False, True, False]])
TRAINED = np.array([[True, False, False], [True, False, False], [True, True, False], [False, False, True]])
TRUTH = np.tile(TRUTH, (3, 1))
UNITS = np.arange(12) // 2


def test_a_perfect_ranking_has_lrap_one_and_an_interval_of_no_width() -> None:
    grades = evaluate(TRUTH, TRUTH.astype(float), TRAINED, UNITS, [4, 5, 6], seed=0)
    assert grades["lrap"] == 1 and grades["lrap_interval"] == [1, 1]
    # Base rates 3/4, 1/4, 1/4: the first label is ranked first, the others share ranks 2 and 3.
    assert grades["lrap_baseline"] == pytest.approx((1 + 1 / 3) / 2)


def test_ranking_by_the_base_rates_gains_nothing() -> None:
    guess = np.tile(TRAINED.mean(axis=0), (12, 1))
    grades = evaluate(TRUTH, guess, TRAINED, UNITS, [4, 5, 6], seed=0)
    assert grades["lrap_gain"] == 0 and grades["lrap_gain_interval"] == [0, 0]


def test_labels_that_never_or_always_occur_have_no_grade() -> None:
    grades = evaluate(TRUTH, TRUTH.astype(float), TRAINED, UNITS, [4, 5, 6], seed=0)
    first, _, third = grades["per_label"]
    assert (first["factor"], first["support"], first["base_rate"], first["auc"]) == (4, 6, 0.75, 1.0)
    assert third["support"] == 0 and third["auc"] is None and third["average_precision"] is None


def test_the_interval_resamples_whole_films() -> None:
    """Six films, three ranked right and three wrong: the interval is wide, whatever the number of reviews."""
    truth = np.tile([True, False], (300, 1))
    guess = np.repeat([[0.9, 0.1], [0.1, 0.9]], 150, axis=0)
    films = evaluate(truth, guess, truth, np.arange(300) // 50, [0, 1], seed=0)
    assert films["lrap"] == 0.75
    low, high = films["lrap_interval"]
    assert low <= 0.6 and high >= 0.9
    reviews = evaluate(truth, guess, truth, np.arange(300), [0, 1], seed=0)["lrap_interval"]
    assert reviews[0] > 0.7 and reviews[1] < 0.8


def test_too_few_films_have_no_interval() -> None:
    grades = evaluate(TRUTH, TRUTH.astype(float), TRAINED, UNITS // 2, [4, 5, 6], seed=0)
    assert grades["lrap_interval"] is None and grades["lrap_gain_interval"] is None
    grades |= {"split": "films", "films_held_out": 3}
    assert "too few for an interval, so it cannot be told from nothing" in verdict(grades)
