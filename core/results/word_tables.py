"""The words' table of a run -> the words of both ends of a factor, and the reviews that hold one of them.

Takes the table that `core.meaning.words` returns, and reviews and films of a run; no model is used.
"""

from typing import Literal

import pandas as pd

from core.data.reviews.search import holding

MANY_WORDS = 10
"""Words of each end that are shown."""
MANY_REVIEWS = 6
"""Most reviews that are shown of a word."""


def words_at_both_ends(words: pd.DataFrame, factor: int, names: bool, many: int = MANY_WORDS) -> pd.DataFrame:
    """Return the `many` strongest words of each end of a factor by descending effect, so the high end is first.

    With `names`, those of people and places are among them. The columns are those of `words`, without `factor`.

    >>> rows = [(0, "high", "war", False, 0.4), (0, "high", "bond", True, 0.5), (0, "low", "love", False, -0.3)]
    >>> table = pd.DataFrame(rows, columns=["factor", "end", "word", "is_name", "effect"])
    >>> words_at_both_ends(table, 0, names=False).word.tolist()
    ['war', 'love']
    >>> words_at_both_ends(table, 0, names=True).word.tolist()
    ['bond', 'war', 'love']
    """
    of_factor = words[(words.factor == factor) & (names | ~words.is_name.astype(bool))]
    strongest = of_factor.sort_values("effect", key=abs, ascending=False, kind="stable")
    shown = strongest.groupby("end", sort=False).head(many)
    ordered = shown.sort_values("effect", ascending=False, kind="stable", ignore_index=True)
    return ordered.drop(columns="factor")


def reviews_that_hold(
    reviews: pd.DataFrame, word: str, weights: pd.Series, end: Literal["high", "low"]
) -> tuple[pd.DataFrame, int]:
    """Return reviews that hold a word, MANY_REVIEWS at most, one a film, and how many hold it in all.

    `reviews` has film_id, title, review; `weights` is that of each film on the factor, by film_id. The films furthest
    towards the `end` come first. Columns: film_id, title, review, weight (NaN for a film without one).

    >>> reviews = pd.DataFrame(
    ...     {"film_id": [1, 1, 2, 3], "title": list("AABC"), "review": ["War.", "A war!", "the WAR", "wars"]}
    ... )
    >>> shown, count = reviews_that_hold(reviews, "war", pd.Series({1: -1.0, 2: 2.0, 3: 3.0}), "high")
    >>> shown.review.tolist(), count
    (['the WAR', 'War.'], 3)
    """
    hits = holding(reviews, word)
    hits = hits[["film_id", "title", "review"]].assign(weight=hits.film_id.map(weights))
    ordered = hits.sort_values("weight", ascending=end == "low", kind="stable")
    return ordered.drop_duplicates("film_id").head(MANY_REVIEWS), len(hits)
