"""Sources of reviews: one file a source, one protocol.

A source takes the films of the ratings and gives the reviews it has of them. Which films a run
shows is left to `pipeline`.
"""

from typing import Protocol

import pandas as pd

from core.progress import Report


class ReviewSource(Protocol):
    """Where reviews come from."""

    name: str
    """Short name, as on the command line."""
    title: str
    """Name for people."""
    licence: str
    """Who wrote the reviews and on what terms they may be used; shown beside every review."""

    def digest(self) -> str:
        """SHA-256 of what the reviews are read from, for cache keys."""

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Give the reviews of the films of `Ratings.films`, a row each, sorted by film and review.

        Columns: `film_id` (as in `films`), `review_id` (text, unique), `review` (text, never blank),
        `stars` (Float32, 1 to 10, may be missing) and `source` (text). Films without reviews have no row.
        """
