"""What the source has of the rated films, and what its reviews are, in sentences."""

from typing import Any


def coverage_line(coverage: dict[str, Any]) -> str:
    """Return how many films are matched and have reviews; `coverage` is that part of the reviews in `run.json`.

    >>> coverage_line({"films": 3, "films_matched": 2, "films_with_reviews": 1, "reviews": 8})
    'Of 3 rated films 2 are matched to the source, and 1 has reviews: 8 in all.'
    """
    reviewed = coverage["films_with_reviews"]
    return (
        f"Of {coverage['films']:,} rated films {coverage['films_matched']:,} are matched to the source, and "
        f"{reviewed:,} {'has' if reviewed == 1 else 'have'} reviews: {coverage['reviews']:,} in all."
    )


def unread_line(coverage: dict[str, Any]) -> str:
    """Return for which reasons films are not read, the most common first; "" where all are.

    >>> unread_line({"why_not": {"the source has no review of it": 1225, "fewer than 20 ratings": 134}})
    'Films not read: the source has no review of it (1,225); fewer than 20 ratings (134).'
    """
    why = "; ".join(f"{reason} ({films:,})" for reason, films in coverage["why_not"].items())
    return f"Films not read: {why}." if why else ""


def reviews_line(reviews: dict[str, Any]) -> str:
    """Return how many reviews of rated films are told twice, and in which languages they are; "" of an older run.

    `reviews` is that part of `run.json`.

    >>> reviews_line({"duplicates": 9, "languages": {"en": 350, "fr": 10}, "by_source": {"lmrd": 300, "tmdb": 60}})
    'Of all 360 reviews of rated films (lmrd 300, tmdb 60) 9 are told twice and read once; 10 seem not to be \
English (fr 10).'
    >>> reviews_line({"duplicates": 0, "languages": {"en": 800}})
    'Of all 800 reviews of rated films none is told twice; all seem to be English.'
    """
    if "languages" not in reviews:
        return ""
    others = {code: count for code, count in reviews["languages"].items() if code != "en"}
    count, twice = sum(reviews["languages"].values()), reviews["duplicates"]
    sources = reviews.get("by_source", {})
    whose = f" ({_counts(sources)})" if len(sources) > 1 else ""
    told = (
        f"{twice:,} {'is' if twice == 1 else 'are'} told twice and read once"
        if twice
        else "none is told twice"
    )
    foreign = sum(others.values())
    spoken = f"{foreign:,} seem{'s' if foreign == 1 else ''} not to be English ({_counts(others)})"
    return (
        f"Of all {count:,} reviews of rated films{whose} {told}; "
        f"{spoken if others else 'all seem to be English'}."
    )


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
