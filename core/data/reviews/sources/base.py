"""The protocol of review sources.

A source takes the films of the ratings and returns its reviews of them. Which films a run shows is left to
`core.pipeline`.
"""

from collections.abc import Iterable
from typing import Protocol, Self

import pandas as pd

from core.data.reviews.sources.state import SourceState
from core.progress import Report
from core.store import Store


class ReviewSource(Protocol):
    """A source of reviews."""

    name: str
    """Short name, as on the command line."""
    title: str
    """Name for people."""
    licence: str
    """Authors of the reviews and terms of use; shown at the foot of every page with reviews."""

    @property
    def fetched(self) -> str:
        """When its data were fetched (ISO 8601); "" where they come with the project, or vary by review."""

    def digest(self, films: pd.DataFrame | None) -> str:
        """Return the SHA-256 of all that determines the reviews of these films; without films, of all texts."""

    def texts(self, report: Report) -> Iterable[pd.DataFrame]:
        """Return all reviews, of any films, in batches: `review_id` and `review`.

        A bool column `test` marks a test split of the source's own; `fetched` is as in `reviews`.
        """

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films of `Ratings.films`, a row each, sorted by film and review.

        Columns: `film_id` (as in `films`), `review_id` (text, unique), `review` (text, never blank), `stars`
        (Float32, 1 to 10, may be missing) and `source` (text). Optional, for each review: `address` (URL),
        `fetched` (ISO 8601), `language` (ISO 639-1) and `licence`; see `provenance`. Films without reviews have no
        row.
        """

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return a row for each film of `Ratings.films`, in their order: by which method the source matched it.

        Columns: `film_id`, `how` (the match method, for people, as in "title and year"; "" where there is no
        match), `reason` (why there is no review; may be "" where there is a match) and, where it was looked up,
        `imdb_id`.
        """


class NamedSource(ReviewSource, Protocol):
    """A source that is selected by its name."""

    covers: str
    """Which films it has reviews of, for people."""

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return where its data are; quick, and without network access."""

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        """Open the source, its data fetched first where need be. Raises DataNotFound where they are not available."""
