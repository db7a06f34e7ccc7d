"""The coverage of a source, and duplicates and languages of its reviews -> sentences."""

from collections.abc import Mapping

from core.formatting import counted
from core.results.run_record import Coverage, ReviewsRecord


def coverage_line(coverage: Coverage) -> str:
    """Return how many films are matched and have reviews.

    >>> coverage_line(Coverage(films=3, films_matched=2, films_with_reviews=1, reviews=8, why_not={}))
    'The source knows 2 of 3 rated films. It has 8 reviews of 1 film.'
    """
    return (
        f"The source knows {coverage.films_matched:,} of {coverage.films:,} rated films. It "
        f"has {counted(coverage.reviews, 'review')} of {counted(coverage.films_with_reviews, 'film')}."
    )


def unread_line(coverage: Coverage) -> str:
    """Return the reasons why films are not read, the most common first; "" where all are.

    >>> reasons = {"the source has no review of it": 1225, "fewer than 20 ratings": 134}
    >>> unread_line(Coverage(films=3, films_matched=2, films_with_reviews=1, reviews=8, why_not=reasons))
    'Films not read: the source has no review of it (1,225); fewer than 20 ratings (134).'
    """
    why = "; ".join(f"{reason} ({films:,})" for reason, films in coverage.why_not.items())
    return f"Films not read: {why}." if why else ""


def reviews_line(reviews: ReviewsRecord) -> str:
    """Return the numbers of duplicates and of reviews by language; "" for an older run."""
    return provenance_line(reviews.by_source, reviews.duplicates, reviews.languages)


def provenance_line(by_source: Mapping[str, int], duplicates: int, languages: Mapping[str, int]) -> str:
    """Return the numbers of duplicates and of reviews by language, as a sentence; "" without reviews.

    >>> provenance_line({"lmrd": 300, "tmdb": 60}, 9, {"en": 350, "fr": 10})
    'The source has 360 reviews of rated films (lmrd 300, tmdb 60). 9 are repeats, each read once. 10 seem to be in \
other languages (fr 10).'
    >>> provenance_line({}, 0, {"en": 800})
    'The source has 800 reviews of rated films. All seem to be English.'
    """
    if not languages:
        return ""
    others = {code: count for code, count in languages.items() if code != "en"}
    sources = f" ({_counts(by_source)})" if len(by_source) > 1 else ""
    repeats = (
        f" {duplicates:,} {'is a repeat, and is' if duplicates == 1 else 'are repeats, each'} read once."
        if duplicates
        else ""
    )
    foreign = sum(others.values())
    spoken = f"{foreign:,} seem{'s' if foreign == 1 else ''} to be in other languages ({_counts(others)})."
    return (
        f"The source has {sum(languages.values()):,} reviews of rated films{sources}.{repeats} "
        f"{spoken if others else 'All seem to be English.'}"
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
