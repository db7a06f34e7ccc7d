"""Genres and years: effects that can be worked out by hand, and a null without any effect."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.factors.associations import COLUMNS, DECADE, associations


def films(
    genres: list[str], year: list[int | None], ratings: int = 50, **weights: list[float]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "film_id": range(len(genres)),
            "year": pd.array(year, dtype="Int16"),
            "genres": genres,
            "ratings": ratings,
            **weights,
        }
    )


def test_a_genre_is_the_difference_of_means_with_welchs_interval_corrected() -> None:
    rng = np.random.default_rng(0)
    inside, outside = rng.normal(1, 1, 12), rng.normal(0, 2, 9)
    found = associations(
        films(["War"] * 12 + ["Drama"] * 9, [1990] * 21, weight_0=[*inside, *outside]), least_ratings=20
    )
    war = found[found.name == "War"].iloc[0]
    # Two genres on one factor are two tests.
    expected = stats.ttest_ind(inside, outside, equal_var=False).confidence_interval(1 - 0.05 / 2)
    assert war.effect == pytest.approx(inside.mean() - outside.mean())
    assert (war.low, war.high) == pytest.approx((expected.low, expected.high))
    assert (war.kind, war.films) == ("genre", 12)


def test_a_year_is_the_slope_of_a_decade() -> None:
    years = [1950, 1960, 1970, 1980, 1990] * 4
    noise = np.tile([0.1, -0.1], 10)
    weights = [0.3 * (year - 1970) / 10 for year in years] + noise
    found = associations(films([""] * 20, years, weight_0=[*weights]), least_ratings=20)
    (row,) = found.itertuples()
    line = stats.linregress(np.array(years) / 10, weights)
    half = stats.t.ppf(0.975, 18) * line.stderr
    assert (row.kind, row.name, row.films, row.clear) == ("year", DECADE, 20, True)
    assert row.effect == pytest.approx(line.slope)
    assert (row.low, row.high) == pytest.approx((line.slope - half, line.slope + half))


def test_films_of_few_ratings_rare_genres_and_unknown_years_are_left_out() -> None:
    genres = ["War|Drama"] * 5 + ["War|Rare"] * 4 + ["Drama"] * 6 + [""] * 3
    table = films(genres, [None] * 17 + [1990], weight_0=[*np.linspace(0, 1, 18)])
    found = associations(table, 20)
    # 9 of 15 films of known genres are war films, 11 are dramas, but only four are not; four are rare.
    assert found.name.tolist() == ["War"]
    assert associations(table.assign(ratings=[5, *[50] * 17]), 20).films.tolist() == [8]
    assert associations(table, 51).empty


def test_nothing_to_compare_gives_an_empty_table_with_the_same_columns() -> None:
    some = associations(films(["War", "Drama"] * 10, [1990] * 20, weight_0=[*np.arange(20.0)]), 20)
    none = associations(films([""] * 20, [None] * 20, weight_0=[*np.arange(20.0)]), 20)
    assert none.empty and list(none.columns) == list(some.columns) == COLUMNS
    assert none.dtypes.tolist() == some.dtypes.tolist()


def test_constant_weights_have_no_effect() -> None:
    found = associations(films(["War", "Drama"] * 10, [*range(1980, 2000)], weight_0=[1.0] * 20), 20)
    assert found.effect.tolist() == pytest.approx([0, 0, 0]) and not found.clear.any()


@pytest.mark.slow
def test_where_nothing_is_to_be_found_about_one_table_in_twenty_claims_something() -> None:
    rng = np.random.default_rng(1)
    claimed = 0
    for _ in range(200):
        genres = ["|".join(g for g in "ABCDE" if rng.random() < 0.4) for _ in range(80)]
        weights = {f"weight_{k}": [*rng.normal(size=80)] for k in range(4)}
        claimed += associations(films(genres, [*rng.integers(1950, 2000, 80)], **weights), 20).clear.any()
    assert claimed / 200 <= 0.1


def test_a_true_effect_is_found_among_many() -> None:
    rng = np.random.default_rng(2)
    genres = [*rng.choice(["A", "B", "C", "D"], 200)]
    weights = {f"weight_{k}": [*rng.normal(size=200)] for k in range(10)}
    weights["weight_3"] = [w + 1.5 * (g == "B") for w, g in zip(weights["weight_3"], genres, strict=True)]
    found = associations(films(genres, [*rng.integers(1950, 2000, 200)], **weights), 20)
    strongest = found.loc[found.effect.idxmax()]
    assert (strongest.factor, strongest["name"], strongest.clear) == (3, "B", True)
