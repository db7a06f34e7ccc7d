"""The words of both ends of a factor, and the reviews that hold one, with values that can be checked by eye."""

import pandas as pd
import pytest

from core.results.tables.words import (
    MANY_REVIEWS,
    places_of_words,
    reviews_that_hold,
    words_at_both_ends,
)


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


def test_reviews_come_from_films_of_both_ends_the_furthest_out_first_one_a_film() -> None:
    reviews = pd.DataFrame(
        {
            "film_id": ["a", "a", "b", "c", "d", "e"],
            "title": ["A", "A", "B", "C", "D", "E"],
            "review": [
                "black  comedy",
                "Black comedy!",
                "a\nblack\ncomedy",
                "blackcomedy",
                "black comedy",
                "black comedy",
            ],
        }
    )
    weights = pd.Series({"a": -1.0, "b": 2.0, "c": 0.5, "e": -1.5})
    shown, counts = reviews_that_hold(reviews, "black comedy", weights)
    # D has no weight, C writes it as one word.
    assert shown[["end", "title"]].values.tolist() == [["high", "B"], ["low", "E"], ["low", "A"]]
    assert shown.review.iloc[2] == "black  comedy"
    assert counts.values.tolist() == [["high", 1, 2], ["low", 3, 3]]
    nothing, counts = reviews_that_hold(reviews, "horror", weights)
    assert nothing.empty and counts.holding.tolist() == [0, 0]


def test_no_more_reviews_are_shown_than_can_be_read() -> None:
    reviews = pd.DataFrame({"film_id": range(40), "title": "T", "review": "a war"})
    shown, counts = reviews_that_hold(reviews, "war", pd.Series(range(40), dtype=float))
    assert len(shown) == 2 * MANY_REVIEWS and counts.holding.tolist() == [20, 20]
    assert shown.film_id.tolist()[:2] == [39, 38] and shown.film_id.tolist()[-MANY_REVIEWS:][:2] == [0, 1]


def test_phrases_are_marked_before_their_words() -> None:
    text = "A romantic comedy, no comedy. War!"
    marked = [text[start:end] for start, end in places_of_words(text, ["comedy", "war", "romantic comedy"])]
    assert marked == ["romantic comedy", "comedy", "War"]
    assert places_of_words(text, []) == []
