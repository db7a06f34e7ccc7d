"""The factor model on a planted world, whose truth is known: by fastai and by sampling."""

import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import SyntheticWorld, synthetic_world
from core.errors import BadSettings, DegenerateResult
from core.factors.models.base import split
from core.factors.models.factor_model import FactorModel, hold_out, predict, rmse_means, train
from core.factors.top_factors import weights_of
from core.progress import silent
from core.settings import FACTOR_MODELS, FactorModelSettings

WAYS = {
    "dot-bias": FactorModelSettings(factors=4, epochs=8, batch_size=256, learning_rate=3e-2),
    "gibbs": FactorModelSettings(method="gibbs", factors=4, samples=40, implicit=16),
    "gibbs, ratings alone": FactorModelSettings(method="gibbs", factors=4, samples=40, implicit=0),
}


def fit(ratings: Ratings, settings: FactorModelSettings, report: object = silent) -> FactorModel:
    return train(ratings, settings, 42, report, hold_out(ratings, 0.2, 42))


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return synthetic_world()


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def model(world: SyntheticWorld, way: str) -> FactorModel:
    return fit(world.ratings, WAYS[way])


def test_a_films_neighbours_by_weight_share_its_planted_taste(
    world: SyntheticWorld, model: FactorModel
) -> None:
    """Titles slipped by one row would leave the share of shared tastes at chance, about a third."""
    truth = world.labels[world.ratings.films.set_index("title").index.get_indexer(model.films.title)]
    weights = weights_of(model.films)
    weights = weights - weights.mean(0)
    unit = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argsort(-likeness, axis=1)[:, :5]
    shared = np.array([[bool((truth[i] & truth[j]).any()) for j in row] for i, row in enumerate(nearest)])
    assert shared.mean() > 0.9


def test_titles_and_ids_stay_together(world: SyntheticWorld, model: FactorModel) -> None:
    known = world.ratings.films.set_index("film_id").title
    assert (model.films.title == known.loc[model.films.film_id].to_numpy()).all()
    assert model.films.film_id.is_unique and len(model.films) == len(world.ratings.films)
    assert len(model.users) == len(world.ratings.user_ids)


def test_ratings_are_counted_per_film(world: SyntheticWorld, model: FactorModel) -> None:
    given = np.bincount(world.ratings.table.film)
    assert (model.films.ratings.to_numpy() == given[model.films.film_id - 1]).all()


def test_it_beats_the_means(model: FactorModel) -> None:
    assert model.rmse_valid < 0.75 * model.rmse_means


def test_the_tables_alone_predict_as_the_fit_does(world: SyntheticWorld, model: FactorModel) -> None:
    """By sampling the fit averages predictions and the tables average weights, so these differ a little."""
    held_out = hold_out(world.ratings, 0.2, 42)
    error = predict(model, world.ratings, held_out) - world.ratings.table.rating[held_out]
    allowed = 1e-4 if model.covariance is None else 0.02
    assert np.sqrt(np.square(error).mean()) == pytest.approx(model.rmse_valid, abs=allowed)


def test_the_posterior_of_a_film_is_wider_where_it_has_fewer_ratings(world: SyntheticWorld) -> None:
    table = world.ratings.table
    few = table[(table.film >= 60) | (table.user % 10 == 0)]
    model = fit(replace(world.ratings, table=few.reset_index(drop=True)), WAYS["gibbs"])
    spread = np.sqrt(np.trace(model.covariance, axis1=1, axis2=2))
    assert spread[:60].mean() > 1.5 * spread[60:].mean()


def test_the_baseline_is_the_films_mean_plus_the_users_deviation(world: SyntheticWorld) -> None:
    table = pd.DataFrame(
        {
            "user": np.array([0, 0, 1, 1, 0], np.int32),
            "film": np.array([0, 1, 0, 1, 0], np.int32),
            "rating": np.array([5, 3, 3, 1, 4], np.float32),
        }
    )
    # Film means 4 and 2; user 0 is one star above them, user 1 one below: 5 is expected where 4 was given.
    parts = split(replace(world.ratings, table=table), np.array([False] * 4 + [True]))
    assert rmse_means(parts) == pytest.approx(1.0)


def test_users_and_films_that_are_never_trained_on_have_no_row(world: SyntheticWorld, way: str) -> None:
    held_out = world.ratings.table.film.to_numpy() == 5
    model = train(world.ratings, WAYS[way].replace(epochs=1, samples=1), 42, silent, held_out)
    assert 6 not in set(model.films.film_id) and len(model.films) == 119
    assert np.isfinite(model.rmse_valid)


def test_same_seed_same_weights_and_the_global_draws_go_on(
    world: SyntheticWorld, model: FactorModel, way: str
) -> None:
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    again = fit(world.ratings, WAYS[way])
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected
    assert np.array_equal(weights_of(model.films), weights_of(again.films))


def test_draws_of_others_do_not_change_it(world: SyntheticWorld, model: FactorModel, way: str) -> None:
    """In the worker other threads draw from Python's shared generator while a fit runs."""
    again = fit(world.ratings, WAYS[way], lambda *_: random.seed())
    assert np.array_equal(weights_of(model.films), weights_of(again.films))


@pytest.mark.parametrize(("factors", "what"), [(120, "films"), (400, "users")])
def test_more_factors_than_films_or_users_are_refused(
    world: SyntheticWorld, way: str, factors: int, what: str
) -> None:
    ratings = synthetic_world(films=500).ratings if what == "users" else world.ratings
    with pytest.raises(BadSettings, match=f"{factors} factors for {factors} {what}.*fewer factors than"):
        fit(ratings, WAYS[way].replace(factors=factors))


def test_a_loss_that_is_not_a_number_is_refused(world: SyntheticWorld) -> None:
    with pytest.raises(DegenerateResult, match="choose a lower learning rate"):
        fit(world.ratings, WAYS["dot-bias"].model_copy(update={"learning_rate": 1e30}))


def test_constant_ratings_are_refused(world: SyntheticWorld, way: str) -> None:
    same = replace(world.ratings, table=world.ratings.table.assign(rating=np.float32(4)))
    with pytest.raises(DegenerateResult, match="are 4"):
        fit(same, WAYS[way])


def test_nothing_kept_out_is_refused(world: SyntheticWorld, way: str) -> None:
    nothing = np.zeros(len(world.ratings.table), dtype=bool)
    for mask in (nothing, ~nothing):
        with pytest.raises(BadSettings, match="some are needed on either side"):
            train(world.ratings, WAYS[way], 42, silent, mask)


def test_films_with_a_single_rating_are_near_the_average(world: SyntheticWorld) -> None:
    table = world.ratings.table
    lonely = table.film < 20
    few = pd.concat([table[~lonely], table[lonely].drop_duplicates("film")]).reset_index(drop=True)
    ratings = replace(world.ratings, table=few)
    held_out = hold_out(ratings, 0.2, 42) & (few.film >= 20).to_numpy()
    model = train(ratings, WAYS["gibbs"].replace(samples=100, implicit=0), 42, silent, held_out)
    size = np.linalg.norm(weights_of(model.films) - weights_of(model.films).mean(0), axis=1)
    assert size[:20].mean() < 0.7 * size[20:].mean()


def test_batches_grow_with_the_ratings(world: SyntheticWorld) -> None:
    """With few steps an epoch is one batch, so the loss that is reported is that of one step."""
    seen = []
    fit(world.ratings, WAYS["dot-bias"].replace(epochs=1, most_steps=1), lambda *a: seen.append(a))
    assert len(seen) == 3  # one step of training, one of validation, and what the epoch gave


@pytest.mark.slow
def test_movielens_is_predicted_as_well_as_promised(real_ratings: Ratings) -> None:
    """The five-fold figures are in benchmarks/factor_model.md; a fifth at random is about as hard."""
    for name, most in {"article": 0.92, "fast": 0.915, "accurate": 0.89}.items():
        assert fit(real_ratings, FACTOR_MODELS[name]).rmse_valid < most, name
