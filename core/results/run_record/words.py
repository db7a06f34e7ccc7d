"""The part of a record on words: what goes with each factor in the reviews.

How the numbers come about is described by `core.meaning.words`, which computes them.
"""

from core.results.run_record.base import Part


class WordEffect(Part):
    """A word or phrase of one end of a factor."""

    word: str
    effect: float
    """Correlation, over films, between the weight and the share of the film's reviews that contain the word."""
    low: float
    high: float
    """Ends of its 95% interval."""
    certain: bool
    """Whether it exceeds the bound of luck."""
    films: int
    """Films with a review that holds it."""


class WordsOfFactor(Part):
    """The words of one factor."""

    factor: int
    has_words: bool
    """Whether its strongest words together exceed luck."""
    chance: float
    """Share of the permutations of films in which some factor has words as strong."""
    bound: float
    """Absolute effect above which a word is certain."""
    certain: int
    """Certain words, without names."""
    confirmed: float | None
    """Share of the strongest words on one half of the films that keep their sign on the other (chance: 0.5)."""
    confirmed_effect: float | None
    """Their mean effect on the other half."""
    high: list[WordEffect]
    """The strongest words of the high end, without names."""
    low: list[WordEffect]


class WordsRecord(Part):
    """The words of all factors."""

    language: str
    """ISO 639-1; reviews in it were read."""
    reviews: int
    other_languages: int
    """Reviews in other languages, which were left out."""
    films: int
    least_ratings: int
    """Ratings that a film needed."""
    terms: int
    """Words and phrases that were compared with each factor."""
    permutations: int
    factors: list[WordsOfFactor]
