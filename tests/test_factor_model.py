"""The factor model on a planted world, whose truth is known."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from core import factor_model
from core.errors import BadSettings, DegenerateResult
from core.planted import Planted, planted
from core.progress import silent
from core.settings import FactorModelSettings
from core.top_factors import weights_of

SETTINGS = FactorModelSettings(factors=4, epochs=8, batch_size=256, learning_rate=3e-2)


@pytest.fixture(scope="module")
def world() -> Planted:
    return planted()


@pytest.fixture(scope="module")
def model(world: Planted) -> factor_model.FactorModel:
    return factor_model.train(world.ratings, SETTINGS, 42, silent)


def test_a_films_neighbours_by_weight_share_its_planted_taste(
    world: Planted, model: factor_model.FactorModel
) -> None:
    """Titles slipped by one row would leave the share of shared tastes at chance, about a third."""
    truth = world.truth[world.ratings.films.set_index("title").index.get_indexer(model.films.title)]
    weights = weights_of(model.films)
    unit = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argsort(-likeness, axis=1)[:, :5]
    shared = np.array([[bool((truth[i] & truth[j]).any()) for j in row] for i, row in enumerate(nearest)])
    assert shared.mean() > 0.9


def test_titles_and_ids_stay_together(world: Planted, model: factor_model.FactorModel) -> None:
    known = world.ratings.films.set_index("film_id").title
    assert (model.films.title == known.loc[model.films.film_id].to_numpy()).all()


def test_the_padding_row_is_never_a_film(world: Planted, model: factor_model.FactorModel) -> None:
    assert len(model.films) == len(world.ratings.films)
    assert "#na#" not in set(model.films.title) and model.films.film_id.is_unique
    assert len(model.users) == len(world.ratings.user_ids)


def test_ratings_are_counted_per_film(world: Planted, model: factor_model.FactorModel) -> None:
    given = np.bincount(world.ratings.table.film)
    assert (model.films.ratings.to_numpy() == given[model.films.film_id - 1]).all()


def test_it_beats_the_means(model: factor_model.FactorModel) -> None:
    assert model.rmse_valid < 0.7 * model.rmse_means


def test_the_baseline_is_the_films_mean_plus_the_users_deviation() -> None:
    import pandas as pd

    trained = pd.DataFrame({"user": [1, 1, 2, 2], "film": [1, 2, 1, 2], "rating": [5.0, 3.0, 3.0, 1.0]})
    # Film means 4 and 2; user 1 is one star above them, user 2 one below: 5 is expected where 4 was given.
    held_out = pd.DataFrame({"user": [1], "film": [1], "rating": [4.0]})
    assert factor_model._rmse_means(trained, held_out) == pytest.approx(1.0)


def test_same_seed_same_weights_and_the_global_draws_go_on(
    world: Planted, model: factor_model.FactorModel
) -> None:
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    again = factor_model.train(world.ratings, SETTINGS, 42, silent)
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected
    assert np.array_equal(weights_of(model.films), weights_of(again.films))


def test_draws_of_others_do_not_change_it(world: Planted, model: factor_model.FactorModel) -> None:
    """In the worker other threads draw from Python's shared generator while a fit runs."""
    again = factor_model.train(world.ratings, SETTINGS, 42, lambda *_: random.seed())
    assert np.array_equal(weights_of(model.films), weights_of(again.films))


def test_more_factors_than_films_are_refused(world: Planted) -> None:
    with pytest.raises(BadSettings, match="120 factors for 120 films.*fewer factors than films"):
        factor_model.train(world.ratings, replace(SETTINGS, factors=120), 42, silent)


def test_a_loss_that_is_not_a_number_is_refused(world: Planted) -> None:
    with pytest.raises(DegenerateResult, match="choose a lower learning rate"):
        factor_model.train(world.ratings, replace(SETTINGS, learning_rate=1e30), 42, silent)
