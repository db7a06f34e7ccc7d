"""Labelled reviews, what is held out, counts and domination, by eye."""

import numpy as np
import pandas as pd
import pytest

from core.classification.frequencies import dominating_factor, frequencies, prediction_table, without_factor
from core.classification.labels import hold_out, label_matrix, label_names, label_reviews
from core.errors import DegenerateResult

CHOSEN = pd.DataFrame({"film_id": [2, 1, 3], "title": ["B", "A", "C"]})
TOPS = pd.DataFrame(
    {"film_id": [1, 1, 2, 2, 3, 3], "rank": [1, 2, 1, 2, 1, 2], "factor": [5, 0, 0, 9, 5, 9], "weight": 0.0}
)


def reviews(films: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "film_id": films,
            "review_id": [f"r{i}" for i in range(len(films))],
            "review": "words",
            "stars": np.nan,
            "source": "test",
        }
    )


def test_each_review_gets_its_films_factors_highest_first() -> None:
    labelled = label_reviews(CHOSEN, TOPS, reviews([1, 1, 2]))
    assert labelled[["title", "factors"]].to_numpy().tolist() == [["B", "0;9"], ["A", "5;0"], ["A", "5;0"]]
    assert label_names(labelled) == [0, 5, 9]
    assert label_matrix(labelled, [0, 5, 9]).astype(int).tolist() == [[1, 0, 1], [1, 1, 0], [1, 1, 0]]


def test_one_film_with_reviews_is_too_few() -> None:
    with pytest.raises(DegenerateResult, match="1 of the 3 chosen films have reviews"):
        label_reviews(CHOSEN, TOPS, reviews([1]))
    with pytest.raises(DegenerateResult, match="0 of the 3 chosen films have reviews"):
        label_reviews(CHOSEN, TOPS, reviews([]))


def test_films_with_the_same_factors_cannot_be_told_apart() -> None:
    tops = TOPS.assign(factor=[5, 0, 0, 5, 5, 0])
    with pytest.raises(DegenerateResult, match="same top factors"):
        label_reviews(CHOSEN, tops, reviews([1, 2]))


def test_whole_films_are_held_out() -> None:
    labelled = pd.DataFrame({"film_id": np.repeat(range(10), 7)})
    held = hold_out(labelled, "films", 0.2, 1)
    by_film = held.reshape(10, 7)
    assert (by_film.all(axis=1) | ~by_film.any(axis=1)).all() and by_film.all(axis=1).sum() == 2


def test_the_articles_split_takes_reviews_at_random() -> None:
    labelled = pd.DataFrame({"film_id": np.repeat(range(10), 10)})
    held = hold_out(labelled, "random", 0.2, 1)
    assert held.sum() == 20 and not (held.reshape(10, 10).all(axis=1)).any()


def test_two_films_leave_one_on_either_side() -> None:
    held = hold_out(pd.DataFrame({"film_id": [1, 2]}), "films", 0.9, 0)
    assert held.sum() == 1


def test_counts_and_the_dominating_factor() -> None:
    labelled = pd.DataFrame({"film_id": [1, 1, 2], "title": ["A", "A", "B"], "review_id": ["a", "b", "c"]})
    probabilities = np.array([[0.9, 0.2], [0.5, 0.7], [0.6, 0.1]])
    predictions = prediction_table(labelled, [3, 8], probabilities, thresholds=[0.5, 0.6])
    assert predictions.predicted.tolist() == [True, False, True, True, True, False]
    counts = frequencies(predictions)
    assert counts[["title", "factor", "count", "reviews"]].to_numpy().tolist() == [
        ["A", 3, 2, 2],
        ["A", 8, 1, 2],
        ["B", 3, 1, 1],
        ["B", 8, 0, 1],
    ]
    assert dominating_factor(counts) == 3
    assert without_factor(counts, 3)["count"].tolist() == [1, 0]


def test_nothing_predicted_has_no_dominating_factor() -> None:
    counts = pd.DataFrame({"film_id": [1], "title": ["A"], "factor": [3], "count": [0], "reviews": [2]})
    assert dominating_factor(counts) is None
    assert len(without_factor(counts, None)) == 1
