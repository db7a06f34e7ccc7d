"""Sources of reviews: one file a source, one protocol.

A source takes the films of the ratings and gives the reviews it has of them. Which films a run
shows is left to `pipeline`.
"""

from collections.abc import Iterable
from typing import Protocol, Self

import pandas as pd

from core.errors import BadInput
from core.paths import path_of
from core.progress import Report
from core.reviews.critics import Critics
from core.reviews.imdb import ImdbReviews
from core.reviews.lmrd import LargeMovieReviews
from core.reviews.own_file import OwnFile
from core.reviews.planted import PlantedReviews
from core.reviews.sample import SampleReviews
from core.reviews.state import SourceState
from core.reviews.tmdb import TmdbReviews
from core.reviews.together import JOIN, Together
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
        """Give all reviews that there are, whatever their films: `review_id` and `review`.

        In pieces, so that nobody need hold them all at once. A source that keeps a part for tests says so in a
        column `test`; `fetched` is as in `reviews`.
        """

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Give the reviews of the films of `Ratings.films`, a row each, sorted by film and review.

        Columns: `film_id` (as in `films`), `review_id` (text, unique), `review` (text, never blank),
        `stars` (Float32, 1 to 10, may be missing) and `source` (text). Films without reviews have no row. Where
        a source knows more of each review: `address` (where it can be read), `fetched` (when it came here, ISO
        8601), `language` (ISO 639-1), `licence`; see `provenance`.
        """

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Say of each film of `Ratings.films` how the source knows it, in their order.

        Columns: `film_id`, `how` (for people, as in "title and year"; "" where it does not know the film) and
        `reason` (why it has no review of it; may be "" where it knows the film); `imdb_id` where it was looked for.
        """


class NamedSource(ReviewSource, Protocol):
    """A source that is picked by its name."""

    covers: str
    """What it has reviews of, for people."""

    @staticmethod
    def state(store: Store) -> SourceState:
        """Say where its data are; quick, and without a network."""

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        """Open it, its data fetched first where need be. Raises DataNotFound where they cannot be had."""


NAMED: dict[str, type[NamedSource]] = {
    "sample": SampleReviews,
    "lmrd": LargeMovieReviews,
    "critics": Critics,
    "imdb": ImdbReviews,
    "tmdb": TmdbReviews,
    "planted": PlantedReviews,
}
SOURCES = tuple(NAMED)
"""Sources known by name."""


def ids_of(source: ReviewSource, films: pd.DataFrame, report: Report) -> pd.Series:
    """Give the ids of all reviews of the films, also of those that a run leaves out of a long file."""
    if isinstance(source, Together):
        return pd.concat([ids_of(one, films, report) for one in source.sources], ignore_index=True)
    if isinstance(source, OwnFile):
        return source.ids(films, report)
    return source.reviews(films, report)["review_id"]


def open_source(where: str, store: Store, report: Report) -> ReviewSource:
    """Give a source by name, or of a file or folder by path: the user's own, or an LMRD archive; several, joined by
    a plus sign, as one.

    Raises BadInput where there is no such source or a file is none, DataNotFound where its data cannot be had.
    """
    if where in NAMED:
        return NAMED[where].open(store, report)
    path = path_of(where)
    if path is None and JOIN in where:
        parts = where.split(JOIN)
        if len(set(parts)) == len(parts):
            sources = [open_source(name, store, report) for name in parts]
            if len({source.digest(None) for source in sources}) == len(sources):
                return Together(sources)
        raise BadInput(f"{where!r} names a source of reviews twice; name each once")
    if path is None:
        raise BadInput(
            f"there are no reviews at {where!r}; give a file that exists or one of {', '.join(SOURCES)}"
        )
    if path.is_dir() or path.name.endswith((".tar.gz", ".tgz")):
        return LargeMovieReviews(path, store)
    return OwnFile.open(path, store)
