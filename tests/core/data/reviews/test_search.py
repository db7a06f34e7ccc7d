"""Whole words and phrases in reviews."""

import pandas as pd
import pytest

from core.data.reviews.search import holding, places_of_term


@pytest.mark.parametrize(
    ("text", "term", "places"),
    [
        ("War, wars, WAR.", "war", ["War", "WAR"]),
        ("a film's end", "film", ["film"]),
        ("low  budget, low\nbudget, low-budget, lowbudget", "low budget", ["low  budget", "low\nbudget"]),
        ("été, étés", "été", ["été"]),
        ("a.b axb", "a.b", ["a.b"]),
        ("<b>bold</b>", "bold", ["bold"]),
        ("nothing", "war", []),
    ],
)
def test_a_term_is_found_as_whole_words(text: str, term: str, places: list[str]) -> None:
    assert [text[start:end] for start, end in places_of_term(text, term)] == places
    assert len(holding(pd.DataFrame({"review": [text]}), term)) == bool(places)
