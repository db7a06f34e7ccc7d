"""The grades, on rankings that can be worked out by eye."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score
from support.run_records import plain_record, run_record

from core.classification.evaluation.evaluate import EvaluationSet, evaluate
from core.classification.evaluation.measures import average_precision, bootstrap_samples, row_lrap
from core.classification.evaluation.reliability import calibration_error, reliability, reliability_part
from core.results.run_record import Readability, RunRecord
from core.results.run_record.upgrade import upgraded
from core.results.sentences import (
    gain_line,
    readability_line,
    readability_of,
    reader_line,
)

# Six films of two reviews each; label 4 is on half of the films, label 5 on the other half, label 6 on none.
Y_TRUE = np.tile(np.repeat([[True, False, False], [False, True, False]], 2, axis=0), (3, 1))
FILMS = np.arange(12) // 2
SHARES = [0.75, 0.25, 0.25]
# Twenty films, ten of which carry the label.
TWENTY = np.repeat(np.arange(20), 3)
HALF = np.repeat(np.arange(20) % 2 == 0, 3)


def grades(
    y_true: np.ndarray, scores: np.ndarray, films: np.ndarray, **baselines: np.ndarray
) -> dict[str, Any]:
    baselines = {"frequencies": np.tile(SHARES[: y_true.shape[1]], (len(y_true), 1))} | baselines
    names = range(4, 4 + y_true.shape[1])
    return evaluate(EvaluationSet(y_true, films, names), scores, baselines, [0.5] * y_true.shape[1], seed=0)


def column(*parts: np.ndarray) -> np.ndarray:
    return np.stack(parts, axis=1)


def test_a_perfect_ranking_has_lrap_one_and_an_interval_of_no_width() -> None:
    grade = grades(Y_TRUE, Y_TRUE.astype(float), FILMS)
    assert grade["lrap"] == 1 and grade["lrap_interval"] == [1, 1]
    assert grade["macro_ap"] == grade["micro_ap"] == 1
    # Base rates 3/4, 1/4, 1/4: the first label is ranked first, of the others the earlier one second.
    assert grade["lrap_baseline"] == pytest.approx((1 + 1 / 2) / 2)


def test_ranking_by_the_base_rates_gains_nothing() -> None:
    grade = grades(Y_TRUE, np.tile([0.75, 0.25, 0.2], (12, 1)), FILMS)
    assert grade["lrap_gain"] == 0 and grade["lrap_gain_interval"] == [0, 0]
    assert grade["rivals"]["frequencies"]["macro_ap_gain_interval"] == [0, 0]


def test_labels_that_never_occur_have_no_grade() -> None:
    first, _, third = grades(Y_TRUE, Y_TRUE.astype(float), FILMS)["per_label"]
    assert (first["factor"], first["support"], first["films"], first["base_rate"]) == (4, 6, 3, 0.75)
    assert (first["average_precision"], first["chance"], first["gain"], first["auc"]) == (1, 0.5, 0.5, 1)
    assert third["support"] == 0 and third["auc"] is third["average_precision"] is third["gain"] is None


def test_average_precision_and_lrap_are_those_of_scikit_learn_ties_included() -> None:
    rng = np.random.default_rng(0)
    y_true, scores = rng.random((40, 3)) < 0.3, rng.integers(5, size=(40, 3)) / 5
    once = average_precision(y_true, scores, np.ones((1, 40), np.float32), np.arange(40))
    assert once[0] == pytest.approx(average_precision_score(y_true.ravel(), scores.ravel()))
    assert row_lrap(y_true, scores).mean() == pytest.approx(
        label_ranking_average_precision_score(y_true, scores)
    )


def test_a_film_drawn_twice_counts_as_if_its_reviews_stood_there_twice() -> None:
    y_true, scores = np.array([[True], [False], [True]]), np.array([[0.9], [0.5], [0.1]])
    twice = average_precision(y_true, scores, np.array([[1, 2, 1]], np.float32), np.arange(3))
    assert twice[0] == pytest.approx((1 + 2 / 4) / 2)
    assert np.isnan(average_precision(y_true, scores, np.array([[0, 1, 0]], np.float32), np.arange(3))[0])


def test_the_first_drawing_is_the_films_as_they_are_and_each_has_as_many() -> None:
    draws = bootstrap_samples(7, 0)
    assert (draws[0] == 1).all() and (draws.sum(1) == 7).all()


def test_the_interval_resamples_whole_films() -> None:
    """Six films, three ranked right and three wrong: the interval is wide, whatever the number of reviews."""
    y_true = np.tile([True, False], (300, 1))
    guess = np.repeat([[0.9, 0.1], [0.1, 0.9]], 150, axis=0)
    films = grades(y_true, guess, np.arange(300) // 50)
    assert films["lrap"] == 0.75
    low, high = films["lrap_interval"]
    assert low <= 0.6 and high >= 0.9
    reviews = grades(y_true, guess, np.arange(300))["lrap_interval"]
    assert reviews[0] > 0.7 and reviews[1] < 0.8


def test_too_few_films_have_no_interval() -> None:
    grade = grades(Y_TRUE, Y_TRUE.astype(float), FILMS // 2)
    assert grade["lrap_interval"] is None and grade["lrap_gain_interval"] is None
    classifier = run_record(classifier=grade | {"split": "films", "films_held_out": 3}).classifier
    assert gain_line(classifier).endswith(" There are too few films to say whether reading beats guessing.")


def test_one_film_has_no_macro_average() -> None:
    grade = grades(Y_TRUE[:2], Y_TRUE[:2].astype(float), FILMS[:2])
    assert grade["macro_ap"] is None and grade["rivals"]["frequencies"]["macro_ap_gain"] is None


def test_frequencies_out_of_fold_are_no_worse_than_knowing_nothing() -> None:
    """A fold where a label is common has it less often in the others; that must not count against the baseline."""
    folds = HALF.astype(int)
    frequencies = np.where(folds, 0.0, 1.0)[:, None]
    reviews = EvaluationSet(HALF[:, None], TWENTY, [0])
    grade = evaluate(reviews, HALF[:, None] * 1.0, {"frequencies": frequencies}, [0.5], 0)
    assert grade["rivals"]["frequencies"]["micro_ap"] == 0.5


def test_a_film_at_a_time_its_reviews_are_taken_together() -> None:
    """One review of each film points the wrong way, weakly, and the other the right way, strongly."""
    scores = Y_TRUE[:, :2] * 0.8 + 0.1
    scores[::2] = 0.55 - 0.1 * Y_TRUE[::2, :2]
    grade = grades(Y_TRUE[:, :2], scores, FILMS)
    assert grade["lrap"] == 0.75 and grade["by_film"]["lrap"] == 1
    assert grade["by_film"]["films"] == 6 and grade["by_film"]["macro_ap"] == 1


def test_a_label_is_readable_where_it_beats_chance_and_shuffled_labels() -> None:
    rng = np.random.default_rng(0)
    predictive, noise = HALF + 0.1 * rng.random(60), rng.random(60)
    y_true, rare = column(HALF, HALF, HALF, TWENTY < 2), rng.random(60)
    baselines = {
        "frequencies": np.full(y_true.shape, 0.5),
        "tfidf": column(noise, noise, noise, rare),
        "shuffled": column(noise, predictive, noise, rare),
    }
    # The second label is predicted as well from shuffled labels, the third not at all, the fourth is on two films.
    scores = column(predictive, predictive, rng.random(60), rare)
    grade = evaluate(EvaluationSet(y_true, TWENTY, [0, 1, 2, 4]), scores, baselines, [0.5] * 4, 0)
    assert [row["readable"] for row in grade["per_label"]] == [True, False, False, None]
    assert grade["per_label"][0]["shuffled_gain_interval"][0] > 0
    assert grade["per_label"][3]["gain_interval"] is None
    readability = Readability.model_validate(grade)
    assert [readability_of(readability, factor).partition(":")[0] for factor in (2, 3, 4)] == [
        "Not readable from reviews",
        "Readability not measured",
        "Readability not measured",
    ]
    assert readability_line(readability, 5) == (
        "1 factor is readable from reviews, 2 are not. 1 has too few films to test. 1 is not among any reviewed "
        "film's top factors."
    )
    assert readability_of(readability, 0).startswith("Readable from reviews: ")
    assert "(gain +0.00, 95% interval +0.00 to +0.00)" in readability_of(readability, 1)
    assert "beats guessing. It does not surely beat one trained on shuffled" in readability_of(readability, 1)
    assert "does not surely beat guessing. Nor" in readability_of(readability, 2)
    assert "2 films with reviews carry it" in readability_of(readability, 4)
    assert "no film with reviews has this factor" in readability_of(readability, 3)
    assert "beats counted words" in reader_line(readability)


def test_many_labels_that_only_luck_tells_are_not_called_readable() -> None:
    rng = np.random.default_rng(1)
    film = np.repeat(np.arange(40), 5)
    y_true = (rng.random((40, 60)) < 0.3)[film]
    luck = [rng.normal(size=(40, 60))[film] + rng.normal(size=(200, 60)) for _ in range(2)]
    baselines = {"frequencies": np.full(y_true.shape, 0.3), "shuffled": luck[1]}
    grade = evaluate(EvaluationSet(y_true, film, range(60)), luck[0], baselines, [0.5] * 60, 0)
    assert any(row["gain_interval"][0] > 0 for row in grade["per_label"] if row["gain_interval"])
    assert not any(row["readable"] for row in grade["per_label"])


def test_without_the_shuffled_rival_no_readability_is_said() -> None:
    grade = grades(Y_TRUE, Y_TRUE.astype(float), FILMS)
    assert {row["readable"] for row in grade["per_label"]} == {None}
    readability = Readability.model_validate(grade)
    assert "no classifier of shuffled labels" in readability_of(readability, 4)
    assert "did not compare" in reader_line(readability)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ([0.1, 0.3], "beats counted words (TF-IDF)"),
        ([-0.1, 0.3], "may be no better than counted words (TF-IDF)"),
        ([-0.3, -0.1], "reads worse than counted words (TF-IDF)"),
        (None, "too few films for an interval"),
    ],
)
def test_the_reader_is_set_beside_counted_words(interval: list[float] | None, text: str) -> None:
    baseline = {"lrap": 0.5, "lrap_gain": 0.1, "lrap_gain_interval": interval}
    assert text in reader_line(
        run_record(readability={"lrap": 0.6, "rivals": {"tfidf": baseline}}).readability
    )


def test_a_run_from_before_readability_was_measured_says_so() -> None:
    older = plain_record()
    older["readability"]["per_label"] = [
        {"factor": 0, "support": 3, "base_rate": 0.1, "average_precision": 0.5}
    ]
    older = RunRecord.model_validate(upgraded(older)).readability
    assert readability_of(older, 0).startswith("Readability not measured: ")


def test_reliability_compares_what_is_said_to_what_is_true() -> None:
    """Of twenty films half carry the label; first all are given 20%, then each what is true."""
    y_true = HALF[:, None]
    wrong = reliability(y_true, np.full((60, 1), 0.2), TWENTY, 0)
    assert wrong[["low", "high", "predicted", "observed"]].to_numpy().round(9).tolist() == [
        [0.2, 0.2, 0.2, 0.5]
    ]
    assert wrong.observed_low[0] < 0.5 < wrong.observed_high[0] and wrong.pairs[0] == 60
    assert calibration_error(wrong) == pytest.approx(0.3)
    right = reliability(y_true, y_true.astype(float), TWENTY, 0)
    assert right.observed.tolist() == [0, 1] and calibration_error(right) == 0
    part = reliability_part(y_true, np.full((60, 1), 0.2), y_true.astype(float), TWENTY, 0)
    assert part["calibration_error"] == {"before": pytest.approx(0.3), "after": 0}
    assert part["reliability"]["after"][1]["observed"] == 1


def test_groups_of_probabilities_are_of_about_the_same_size() -> None:
    table = reliability(HALF[:, None], np.linspace(0, 1, 60)[:, None], TWENTY, 0, bins=5)
    assert len(table) == 5 and table.pairs.between(11, 13).all() and table.pairs.sum() == 60
