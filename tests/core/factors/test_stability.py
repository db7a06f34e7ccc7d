"""What repeats: on planted ratings the number of factors and the factors are found, and nothing on noise."""

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from support.small_run import few_sweeps

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_ratings
from core.errors import DegenerateResult
from core.factors.models.base import Fit, Link, Split, split
from core.factors.models.factor_model import METHODS, hold_out, train
from core.factors.rotation import canonical
from core.factors.stability.measure import choose, stability
from core.factors.stability.resample import Plan, resample
from core.factors.stability.resamples import Resamples, Side, load, save
from core.factors.stability.train_again import (
    GROUPS,
    RATINGS,
    RATINGS_AT_ONCE,
    Trainings,
    grouped,
    permuted,
    shards_of,
)
from core.factors.top_factors import weights_of
from core.pipeline.factors import factor_folder, settle_factors, stability_folder
from core.pipeline.stage import Stage
from core.progress import Report, silent
from core.settings import FACTOR_MODELS, FactorModelSettings, StabilitySettings, preset
from core.shards.shard_store import ShardStore
from core.store import Store, read_json
from core.training.device import chosen, using

STABLE = few_sweeps(preset("stable", ratings="planted", reviews="planted"))


@pytest.fixture
def shard_store(store: Store) -> ShardStore:
    return ShardStore(store, "resamples", "1", {})


def side(films: np.ndarray) -> Side:
    return Side(films, np.eye(films.shape[1]))


def made(rng: np.random.Generator, likeness: float, factors: int = 2, films: int = 400) -> tuple[Side, Side]:
    """Two halves whose factors correlate as said, the first factor stronger than the second."""
    size = np.arange(factors, 0, -1)
    one = rng.normal(size=(films, factors))
    two = likeness * one + np.sqrt(1 - likeness**2) * rng.normal(size=(films, factors))
    return side(one * size), side(two * size)


def resamples_of(likeness: float, rng: np.random.Generator) -> Resamples:
    halves = [made(rng, likeness) for _ in range(5)]
    return Resamples(
        whole=halves[0][0],
        halves=halves,
        null_whole=made(rng, 0)[0],
        null_halves=[made(rng, 0) for _ in range(5)],
        seeds=[halves[0][0]] * 3,
        compared=np.ones(400, dtype=bool),
        users=100,
    )


@pytest.mark.parametrize(("likeness", "factors"), [(0.95, 2), (0.0, 0)])
def test_as_many_factors_are_chosen_as_repeat(likeness: float, factors: int) -> None:
    choice = choose(resamples_of(likeness, np.random.default_rng(1)), StabilitySettings())
    assert choice["factors"] == factors
    assert max(choice["correlations"]) == pytest.approx(likeness, abs=0.15)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    before = resamples_of(0.9, np.random.default_rng(2))
    save(before, tmp_path)
    after = load(tmp_path)
    assert after.users == before.users and (after.compared == before.compared).all()
    assert after.halves[3][1].films == pytest.approx(before.halves[3][1].films, rel=1e-5)


def test_permuted_ratings_keep_each_films_ratings_and_lose_the_tastes() -> None:
    ratings, truth = synthetic_ratings(factors=2, films=60, users=300, ratings=9000, noise=0.1, seed=0)
    null = permuted(ratings, 1)
    before, after = (r.table.sort_values(["film", "rating"]).reset_index(drop=True) for r in (ratings, null))
    assert (before.rating == after.rating).all() and (before.film == after.film).all()
    assert (ratings.table.user == null.table.user).all()
    assert np.corrcoef(ratings.table.rating, null.table.rating)[0, 1] < 0.5


def least_squares_like(
    split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report
) -> Fit:
    """A method that knows one model at a time: weights that say which seed and ratings they come from."""
    users, films = split.counts
    report("factor model", 1.0, "done")
    weights = np.random.default_rng(seed).normal(size=(users + films, factors))
    weights[users:, 0] += np.bincount(split.film, split.rating, films) / np.bincount(split.film)
    return Fit(
        users=weights[:users],
        films=weights[users:],
        user_bias=np.zeros(users),
        film_bias=np.zeros(films),
        link=Link(),
        covariance=None,
        predicted=np.zeros(0),
        losses=[],
    )


@pytest.mark.parametrize("together", [False, True])
def test_each_model_is_trained_on_its_own_ratings_by_its_own_seed(
    together: bool, shard_store: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a method that knows one model at a time as by one that fits several, in three threads."""
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4), raising=False)
    main_thread, in_main_thread = threading.get_ident(), set()

    def fit(*of_one: Any) -> Fit:
        in_main_thread.add(threading.get_ident() == main_thread)
        return least_squares_like(*of_one)

    def fit_together(
        splits: list[Split], factors: int, settings: Any, seeds: list[int], report: Report
    ) -> list[Fit]:
        return [fit(one, factors, settings, seed, report) for one, seed in zip(splits, seeds, strict=True)]

    module = SimpleNamespace(fit_together=fit_together) if together else SimpleNamespace(fit=fit)
    monkeypatch.setitem(sys.modules, "one_at_a_time", module)
    monkeypatch.setitem(METHODS, "gibbs", "one_at_a_time")
    ratings, _ = synthetic_ratings(factors=2, films=30, users=60, ratings=1_200, noise=0.2, seed=5)
    held_out = hold_out(ratings, 0.2, 42)
    settings, how = FactorModelSettings(method="gibbs", factors=2), StabilitySettings(repeats=2, seeds=2)
    shares: list[float] = []
    found = resample(
        ratings, held_out, Plan(settings, how, 42, 2), lambda _, done, *__: shares.append(done), shard_store
    )
    parts = split(ratings, held_out)
    for side, seed in [(found.whole, 42), *zip(found.seeds, (43, 44), strict=True)]:
        expected = least_squares_like(parts, 2, settings, seed, silent)
        assert side.films[parts.films] == pytest.approx(expected.films)
    first, second = found.halves[1]
    in_first = np.random.default_rng(43).permutation(60) < 30
    for side, users, seed in ((first, in_first, 43), (second, ~in_first, 44)):
        rows = users[ratings.table.user.to_numpy()]
        half = replace(ratings, table=ratings.table[rows].reset_index(drop=True))
        parts = split(half, held_out[rows])
        expected = least_squares_like(parts, 2, settings, seed, silent)
        assert side.films[parts.films] == pytest.approx(expected.films)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert in_main_thread == {not together}


@pytest.mark.parametrize("cores", [1, 4, 16])
@pytest.mark.parametrize("whole", [100_000, 1_000_000])
def test_what_is_fitted_at_once_stays_within_memory(
    cores: int, whole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "core.factors.stability.train_again"
    monkeypatch.setattr(f"{module}.workers", lambda: cores)
    sizes = {"whole": whole} | {f"half-{number}": whole // 2 for number in range(10)}
    settings = FactorModelSettings(method="gibbs")
    shards = shards_of(Trainings(None, None, settings, 42), sizes, "cpu")  # type: ignore[arg-type]
    at_once = sorted(shards.sizes.values())[-shards.at_once :]
    assert sum(at_once) <= RATINGS_AT_ONCE and 1 <= shards.at_once <= cores
    assert sorted(name for group in shards.sizes for name in group.split()) == sorted(sizes)


def test_groups_do_not_depend_on_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"whole": 80_000} | {f"half-{number}": 40_000 for number in range(20)}
    groups = grouped(sizes)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert grouped(sizes) == groups and len(groups) >= GROUPS
    assert all(sum(sizes[name] for name in group) <= RATINGS for group in groups)


@pytest.mark.parametrize("name", ["fast", "accurate"])
def test_one_device_is_chosen_for_all_models(name: str, shard_store: ShardStore) -> None:
    ratings, _ = synthetic_ratings(factors=2, films=30, users=40, ratings=600, noise=0.2, seed=5)
    settings = FACTOR_MODELS[name].replace(factors=2, epochs=1, implicit=0)
    # In steps that need more passes than one, whose number is looked for first.
    settings = settings.replace(least_steps=20 if name == "fast" else 0)
    how = StabilitySettings(repeats=2, seeds=2, burn_in=1, samples=1, least_ratings=1)
    with using("cpu"):
        resample(ratings, hold_out(ratings, 0.2, 42), Plan(settings, how, 42, 2), silent, shard_store)
        assert [choice.work for choice in chosen()] == ["stability"]


@pytest.mark.slow
@pytest.mark.parametrize("factors", [2, 4, 8])
def test_the_planted_factors_are_found_and_as_many(factors: int, store: Store) -> None:
    ratings, truth = synthetic_ratings(
        factors=factors, films=300, users=600, ratings=40_000, noise=0.2, seed=factors
    )
    stage, choice = settle_factors(Stage(STABLE, store, silent), ratings)
    settings = stage.settings
    assert settings.factor_model.factors == factors and choice is not None
    model = train(ratings, settings.factor_model, 42, silent, hold_out(ratings, 0.2, 42))
    found = weights_of(canonical(model, settings.form or "raw").films)
    planted = truth[model.films.film_id.astype(int) - 1]
    likeness = np.abs(np.corrcoef(found.T, planted.T)[:factors, factors:])
    assert likeness[linear_sum_assignment(-likeness)].min() >= 0.95


@pytest.mark.slow
def test_noise_has_no_factors(store: Store) -> None:
    ratings, _ = synthetic_ratings(factors=0, films=300, users=600, ratings=40_000, noise=0.6, seed=0)
    with pytest.raises(DegenerateResult, match="no factor of planted ratings repeats"):
        settle_factors(Stage(STABLE, store, silent), ratings)


@pytest.mark.slow
def test_the_verdicts_tell_planted_factors_from_those_too_many(shard_store: ShardStore) -> None:
    """Two planted factors, a model of five: two are stable, three are noise."""
    ratings, _ = synthetic_ratings(factors=2, films=200, users=500, ratings=25_000, noise=0.2, seed=5)
    settings = FACTOR_MODELS["accurate"].replace(factors=5, implicit=0)
    held_out = hold_out(ratings, 0.2, 42)
    how = StabilitySettings(samples=20)
    model = canonical(train(ratings, settings, 42, silent, held_out), "principal")
    found = stability(
        model,
        ratings,
        resample(ratings, held_out, Plan(settings, how, 42, how.seeds), silent, shard_store),
        "principal",
        how,
    )
    assert [row["verdict"] for row in found["factors"]] == ["stable"] * 2 + ["noise"] * 3
    for row in found["factors"]:
        assert row["interval"][0] <= row["stability"] <= row["interval"][1]
    assert found["subspace"]["halves"][1] > 0.9 > 0.6 > found["subspace"]["halves"][2]
    assert found["films"] <= 200 and found["users"] == 500


@pytest.mark.slow
def test_large_data_are_judged_by_some_of_the_users(shard_store: ShardStore) -> None:
    ratings, _ = synthetic_ratings(factors=2, films=100, users=400, ratings=16_000, noise=0.2, seed=5)
    how = StabilitySettings(samples=2, burn_in=2, repeats=2, seeds=2, most_ratings=8_000)
    settings = FactorModelSettings(method="gibbs", factors=2)
    found = resample(
        ratings, hold_out(ratings, 0.2, 42), Plan(settings, how, 42, how.seeds), silent, shard_store
    )
    assert 120 < found.users < 280


@pytest.mark.slow
def test_a_single_factor_is_too_few_to_tell_films_apart(store: Store) -> None:
    ratings, _ = synthetic_ratings(factors=1, films=150, users=300, ratings=15_000, noise=0.2, seed=5)
    with pytest.raises(DegenerateResult, match="a single factor of planted ratings repeats"):
        settle_factors(Stage(STABLE, store, silent), ratings)


@pytest.mark.slow
def test_few_users_leave_the_stability_unmeasured(store: Store) -> None:
    """Fifty factors can be trained on sixty users, but not on halves of them."""
    ratings, _ = synthetic_ratings(factors=2, films=200, users=60, ratings=6_000, noise=0.2, seed=5)
    settings = preset("quick", ratings="planted", reviews="planted")
    stage = Stage(settings, store, silent)
    factors = factor_folder(stage, ratings)
    found = read_json(stability_folder(stage, ratings, factors) / "stability.json")
    assert found == {"unmeasured": "too few users, or films with 20 ratings, to compare 50 factors"}


@pytest.mark.slow
def test_a_degenerate_model_is_never_cached(store: Store) -> None:
    ratings, _ = synthetic_ratings(factors=2, films=60, users=80, ratings=2_000, noise=0.2, seed=5)
    settings = preset("quick", ratings="planted", reviews="planted", factors=2, top=1)
    broken = settings.replace(
        factor_model=settings.factor_model.replace(learning_rate=10.0, weight_decay=10.0)
    )
    with pytest.raises(DegenerateResult):
        factor_folder(Stage(broken, store, silent), ratings)
    assert not list((store.root / "artifacts").iterdir())


@pytest.mark.slow
def test_too_few_films_are_told_from_no_factors(store: Store) -> None:
    ratings, _ = synthetic_ratings(factors=2, films=30, users=40, ratings=200, noise=0.2, seed=5)
    with pytest.raises(DegenerateResult, match="too few users, or films with 20 ratings"):
        settle_factors(Stage(STABLE, store, silent), ratings)


@pytest.mark.slow
def test_movielens_holds_one_strong_factor_and_a_few_weak_ones(
    real_ratings: Ratings, shard_store: ShardStore
) -> None:
    """In any case fewer than the article's fifty; docs/results.md has the figures."""
    held_out = hold_out(real_ratings, 0.2, 42)
    settings, plan = FACTOR_MODELS["stable"].replace(factors=3), StabilitySettings(repeats=3, seeds=2)
    model = canonical(train(real_ratings, settings, 42, silent, held_out), "principal")
    resamples = resample(real_ratings, held_out, Plan(settings, plan, 42, plan.seeds), silent, shard_store)
    rows = stability(model, real_ratings, resamples, "principal", plan)["factors"]
    assert rows[0]["stability"] > 0.8 and 0.3 < rows[2]["stability"] < rows[0]["stability"]
