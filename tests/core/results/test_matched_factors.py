"""Factors of two runs: the most alike over the films in common, beside what luck reaches."""

import numpy as np
import pandas as pd

from core.results.matched_factors import matched_factors, same_model


def table(weights: np.ndarray, titles: list[str]) -> pd.DataFrame:
    named = {f"weight_{factor}": column for factor, column in enumerate(weights.T)}
    return pd.DataFrame({"title": titles, **named})


def test_each_factor_finds_itself_in_another_order_and_sign_by_title() -> None:
    weights = np.random.default_rng(0).standard_normal((60, 3))
    titles = [f"Film {number}" for number in range(2000, 2060)]
    other = table(weights[:, [2, 0, 1]] * [-1, 1, 5], titles).sample(frac=1, random_state=1)
    matches = matched_factors(table(weights, titles), other)
    assert matches.match.tolist() == [1, 2, 0]
    assert np.allclose(matches.correlation, [1, 1, -1]) and (matches.common == 60).all()
    assert 0.2 < matches.luck.iloc[0] < 0.5


def test_the_same_weights_in_another_order_of_films_are_the_same_model() -> None:
    weights = np.random.default_rng(0).standard_normal((60, 3))
    one = table(weights, [f"Film {number}" for number in range(60)])
    assert same_model(one, one.sample(frac=1, random_state=1))
    assert not same_model(one, one.assign(weight_0=-one.weight_0)) and not same_model(one, one.head(30))
    assert not same_model(one, one.drop(columns="weight_2"))


def test_unrelated_factors_stay_below_luck_and_a_constant_one_matches_nothing() -> None:
    rng = np.random.default_rng(0)
    titles = [f"Film {number}" for number in range(200)]
    one = np.column_stack([rng.standard_normal(200), np.ones(200)])
    matches = matched_factors(table(one, titles), table(rng.standard_normal((200, 4)), titles))
    assert (matches.correlation.abs() <= matches.luck).all()


def test_fifty_factors_of_noise_have_no_match_in_95_of_100_pairs_of_runs() -> None:
    titles = [f"Film {number}" for number in range(200)]
    runs_with_a_match = 0
    for seed in range(2000, 2060):
        rng = np.random.default_rng(seed)
        one, other = (table(rng.standard_normal((200, 50)), titles) for _ in range(2))
        matches = matched_factors(one, other)
        runs_with_a_match += bool((matches.correlation.abs() > matches.luck).any())
    # 3 of 60 are expected, and more than 8 are rare. By a bound for each factor alone nearly all would have one.
    assert runs_with_a_match <= 8


def test_too_few_films_in_common_are_no_evidence() -> None:
    weights = np.random.default_rng(0).standard_normal((60, 2))
    one = table(weights, [f"Film {number}" for number in range(2000, 2060)])
    assert matched_factors(one, one.head(19)).empty
    assert matched_factors(one, one.assign(title="the same")).empty
