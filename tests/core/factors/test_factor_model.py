"""The factor model on a synthetic world, whose ground truth is known: by fastai and by sampling."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from contracts.fit_method import FitMethodContract, fit

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import SyntheticWorld, synthetic_world
from core.errors import DegenerateResult
from core.factors.models.base import split
from core.factors.models.dot_bias import in_steps
from core.factors.models.factor_model import gain_interval, hold_out, predicted_by_means, train
from core.factors.top_factors import weights_of
from core.progress import silent
from core.settings import FACTOR_MODELS, FactorModelSettings

DOT_BIAS = FactorModelSettings(factors=4, epochs=8, batch_size=256, learning_rate=3e-2)
GIBBS = FactorModelSettings(method="gibbs", factors=4, samples=40, implicit=16)


class TestDotBias(FitMethodContract):
    settings = DOT_BIAS


class TestGibbs(FitMethodContract):
    settings = GIBBS


class TestGibbsOnRatingsAlone(FitMethodContract):
    settings = GIBBS.replace(implicit=0)


@pytest.fixture(scope="module")
def world() -> SyntheticWorld:
    return synthetic_world()


def test_the_posterior_of_a_film_is_wider_where_it_has_fewer_ratings(world: SyntheticWorld) -> None:
    table = world.ratings.table
    rarely = table[(table.film >= 60) | (table.user % 10 == 0)]
    model = fit(replace(world.ratings, table=rarely.reset_index(drop=True)), GIBBS)
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
    assert predicted_by_means(parts).tolist() == pytest.approx([5.0])


def test_the_gain_over_means_has_an_interval_over_users(world: SyntheticWorld) -> None:
    held_out = hold_out(world.ratings, 0.2, 42)
    parts = split(world.ratings, held_out)
    by_means = predicted_by_means(parts)
    assert gain_interval(parts, by_means, by_means) == (0.0, 0.0)
    model = train(world.ratings, DOT_BIAS, 42, silent, held_out)
    low, high = model.rmse_gain_interval
    assert 0 < low < model.rmse_means - model.rmse_valid < high
    one_user = replace(parts, held_out_user=np.zeros_like(parts.held_out_user))
    assert gain_interval(one_user, by_means, by_means) is None


def few(world: SyntheticWorld, users: int) -> Ratings:
    table = world.ratings.table
    return replace(world.ratings, table=table[table.user < users].reset_index(drop=True))


def test_few_ratings_are_trained_on_until_they_are_learnt(world: SyntheticWorld) -> None:
    ratings = few(world, 40)
    quick = FACTOR_MODELS["fast"].replace(factors=10)
    hardly, model = (fit(ratings, quick.replace(least_steps=steps)) for steps in (0, 900))
    assert hardly.rmse_valid > hardly.rmse_means and model.rmse_valid < 0.9 * model.rmse_means
    assert 6 < model.settings.epochs == len(model.losses) and model.settings.batch_size == 64
    again = fit(ratings, quick)
    assert np.array_equal(weights_of(model.films), weights_of(again.films))


def test_of_ratings_that_are_all_noise_few_passes_are_made(world: SyntheticWorld) -> None:
    table = few(world, 40).table
    noise = np.random.default_rng(1).integers(1, 6, len(table)).astype(np.float32)
    ratings = replace(world.ratings, table=table.assign(rating=noise))
    model = fit(ratings, FACTOR_MODELS["fast"].replace(factors=10))
    assert model.settings.epochs <= 15 and model.rmse_gain_interval[0] < 0.05


def test_enough_ratings_are_trained_on_as_before(world: SyntheticWorld) -> None:
    enough = FactorModelSettings(epochs=6, least_steps=900)
    assert in_steps(enough, 80_000) == enough.replace(least_steps=0)
    fewer = in_steps(enough, 20_000)
    assert (fewer.batch_size, fewer.epochs) == (133, 6)


def test_a_loss_that_is_not_a_number_is_refused(world: SyntheticWorld) -> None:
    with pytest.raises(DegenerateResult, match="choose a lower learning rate"):
        fit(world.ratings, DOT_BIAS.model_copy(update={"learning_rate": 1e30}))


def test_films_with_a_single_rating_are_near_the_average(world: SyntheticWorld) -> None:
    table = world.ratings.table
    lonely = table.film < 20
    few = pd.concat([table[~lonely], table[lonely].drop_duplicates("film")]).reset_index(drop=True)
    ratings = replace(world.ratings, table=few)
    held_out = hold_out(ratings, 0.2, 42) & (few.film >= 20).to_numpy()
    model = train(ratings, GIBBS.replace(samples=100, implicit=0), 42, silent, held_out)
    size = np.linalg.norm(weights_of(model.films) - weights_of(model.films).mean(0), axis=1)
    assert size[:20].mean() < 0.7 * size[20:].mean()


def test_batches_grow_with_the_ratings(world: SyntheticWorld) -> None:
    """With few steps an epoch is one batch, so the reported loss is that of one step."""
    seen = []
    fit(world.ratings, DOT_BIAS.replace(epochs=1, most_steps=1), lambda *a: seen.append(a))
    assert len(seen) == 3  # one step of training, one of validation, and the result of the epoch


@pytest.mark.slow
def test_movielens_is_predicted_as_well_as_promised(real_ratings: Ratings) -> None:
    """The five-fold figures are in benchmarks/factor_model.md; a fifth at random is about as hard."""
    for name, most in {"article": 0.92, "fast": 0.915, "accurate": 0.89}.items():
        assert fit(real_ratings, FACTOR_MODELS[name]).rmse_valid < most, name
