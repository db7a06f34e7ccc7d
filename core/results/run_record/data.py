"""The parts of a record that describe its data: ratings and reviews."""

from core.data.reading_notes import LeftOut, Merged
from core.results.run_record.base import Part


class RatingsRecord(Part):
    """The ratings that a run learned from."""

    name: str
    users: int
    films: int
    ratings: int
    licence: str
    instead_of: str | None
    """Why synthetic ratings replace real ones; None where they do not."""
    merged: tuple[Merged, ...] = ()
    """Ids that were read as one film; empty, like the next two, in a run that predates them."""
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was assumed while the ratings were read, or could not be used."""


class Coverage(Part):
    """The source's coverage of all rated films."""

    films: int
    films_matched: int
    films_with_reviews: int
    reviews: int
    why_not: dict[str, int]
    """Reason why films are not read -> their number; the most common first."""


class ReviewsRecord(Part):
    """The reviews that a run read."""

    source: str
    title: str
    licence: str
    films_with_reviews: int
    """Among the films considered."""
    reviews: int
    films_without: int
    films_without_titles: list[str]
    films_known_to_source: int
    coverage: Coverage | None
    """None in a run that predates it."""
    by_source: dict[str, int]
    """Source -> reviews of rated films; empty, like `languages`, in a run that predates it."""
    duplicates: int
    languages: dict[str, int]
    """Language code -> reviews of rated films."""
