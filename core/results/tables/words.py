"""The words' table of a run -> the words of both ends of a factor, and the reviews that hold them.

Takes the table that `core.meaning.words` returns, and reviews and films of a run; no model is used.
"""

from collections.abc import Iterable

import pandas as pd

from core.data.reviews.search import holding, places_of_term

ENDS = ("high", "low")
"""The ends of a factor, in the order in which they are shown."""

MANY_WORDS = 10
"""Words of each end that are shown."""
MANY_REVIEWS = 3
"""Most reviews of each end that are shown of a word."""


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
    reviews: pd.DataFrame, word: str, weights: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return reviews that hold a word, from films of both ends, and in how many reviews of each end it stands.

    `reviews` has film_id, title, review; `weights` is that of each film on the factor, by film_id. A film is of the
    high end if its weight is above the mean of all films, else of the low end. Of the reviews there are MANY_REVIEWS
    an end at most, one a film, those of the films furthest out first: film_id, title, review, weight, end. The second
    table has a row an end: end, holding, reviews.

    >>> reviews = pd.DataFrame(
    ...     {"film_id": [1, 1, 2, 3], "title": list("AABC"), "review": ["War.", "A war!", "the WAR", "wars"]}
    ... )
    >>> shown, counts = reviews_that_hold(reviews, "war", pd.Series({1: -1.0, 2: 2.0, 3: 3.0}))
    >>> shown[["end", "review"]].values.tolist()
    [['high', 'the WAR'], ['low', 'War.']]
    >>> counts.values.tolist()
    [['high', 1, 2], ['low', 2, 2]]
    """
    placed = reviews[["film_id", "title", "review"]].assign(weight=reviews.film_id.map(weights))
    placed = placed.dropna(subset="weight")
    placed["end"] = ["high" if above else "low" for above in placed.weight > weights.mean()]
    hits = holding(placed, word)
    parts, counts = [], []
    for end in ENDS:
        of_end = hits[hits.end == end].sort_values("weight", ascending=end == "low", kind="stable")
        parts.append(of_end.drop_duplicates("film_id").head(MANY_REVIEWS))
        counts.append((end, len(of_end), int((placed.end == end).sum())))
    return pd.concat(parts), pd.DataFrame(counts, columns=["end", "holding", "reviews"])


def places_of_words(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return the spans (start, end) of words and phrases in a text, in order; longer ones come before their parts.

    >>> places_of_words("Black comedy, black humor", ["black", "black comedy"])
    [(0, 12), (14, 19)]
    """
    spans: list[tuple[int, int]] = []
    for word in sorted(words, key=len, reverse=True):
        for start, end in places_of_term(text, word):
            if all(end <= other_start or start >= other_end for other_start, other_end in spans):
                spans.append((start, end))
    return sorted(spans)
