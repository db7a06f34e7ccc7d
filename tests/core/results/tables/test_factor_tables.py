"""The small tables about factors and films, with values that can be checked by eye."""

import numpy as np
import pandas as pd
import pytest
from support.run_records import run_record

from core.results.tables import factors as profiles


@pytest.fixture
def films() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "film_id": [1, 2, 3, 4, 5],
            "title": list("ABCDE"),
            "weight_0": [2.0, -1.0, 0.5, -2.0, 0.0],
            "weight_1": [-2.0, 1.0, -0.5, 2.0, 0.0],
            "weight_2": [1.0, 1.0, 1.0, 1.0, 1.0],
            "bias": 0.0,
            "ratings": [100, 50, 10, 30, 20],
        }
    )


def with_intervals(films: pd.DataFrame) -> pd.DataFrame:
    ends = {f"low_{k}": films[f"weight_{k}"] - 0.8 for k in range(3)}
    return films.assign(**ends, **{f"high_{k}": films[f"weight_{k}"] + 0.8 for k in range(3)})


def test_both_ends_by_descending_weight(films: pd.DataFrame) -> None:
    ends = profiles.ends(films, 0, 2, enough_ratings=40)
    assert ends.title.tolist() == ["A", "C", "B", "D"]
    assert ends.end.tolist() == ["highest", "highest", "lowest", "lowest"]
    assert ends.few.tolist() == [False, True, False, True]
    assert not ends.doubtful.any() and ends.low.isna().all()


def test_no_film_is_at_both_ends(films: pd.DataFrame) -> None:
    ends = profiles.ends(films, 0, 20, enough_ratings=0)
    assert ends.title.tolist() == ["A", "C", "E", "B", "D"]
    assert ends.end.tolist() == ["highest"] * 3 + ["lowest"] * 2


def test_an_interval_that_holds_zero_is_doubtful(films: pd.DataFrame) -> None:
    ends = profiles.ends(with_intervals(films), 0, 20, enough_ratings=0)
    assert dict(zip(ends.title, ends.doubtful, strict=True)) == {
        "A": False,
        "B": False,
        "C": True,
        "D": False,
        "E": True,
    }
    film = profiles.of_film(with_intervals(films), 3, top_factors=[0])
    assert film.doubtful.tolist() == [True, True, False] and film.own.tolist() == [True, False, False]


def test_factors_alike_by_either_sign_and_a_constant_one_last(films: pd.DataFrame) -> None:
    alike = profiles.alike(films, 0)
    assert alike.factor.tolist() == [1, 2]
    assert alike.correlation.tolist() == pytest.approx([-1, 0])


def test_all_factors_at_a_glance(films: pd.DataFrame) -> None:
    words = ["solid", "shaky", "chance"]
    glance = profiles.overview(profiles.rated(films, 20), words, None, {1: "sad"})
    assert glance.verdict.tolist() == words
    assert glance.highest.tolist() == ["A", "D", "A"] and glance.lowest.tolist() == ["D", "A", "A"]
    assert glance["name"].tolist() == ["", "sad", ""] and glance.strength.isna().all()


def test_a_weight_with_its_interval(films: pd.DataFrame) -> None:
    assert profiles.weight(with_intervals(films), 3, 0) == pytest.approx((0.5, -0.3, 1.3))
    assert profiles.weight(films, 3, 0) == pytest.approx((0.5, np.nan, np.nan), nan_ok=True)


def test_bins_hold_all_films(films: pd.DataFrame) -> None:
    bins = profiles.distribution(films, 0)
    assert bins.films.sum() == 5 and (bins.low.iloc[0], bins.high.iloc[-1]) == (-2, 2)
    assert profiles.distribution(films, 2).films.sum() == 5


def test_one_factor_is_both_axes_of_the_map() -> None:
    assert profiles.strongest([0.3], 1) == (0, 0)
    assert profiles.strongest(None, 3) == (0, 1)


def test_the_map_tells_films_that_may_be_nothing_on_both_factors(films: pd.DataFrame) -> None:
    points = profiles.on_map(with_intervals(films), 0, 1)
    assert points.doubtful.tolist() == [False, False, True, False, True]
    assert points.x_low.tolist() == pytest.approx((films.weight_0 - 0.8).tolist())
    assert not profiles.on_map(films, 0, 1).doubtful.any()
    # A film with a clear weight on one factor is not doubtful.
    assert not profiles.on_map(with_intervals(films), 0, 2).doubtful.any()


def test_intervals_stand_beside_weights_only_where_the_model_has_them(films: pd.DataFrame) -> None:
    chosen = pd.DataFrame({"film_id": [5, 1], "weight": [0.0, 2.0]})
    known = profiles.intervals(with_intervals(films), 0)
    shown = profiles.with_intervals(chosen, known, "film_id")
    assert shown.film_id.tolist() == [5, 1] and shown.low.tolist() == pytest.approx([-0.8, 1.2])
    assert list(profiles.with_intervals(chosen, profiles.intervals(films, 0), "film_id")) == [
        "film_id",
        "weight",
    ]


def test_downloads_have_a_row_a_film_and_factor(films: pd.DataFrame) -> None:
    table = profiles.long_table(films, {1: "sad"})
    assert len(table) == 15
    assert set(table["name"][table.factor == 1]) == {"sad"} and set(table["name"][table.factor != 1]) == {""}
    named = profiles.with_names(pd.DataFrame({"factor": [1, 0], "count": [3, 4]}), {1: "sad"})
    assert named.values.tolist() == [[1, "sad", 3], [0, "", 4]]


def test_reviews_of_films_that_the_run_did_not_look_at_are_not_known() -> None:
    films = pd.DataFrame({"film_id": [1, 2, 3], "title": ["A", "B", "C"], "ratings": [5, 6, 7]})
    looked_at = pd.DataFrame({"film_id": [1, 2], "reviews": [8, 0]})
    known = profiles.reviews_known(films, looked_at, [3, 1, 2])
    assert known.title.tolist() == ["C", "A", "B"]
    assert known.reviews.fillna(-1).tolist() == [-1, 8, 0]


def test_fifty_factors_of_many_films_are_quick(films: pd.DataFrame) -> None:
    # Not timed: only that nothing is done film by film.
    rng = np.random.default_rng(0)
    many = pd.DataFrame(rng.normal(size=(5000, 50)), columns=[f"weight_{k}" for k in range(50)])
    many = many.assign(film_id=range(5000), title="x", ratings=50)
    assert len(profiles.alike(many, 3)) == 3 and len(profiles.ends(many, 3, 10, 0)) == 20


def test_measurements_are_missing_where_nothing_was_measured() -> None:
    missing = {"unmeasured": "too few films"}
    record = run_record(stability=missing, readability=missing, words=missing)
    measured = profiles.measurements(record)
    assert measured.factor.tolist() == list(range(record.factor_model.factors))
    assert measured.drop(columns="factor").isna().all(axis=None)
    measured = profiles.measurements(run_record())
    assert measured.stability.notna().all() and (measured.chance_stability < 1).all()


def test_the_first_in_the_list_is_the_strongest_of_the_best_verdict() -> None:
    assert profiles.listed(["shaky", "chance", "shaky"], None) == [0, 2, 1]


def test_the_same_factor_of_another_run_is_found_by_titles_whatever_its_sign() -> None:
    rng = np.random.default_rng(0)
    here = pd.DataFrame(rng.normal(size=(30, 2)), columns=["weight_0", "weight_1"])
    here = here.assign(title=[f"T{k}" for k in range(30)], film_id=range(30))
    there = here.assign(weight_0=-here.weight_1, weight_1=here.weight_0, film_id=range(100, 130)).iloc[::-1]
    assert profiles.alike_elsewhere(here, 1, there) == (0, pytest.approx(-1), 30)
    # A title that stands for two films counts once, and too few common films are none.
    assert profiles.alike_elsewhere(here, 1, pd.concat([there, there.head(3)])) == (0, pytest.approx(-1), 30)
    assert profiles.alike_elsewhere(here, 1, there.head(19)) is None


def test_an_end_without_any_evidence_is_described_by_its_films() -> None:
    end = {"films": ["Heat"], "genres": [], "words": [{"word": "gun", "name": False, "certain": True}]}
    assert "films like Heat;" in profiles.in_plain_words(end, "", has_words=False)
    assert profiles.in_plain_words(end, "", has_words=True) == "reviews say “gun”"


def test_decades_of_few_films_are_left_out(films: pd.DataFrame) -> None:
    years = pd.Series([1985, 1981, 1989, 1980, None], index=films.film_id)
    assert profiles.by_decade(films, years, 0).empty
    eighties = profiles.by_decade(films, years.fillna(1980), 0)
    assert eighties[["decade", "films"]].values.tolist() == [[1980, 5]]
    assert eighties.low.iloc[0] < eighties.weight.iloc[0] == pytest.approx(-0.1)


def test_main_genres_where_none_is_known_are_other() -> None:
    assert profiles.main_genres(pd.Series([None, ""], dtype=object)).tolist() == ["other", "other"]
    many = pd.Series([f"G{k}|G{k}x" for k in range(20)])
    assert profiles.main_genres(many, 8).nunique() <= 9


def test_films_farthest_out_lie_in_all_directions(films: pd.DataFrame) -> None:
    points = pd.DataFrame({"x": [3.0, -3.0, 0.0, 0.0, 0.1], "y": [0.0, 0.0, 3.0, -3.0, 0.1]})
    assert set(profiles.farthest_out(points, 1)) == {0, 1, 2, 3}
    # A factor on which all are alike gives no direction, and is no error.
    assert len(profiles.farthest_out(profiles.on_map(films, 2, 2), 4)) == 4
