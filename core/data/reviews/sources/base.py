"""What a source of reviews is: the protocol that each of them follows.

A source takes the films of the ratings and gives the reviews it has of them. Which films a run
shows is left to `core.pipeline`.
"""

from collections.abc import Iterable
from typing import Protocol, Self

import pandas as pd

from core.data.reviews.sources.state import SourceState
from core.progress import Report
from core.store import Store


class ReviewSource(Protocol):
    """Where reviews come from."""

    name: str
    """Short name, as on the command line."""
    title: str
    """Name for people."""
    licence: str
    """Who wrote the reviews and on what terms they may be used; shown beside every review."""

    @property
    def fetched(self) -> str:
        """When its data came here (ISO 8601); empty where they come with the project, or each review says it."""

    def digest(self, films: pd.DataFrame | None) -> str:
        """SHA-256 of all that decides the reviews of these films, or, without films, the texts alone."""

    def texts(self, report: Report) -> Iterable[pd.DataFrame]:
        """Return all reviews that there are, whatever their films: `review_id` and `review`.

        In pieces, so that nobody need hold them all at once. A source that keeps a part for tests says so in a
        column `test`; `fetched` is as in `reviews`.
        """

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films of `Ratings.films`, a row each, sorted by film and review.

        Columns: `film_id` (as in `films`), `review_id` (text, unique), `review` (text, never blank),
        `stars` (Float32, 1 to 10, may be missing) and `source` (text). Films without reviews have no row. Where
        a source knows more of each review: `address` (where it can be read), `fetched` (when it came here, ISO
        8601), `language` (ISO 639-1), `licence`; see `provenance`.
        """

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return of each film of `Ratings.films` how the source knows it, in their order.

        Columns: `film_id`, `how` (for people, as in "title and year"; "" where it does not know the film) and
        `reason` (why it has no review of it; may be "" where it knows the film); `imdb_id` where it was looked for.
        """


class NamedSource(ReviewSource, Protocol):
    """A source that is picked by its name."""

    covers: str
    """What it has reviews of, for people."""

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return where its data are; quick, and without a network."""

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        """Open it, its data fetched first where need be. Raises DataNotFound where they cannot be had."""
