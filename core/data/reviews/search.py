"""Full-text search: words, or one whole word or phrase -> the reviews that contain them, ignoring case."""

import re

import pandas as pd

MAX_WORDS = 10


def words_of(text: str) -> list[str]:
    """Return the unique words of a query, at most MAX_WORDS.

    >>> words_of("ghost  GHOST a.b")
    ['ghost', 'a.b']
    """
    return list(dict.fromkeys(text.lower().split()))[:MAX_WORDS]


def containing(reviews: pd.DataFrame, words: list[str]) -> pd.DataFrame:
    """Return the rows whose `review` contains all the words, also as parts of longer words.

    >>> table = pd.DataFrame({"review": ["A ghost.", "Ghostly (fun)", "none"]})
    >>> containing(table, ["ghost", "(FUN)"]).review.tolist()
    ['Ghostly (fun)']
    """
    for word in words:
        reviews = reviews[reviews["review"].str.contains(word, case=False, regex=False)]
    return reviews


def counts_by_film(hits: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Return a row a film with a hit: film_id, title, found (hits), reviews (all of the film); most hits first."""
    counts = hits.groupby(["film_id", "title"], sort=False).size().reset_index(name="found")
    counts["reviews"] = counts["film_id"].map(reviews["film_id"].value_counts())
    return counts.sort_values("found", ascending=False, ignore_index=True, kind="stable")


def places_of(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Return the spans (start, end) of the words in a text, none overlapping.

    >>> places_of("A ghost, ghostly", ["ghost", "ghostly"])
    [(2, 7), (9, 16)]
    """
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return [match.span() for match in re.finditer(longest_first, text, re.IGNORECASE)] if words else []


def holding(reviews: pd.DataFrame, term: str) -> pd.DataFrame:
    """Return the rows whose `review` holds a word, or a phrase, as whole words; see `places_of_term`.

    >>> table = pd.DataFrame({"review": ["Black\\ncomedy.", "black comedyish", "comedy, black"]})
    >>> holding(table, "black comedy").index.tolist()
    [0]
    """
    return reviews[reviews["review"].str.contains(_whole(term))]


def places_of_term(text: str, term: str) -> list[tuple[int, int]]:
    """Return the spans (start, end) of a word, or of a phrase with any space between its words, in a text.

    >>> places_of_term("War! Wars, post-war (WAR)", "war")
    [(0, 3), (16, 19), (21, 24)]
    """
    return [match.span() for match in _whole(term).finditer(text)]


def _whole(term: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in term.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
