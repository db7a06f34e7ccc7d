"""Words -> the reviews that contain them; plain text, whatever the case."""

import re

import pandas as pd

MOST_WORDS = 10


def words_of(text: str) -> list[str]:
    """Return the words that are looked for: each once, at most MOST_WORDS.

    >>> words_of("ghost  GHOST a.b")
    ['ghost', 'a.b']
    """
    return list(dict.fromkeys(text.lower().split()))[:MOST_WORDS]


def containing(reviews: pd.DataFrame, words: list[str]) -> pd.DataFrame:
    """Return the rows whose `review` contains all the words, each also as a part of a longer one.

    >>> table = pd.DataFrame({"review": ["A ghost.", "Ghostly (fun)", "none"]})
    >>> containing(table, ["ghost", "(FUN)"]).review.tolist()
    ['Ghostly (fun)']
    """
    for word in words:
        reviews = reviews[reviews["review"].str.contains(word, case=False, regex=False)]
    return reviews


def counts_by_film(found: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Return a row a film with a hit: film_id, title, found, reviews (all that were read of it); most hits first."""
    counts = found.groupby(["film_id", "title"], sort=False).size().reset_index(name="found")
    counts["reviews"] = counts["film_id"].map(reviews["film_id"].value_counts())
    return counts.sort_values("found", ascending=False, ignore_index=True, kind="stable")


def places_of(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Return where the words stand in a text: start and end of each place, no two overlapping.

    >>> places_of("A ghost, ghostly", ["ghost", "ghostly"])
    [(2, 7), (9, 16)]
    """
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return [found.span() for found in re.finditer(longest_first, text, re.IGNORECASE)] if words else []
