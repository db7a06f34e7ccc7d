"""Planted ratings of any size: distinct pairs on the scale, and a truth that can be read back."""

import numpy as np
import pandas as pd
import pytest

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_ratings, synthetic_world

USERS, FILMS, COUNT = 400, 300, 12_000


@pytest.fixture(scope="module")
def noiseless() -> tuple[Ratings, np.ndarray]:
    return synthetic_ratings(3, FILMS, USERS, COUNT, noise=0.0, seed=1)


def _explained(ratings: Ratings, truth: np.ndarray) -> float:
    """Return the share of the variance about the films' means that each user's best fit on `truth` explains."""
    table = ratings.table
    residual = table.rating - table.groupby("film").rating.transform("mean")
    left = total = 0.0
    for _, own in residual.groupby(table.user):
        if len(own) >= 20:
            design = np.column_stack([np.ones(len(own)), truth[table.film[own.index]]])
            left += float(np.square(own - design @ np.linalg.lstsq(design, own, rcond=None)[0]).sum())
            total += float(np.square(own - own.mean()).sum())
    return 1 - left / total


def test_a_seed_gives_the_same_table_and_another_seed_another() -> None:
    first, second, other = (synthetic_ratings(2, 50, 60, 500, 0.5, seed)[0] for seed in (7, 7, 8))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.digest == second.digest != other.digest
    assert not first.table.equals(other.table)


def test_pairs_are_distinct_and_as_many_as_asked_for(noiseless: tuple[Ratings, np.ndarray]) -> None:
    table = noiseless[0].table
    assert len(table) == COUNT and not table.duplicated(["user", "film"]).any()
    assert table.user.between(0, USERS - 1).all() and table.film.between(0, FILMS - 1).all()
    assert table.dtypes.astype(str).to_dict() == {"user": "int32", "film": "int32", "rating": "float32"}


def test_a_small_table_gives_what_it_can() -> None:
    assert 100 < len(synthetic_ratings(1, 10, 20, 10_000, 0.5, 0)[0].table) <= 200


def test_ratings_are_half_stars_on_the_scale(noiseless: tuple[Ratings, np.ndarray]) -> None:
    ratings = noiseless[0]
    assert ratings.scale == (0.5, 5.0)
    assert set(ratings.table.rating) == {i / 2 for i in range(1, 11)}


def test_films_and_users_have_the_form_of_the_planted_world(noiseless: tuple[Ratings, np.ndarray]) -> None:
    films = noiseless[0].films
    assert films.dtypes.to_dict() == synthetic_world().ratings.films.dtypes.to_dict()
    assert films.title.is_unique and list(films.film_id) == [str(k) for k in range(1, FILMS + 1)]
    assert list(noiseless[0].user_ids) == [str(k) for k in range(1, USERS + 1)]


def test_few_films_have_most_of_the_ratings(noiseless: tuple[Ratings, np.ndarray]) -> None:
    given = np.sort(np.bincount(noiseless[0].table.film, minlength=FILMS))
    assert given[-FILMS // 2 :].sum() > 0.6 * COUNT


def test_ratings_follow_the_planted_weights(noiseless: tuple[Ratings, np.ndarray]) -> None:
    """Without noise only rounding, clipping and the estimate of the film's mean are left over."""
    ratings, truth = noiseless
    assert truth.shape == (FILMS, 3) and 0.3 < (truth != 0).mean() < 0.5
    assert _explained(ratings, truth) > 0.85
    assert _explained(ratings, np.roll(truth, 1, axis=0)) < 0.2


def test_without_factors_there_are_only_offsets() -> None:
    """Film and user means leave nothing but rounding: a variance of 0.5² / 12 and a little more by clipping."""
    ratings, truth = synthetic_ratings(0, FILMS, USERS, COUNT, noise=0.0, seed=1)
    table = ratings.table
    assert truth.shape == (FILMS, 0)
    residual = table.rating - table.groupby("film").rating.transform("mean")
    residual -= residual.groupby(table.user).transform("mean")
    assert residual.var() < 1.5 * 0.5**2 / 12
