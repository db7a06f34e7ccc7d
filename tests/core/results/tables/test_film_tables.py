"""The films of a run as a list: agreement with their top factors, genres, filters and orders."""

import numpy as np
import pandas as pd
import pytest
from support.counted_films import COUNTS, TOPS

from core.results.tables import films as film_list

FILMS = pd.DataFrame({"film_id": [1, 2], "genres": ["Drama|War", None]})


def test_agreement_is_the_share_of_top_factors_among_as_many_predicted_ones() -> None:
    listed = film_list.film_list(COUNTS, TOPS, FILMS)
    # Film 1: of its top factors 0 and 2, only 0 is among its two most predicted ones, 0 and 1.
    assert listed.agreement.tolist() == [0.5, 0.0]
    # Over all films 0 is predicted 4 times and 1 three times.
    assert listed.baseline.tolist() == [0.5, 0.0]
    assert listed.genres.tolist() == [["Drama", "War"], []]


@pytest.mark.parametrize(
    ("predicted", "own", "expected"),
    [
        ([3, 2, 1, 0], [1, 1, 0, 0], 1.0),
        # Three factors share one place.
        ([1, 1, 1, 0], [1, 0, 0, 0], 1 / 3),
        # A factor that is never predicted takes no place.
        ([0, 0, 0, 0], [1, 1, 0, 0], 0.0),
        ([5, 0, 0, 0], [1, 1, 0, 0], 0.5),
    ],
)
def test_equal_counts_share_the_places(predicted: list[int], own: list[int], expected: float) -> None:
    found = film_list.agreement(np.array([predicted]), np.array([own], dtype=bool))
    assert found[0] == pytest.approx(expected)


def test_a_film_without_a_top_factor_among_the_labels_has_no_agreement_and_comes_last() -> None:
    listed = film_list.film_list(COUNTS, TOPS[TOPS.film_id == 2], None)
    assert listed.agreement.isna().tolist() == [True, False]
    for order in ("agreement", "disagreement"):
        assert film_list.wanted_films(listed, order=order).film_id.tolist() == [2, 1]


def test_films_are_chosen_by_title_and_genre_and_put_in_order() -> None:
    listed = film_list.film_list(COUNTS, TOPS, FILMS)

    def ids(**how: str) -> list[int]:
        return film_list.wanted_films(listed, **how).film_id.tolist()

    assert ids() == ids(order="reviews") == ids(order="agreement") == [1, 2]
    assert ids(order="title") == ids(order="disagreement") == [2, 1]
    assert ids(genre="War") == ids(title=" a ", genre="Drama") == [1]
    # Characters of regular expressions are matched literally.
    assert ids(title="(.+) [X") == [2]
    assert ids(title=".*") == ids(genre="Comedy") == []
    assert film_list.wanted_films(listed, least_reviews=2).film_id.tolist() == [1]
    assert film_list.wanted_films(listed, least_agreement=0.5).film_id.tolist() == [1]
    assert film_list.genres_of(listed) == ["Drama", "War"]
