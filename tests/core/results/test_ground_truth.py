"""A run on synthetic data beside the ground truth."""

import pandas as pd
import pytest
from support.run_folders import HOSTILE
from support.run_records import run_record

from core import figures
from core.data.ratings.synthetic import synthetic_world
from core.results import ground_truth as truth

TRUTH = pd.DataFrame(
    {
        "film_id": ["1", "2", "3", "4"],
        "title": ["A", "B", "C", "D"],
        "war": [True, False, True, False],
        "music": [False, True, True, False],
    }
)


FILMS = pd.DataFrame(
    {
        "film_id": ["1", "2", "3", "4"],
        "title": ["A", "B", "C", "D"],
        "weight_0": [0.3, -0.2, 0.1, 0.0],
        "weight_1": [-1.0, 1.0, 1.0, -1.0],
        "weight_2": [2.0, 0.1, 1.9, 0.0],
    }
)


def test_each_theme_is_matched_to_the_factor_that_follows_it() -> None:
    found = truth.match(FILMS, TRUTH)
    assert found.theme_of == {1: "music", 2: "war"}
    assert found.correlation.shape == (3, 2)
    assert found.correlation.at[1, "music"] == pytest.approx(1)
    assert found.correlation.at[1, "war"] == pytest.approx(0)


def test_reviews_are_graded_against_what_was_planted() -> None:
    found = truth.match(FILMS, TRUTH)
    predictions = pd.DataFrame(
        [
            (film, f"r{film}", factor, p)
            for factor, ps in ((1, (1, 9, 8, 2)), (2, (9, 1, 1, 9)))
            for film, p in zip(("1", "2", "3", "4"), ps, strict=True)
        ],
        columns=["film_id", "review_id", "factor", "probability"],
    )
    labelled = pd.DataFrame({"review_id": ["r1", "r2", "r3", "r4"], "held_out": True})
    read = truth.readings(predictions, labelled, TRUTH, found).set_index("theme")
    assert read.auc.to_dict() == {"music": 1.0, "war": 0.5}
    assert read.films.tolist() == [2, 2] and read.reviews.tolist() == [4, 4]
    # Training reviews are not scored.
    assert truth.readings(predictions, labelled.assign(held_out=False), TRUTH, found).empty


def test_a_film_is_set_beside_its_truth_and_the_worst_comes_first() -> None:
    found = truth.match(FILMS, TRUTH)
    counts = pd.DataFrame(
        [("1", "A", 1, 4), ("1", "A", 2, 0), ("3", "C", 1, 4), ("3", "C", 2, 2)],
        columns=["film_id", "title", "factor", "count"],
    ).assign(reviews=4)
    film = truth.film_reading(counts, "1", TRUTH, found)
    assert film[["theme", "count", "planted"]].values.tolist() == [["music", 4, False], ["war", 0, True]]
    wrong = truth.disagreements(counts, TRUTH, found)
    assert wrong[["title", "planted", "read", "off"]].values.tolist() == [
        ["A", "war", "music", 1.0],
        ["C", "war, music", "war, music", 0.25],
    ]
    assert truth.example_film(counts, TRUTH, "war") == "3" and truth.example_film(counts, TRUTH, None) == "1"
    tops = pd.DataFrame({"film_id": ["1", "1", "3"], "factor": [2, 0, 1]})
    assert truth.labels_planted(tops, TRUTH, found) == (3, 2)


def test_a_world_is_told_from_another() -> None:
    world = synthetic_world()
    films = world.ratings.films.assign(ratings=world.ratings.table.groupby("film").size().to_numpy())
    assert truth.is_of(films, world) and truth.is_of(films.head(20), world)
    assert not truth.is_of(films, synthetic_world(seed=1)) and not truth.is_of(films.assign(ratings=1), world)
    assert truth.themes(world).films.sum() == world.labels.sum()


def test_one_who_knows_all_errs_by_noise_and_rounding() -> None:
    sizes = {"films": 400, "users": 2000, "reviews_per_film": 0}
    world, exact = synthetic_world(**sizes), synthetic_world(**sizes, noise=0.0)
    off = world.ratings.table.rating - exact.ratings.table.rating
    # Both are rounded, so their difference has the rounding error twice.
    assert off.pow(2).mean() == pytest.approx(truth.noise_floor() ** 2 + 0.5**2 / 12, rel=0.03)


def test_a_match_is_called_that_and_a_theme_cannot_act() -> None:
    correlation = pd.DataFrame([[0.9, -0.2]], columns=[HOSTILE, "war"])
    chart = figures.agreement(correlation, {0: HOSTILE}, {0: HOSTILE}).to_json()
    assert "match" in chart and "<img" not in chart and "<b>Bold" not in chart


def test_the_classifiers_lrap_is_shown_beside_its_baselines() -> None:
    classifier = run_record(classifier={"lrap": 0.9, "lrap_baseline": 0.7}).classifier
    table = truth.grades(classifier.model_copy(update={"baselines": {}}))
    assert table[["name", "value"]].values.tolist() == [
        ["the classifier", 0.9],
        ["label frequencies (baseline)", 0.7],
    ]
    assert table.own.tolist() == [True, False]
    baselines = {"tfidf": {"lrap": 0.8}, "shuffled": {"lrap": 0.6}}
    both = run_record(classifier={"rivals": baselines}).classifier
    assert truth.grades(both).value.tolist()[1:3] == [0.8, 0.6]
