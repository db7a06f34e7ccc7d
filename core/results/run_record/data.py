"""The parts of a record that describe its data: ratings and reviews."""

from core.results.run_record.base import Part


class RatingsRecord(Part):
    """The ratings that a run learned from."""

    name: str
    users: int
    films: int
    ratings: int
    licence: str
    instead_of: str | None
    """Why made-up ratings serve in place of real ones; None where they do not."""


class Coverage(Part):
    """What the source has of all rated films."""

    films: int
    films_matched: int
    films_with_reviews: int
    reviews: int
    why_not: dict[str, int]
    """Reason for which films are not read -> films; the most common first."""


class ReviewsRecord(Part):
    """The reviews that a run read."""

    source: str
    title: str
    licence: str
    films_with_reviews: int
    """Among the films looked at."""
    reviews: int
    films_without: int
    films_without_titles: list[str]
    films_known_to_source: int
    coverage: Coverage | None
    """None in a run older than it."""
    by_source: dict[str, int]
    """Source -> reviews of rated films; empty, like the two below, in a run older than it."""
    duplicates: int
    languages: dict[str, int]
    """Language code -> reviews of rated films."""
