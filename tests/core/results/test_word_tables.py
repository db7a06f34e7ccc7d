"""The words of both ends of a factor, and the reviews that hold one, with values that can be checked by eye."""

import pandas as pd
import pytest

from core.results.word_tables import MANY_REVIEWS, reviews_that_hold, words_at_both_ends


@pytest.fixture
def words() -> pd.DataFrame:
    rows = [(0, "high", f"word{k}", k % 2 == 1, 0.5 - k / 100) for k in range(30)]
    rows += [(0, "low", "love", False, -0.1), (0, "low", "paris", True, -0.4), (1, "high", "war", False, 0.9)]
    return pd.DataFrame(rows, columns=["factor", "end", "word", "is_name", "effect"])


def test_the_high_end_comes_first_and_the_strongest_of_the_low_end_last(words: pd.DataFrame) -> None:
    shown = words_at_both_ends(words, 0, names=True, many=2)
    assert shown.word.tolist() == ["word0", "word1", "love", "paris"]
    assert shown.index.tolist() == [0, 1, 2, 3]


def test_names_are_shown_only_if_asked_for(words: pd.DataFrame) -> None:
    shown = words_at_both_ends(words, 0, names=False)
    assert shown.word.tolist() == [*(f"word{k}" for k in range(0, 20, 2)), "love"]
    assert not shown.is_name.any()


def test_a_factor_without_words_has_an_empty_table(words: pd.DataFrame) -> None:
    shown = words_at_both_ends(words, 2, names=True)
    assert shown.empty and "word" in shown


def test_reviews_of_the_films_furthest_towards_the_end_come_first_one_a_film() -> None:
    reviews = pd.DataFrame(
        {
            "film_id": ["a", "a", "b", "c", "d"],
            "title": ["A", "A", "B", "C", "D"],
            "review": ["black  comedy", "Black comedy!", "a\nblack\ncomedy", "blackcomedy", "black comedy"],
        }
    )
    weights = pd.Series({"a": -1.0, "b": 2.0, "c": 0.0})
    high, count = reviews_that_hold(reviews, "black comedy", weights, "high")
    # D has no weight, C writes it as one word.
    assert (high.title.tolist(), count) == (["B", "A", "D"], 4)
    low, _ = reviews_that_hold(reviews, "black comedy", weights, "low")
    assert low.title.tolist() == ["A", "B", "D"] and low.review.iloc[0] == "black  comedy"
    nothing, count = reviews_that_hold(reviews, "horror", weights, "high")
    assert nothing.empty and count == 0


def test_no_more_reviews_are_shown_than_can_be_read() -> None:
    reviews = pd.DataFrame({"film_id": range(40), "title": "T", "review": "a war"})
    shown, count = reviews_that_hold(reviews, "war", pd.Series(range(40), dtype=float), "high")
    assert (len(shown), count) == (MANY_REVIEWS, 40) and shown.film_id.tolist()[:2] == [39, 38]
