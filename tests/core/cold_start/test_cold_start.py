"""Cold start on films whose weights can be worked out by hand."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.classification.readers import sentence_vectors as sentences
from core.cold_start import ColdStartModel, Words, film_vectors, fit, load
from core.cold_start.kernels import likeness
from core.data.ratings.read import read_ratings
from core.errors import DataNotFound, DegenerateResult
from core.factors.models.factor_model import hold_out, train
from core.factors.rating_prediction import expected, film_of, person
from core.pipeline.cold_start import cold_start_folder, cold_start_part
from core.pipeline.stage import Stage
from core.progress import silent
from core.settings import preset
from core.store import Store


def films_of(vectors: np.ndarray, noise: float = 0.0) -> pd.DataFrame:
    """Return films whose bias is their first direction, whose first weight is the second, and a random weight."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "film_id": [str(k) for k in range(len(vectors))],
            "title": [f"Film {number}" for number in range(len(vectors))],
            "ratings": rng.integers(10, 100, len(vectors)),
            "bias": vectors[:, 0] + rng.normal(0, noise, len(vectors)) if noise else vectors[:, 0],
            "weight_0": 2 * vectors[:, 1],
            "weight_1": rng.normal(size=len(vectors)),
        }
    )


@pytest.fixture(scope="module")
def known() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(80, 3))


@pytest.fixture(scope="module")
def placing(known: np.ndarray) -> ColdStartModel:
    return fit({"words": known}, films_of(known))


def test_films_are_placed_where_their_reviews_say(placing: ColdStartModel) -> None:
    new = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, 0.0]])
    placed = placing.place({"words": new})
    assert placed.bias.to_numpy() == pytest.approx([1, -1], abs=0.1)
    assert placed.weight_0.to_numpy() == pytest.approx([0, 2], abs=0.3)
    # A weight that reviews do not predict stays near the average, with a wide interval.
    assert (placed.bias_high - placed.bias_low < placed.high_1 - placed.low_1).all()
    assert ((placed.low_1 < placed.weight_1) & (placed.weight_1 < placed.high_1)).all()
    told = placing.explained_variance()
    assert told["bias"] > 0.8 and told["weight_0"] > 0.6 and told["weight_1"] < 0.1


def test_a_film_left_out_is_placed_as_if_it_had_not_been_there(known: np.ndarray) -> None:
    """By exact algebra: equal to a fit on the others with the same strength and level."""
    films = films_of(known, 0.5)
    whole = fit({"words": known}, films)
    part, others = whole.parts[0], np.arange(len(known)) != 7
    weights = (films.ratings / films.ratings.mean()).to_numpy()
    kernel = part.strength * likeness({"words": known}, {"words": known})
    own = kernel[np.ix_(others, others)] + np.diag(1 / weights[others])
    alone = kernel[7, others] @ np.linalg.solve(own, films.bias.to_numpy()[others] - part.level[0])
    assert whole.left_out().bias[7] == pytest.approx(part.level[0] + alone)


def test_a_film_left_out_is_read_by_other_reviews_as_a_new_film_is(known: np.ndarray) -> None:
    """With its vectors as in `left_out`; with others as a fit without it, by exact algebra."""
    films = films_of(known, 0.5)
    whole = fit({"words": known}, films)
    pd.testing.assert_frame_equal(whole.left_out_by({"words": known}), whole.left_out())
    other = np.random.default_rng(4).normal(size=known.shape)
    part, others = whole.parts[0], np.arange(len(known)) != 7
    weights = (films.ratings / films.ratings.mean()).to_numpy()
    kernel = part.strength * likeness({"words": known}, {"words": known})
    own = kernel[np.ix_(others, others)] + np.diag(1 / weights[others])
    new = part.strength * likeness({"words": other[7:8]}, {"words": known})[0, others]
    alone = new @ np.linalg.solve(own, films.bias.to_numpy()[others] - part.level[0])
    assert whole.left_out_by({"words": other}).bias[7] == pytest.approx(part.level[0] + alone)


def test_reviews_that_tell_nothing_are_not_followed(known: np.ndarray) -> None:
    noise = np.random.default_rng(2).normal(size=known.shape)
    told, none = (fit({"words": vectors}, films_of(known)) for vectors in (known, noise))
    assert told.parts[0].strength > 10 * none.parts[0].strength
    assert np.ptp(none.place({"words": noise}).bias) < 0.3 * np.ptp(told.place({"words": known}).bias)


def test_likeness_is_averaged_over_readers() -> None:
    known = {"one": np.eye(3), "two": np.eye(3)}
    new = {"one": np.eye(3)[:1], "two": np.eye(3)[1:2]}
    # All distances between the three are equal, so the similarity of another film is exp(-1).
    same, other = 1.0, np.exp(-1)
    assert likeness(new, known)[0] == pytest.approx([(same + other) / 2, (same + other) / 2, other])


def test_intervals_hold_about_what_they_claim(known: np.ndarray) -> None:
    films = films_of(known, 0.5)
    placing = fit({"words": known}, films)
    new = np.random.default_rng(3).normal(size=(500, 3))
    placed = placing.place({"words": new})
    truth = new[:, 0]
    assert ((placed.bias_low < truth) & (truth < placed.bias_high)).mean() > 0.9


def test_the_nearest_films_read_alike(placing: ColdStartModel, known: np.ndarray) -> None:
    near = placing.nearest({"words": known[3:4]}, 2)[0]
    assert near.film_id[0] == "3"
    assert near.likeness[0] == pytest.approx(1)
    assert near.likeness[1] < 1


def test_a_placing_is_kept_as_plain_arrays(placing: ColdStartModel, tmp_path: Path) -> None:
    placing.save(tmp_path, {"more": 1})
    about = json.loads((tmp_path / "placing.json").read_text())
    assert about["told"] == placing.explained_variance() and about["more"] == 1
    new = {"words": np.array([[0.3, -1.0, 2.0]])}
    pd.testing.assert_frame_equal(load(tmp_path).place(new), placing.place(new))
    pd.testing.assert_frame_equal(load(tmp_path).nearest(new, 3)[0], placing.nearest(new, 3)[0])
    assert load(tmp_path).explained_variance() == placing.explained_variance()


def test_a_films_vector_does_not_grow_with_its_reviews() -> None:
    vectors = np.array([[2.0, 0.0], [9.0, 0.0], [0.0, 0.1]])
    assert film_vectors(vectors, np.array([0, 0, 1]), 2).tolist() == [[1, 0], [0, 1]]


def test_too_little_to_learn_from_is_said(known: np.ndarray) -> None:
    with pytest.raises(DegenerateResult, match="9 rated films have reviews, and 10 are needed"):
        fit({"words": known[:9]}, films_of(known[:9]))
    with pytest.raises(DegenerateResult, match="bias is the same for all"):
        fit({"words": known}, films_of(known).assign(bias=0.5))
    with pytest.raises(DegenerateResult, match="by words do not distinguish the films"):
        fit({"words": np.ones((80, 3))}, films_of(known))


def test_words_are_counted_by_how_rare_they_are() -> None:
    texts = ["whales swim", "whales dive", "robots march", "robots talk", "lawyers argue", "lawyers lie"] * 5
    texts += ["songs again"] * 10
    vectors = Words.learn(texts, seed=0).read(["Whales", "whales swim", "robots march", "unheard"])
    likeness_to_first = vectors @ vectors[0]
    assert likeness_to_first[1] > 0.3 > abs(likeness_to_first[2])
    assert not vectors[3].any()


def test_sentences_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "find_spec", lambda name: None)
    assert not sentences.installed()
    with pytest.raises(DataNotFound, match=r"pip install -r requirements-sentence\.txt"):
        sentences.read_sentences(["a film"], lambda *_: None)


STARS = {"offset": 3.0, "squash": None, "scale": [1.0, 5.0]}
USERS = pd.DataFrame(
    {"user_id": ["7", "8"], "weight_0": [1.0, 0.0], "weight_1": [0.0, -1.0], "bias": [0.25, -0.25]}
)
PLACED = {
    "bias": {"value": 0.5},
    "factors": [{"factor": 0, "value": 2.0}, {"factor": 1, "value": 1.0}],
}


@pytest.mark.parametrize(("user", "rating"), [("7", 5.0), ("8", 2.25), (None, 4.0)])
def test_the_expected_rating_is_the_sum_through_the_link(user: str | None, rating: float) -> None:
    """3 + 0.5 + 0.25 + 2 x 1 is more than 5; 3 + 0.5 - 0.25 - 1; of the average 3 + 0.5 + 2 x 0.5 - 0.5."""
    numbers = person(USERS, user)
    assert numbers is not None
    assert expected(film_of(PLACED), numbers, STARS).tolist() == [rating]


def test_a_user_who_is_not_there_has_no_rating() -> None:
    assert person(USERS, "9") is None


def test_a_squashed_sum_stays_between_its_ends() -> None:
    numbers = person(USERS, "8")
    assert numbers is not None
    link = {"offset": 0.75, "squash": [0.0, 6.0], "scale": [1.0, 5.0]}
    # 0.75 + 0.5 - 0.25 - 1 is 0, the middle of the sigmoid.
    assert expected(film_of(PLACED), numbers, link).tolist() == [3.0]


def test_a_run_says_how_far_off_its_placing_is(tmp_path: Path) -> None:
    settings = preset("quick", ratings="planted", reviews="planted", factors=4, top=1, films=30)
    store, heard = Store(tmp_path / "cache"), []
    ratings = read_ratings("planted", store, silent)
    model = train(
        ratings,
        settings.factor_model,
        42,
        silent,
        hold_out(ratings, settings.factor_model.valid_share, settings.seed),
    )
    factors, features_at = tmp_path / "factors", tmp_path / "features"
    factors.mkdir()
    features_at.mkdir()
    model.films.to_parquet(factors / "factors.parquet")
    model.users.to_parquet(factors / "users.parquet")
    (factors / "info.json").write_text(json.dumps({"link": asdict(model.link)}))
    # Twelve reviews a film, each with its bias and weights plus noise.
    reviews = model.films.loc[model.films.index.repeat(12), ["film_id"]].reset_index(drop=True)
    reviews["duplicate_of"] = pd.array([pd.NA] * len(reviews), dtype="str")
    told = model.films[["bias", *(f"weight_{k}" for k in range(4))]]
    told = ((told - told.mean()) / told.std()).to_numpy().repeat(12, axis=0)
    features = told + np.random.default_rng(0).normal(scale=2, size=told.shape)
    np.save(features_at / "features.npy", features.astype(np.float32))

    def report(stage: str, done: float, message: str, values: object = None) -> None:
        heard.append((stage, done))

    stage = Stage(settings, store, report)
    found = cold_start_part(cold_start_folder(stage, ratings, factors, features_at, reviews)).plain()
    rmse = found["rmse"]
    assert rmse["known"] < rmse["left_out"] < rmse["users_means"]
    assert rmse["films"] <= found["films"] == len(model.films)
    few = found["few_reviews"]
    assert [row["reviews"] for row in few] == [1, 3, 10, 30]
    # The more reviews, the less error; of thirty there are twelve, which is all.
    assert few[0]["rmse"] > few[1]["rmse"] > few[2]["rmse"] >= few[3]["rmse"]
    assert few[3]["rmse"] == pytest.approx(rmse["left_out"])
    assert few[3]["told"] == pytest.approx(found["told"])
    assert {stage for stage, _ in heard} == {"placing"} and len(heard) > 10
    assert [done for _, done in heard] == sorted(done for _, done in heard)
