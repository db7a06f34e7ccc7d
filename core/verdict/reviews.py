"""What the source's reviews are, in a sentence."""

from typing import Any


def reviews_line(reviews: dict[str, Any]) -> str:
    """Say how many reviews of rated films are told twice, and in which languages they are; "" of an older run.

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
