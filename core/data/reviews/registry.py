"""The registry of review sources by name, and how a source is opened.

A new source is a class in `sources` and a line in NAMED.
"""

import pandas as pd

from core.data.reviews.sources.base import NamedSource, ReviewSource
from core.data.reviews.sources.combined import JOIN, CombinedSource
from core.data.reviews.sources.critics.source import Critics
from core.data.reviews.sources.imdb import ImdbReviews
from core.data.reviews.sources.lmrd.archive import is_lmrd
from core.data.reviews.sources.lmrd.source import LargeMovieReviews
from core.data.reviews.sources.sample import SampleReviews
from core.data.reviews.sources.synthetic import SyntheticReviews
from core.data.reviews.sources.tmdb.source import TmdbReviews
from core.data.reviews.sources.user_file.source import UserFile
from core.errors import BadInput
from core.paths import are_same_file, path_of
from core.progress import Report
from core.store import Store

NAMED: dict[str, type[NamedSource]] = {
    "sample": SampleReviews,
    "lmrd": LargeMovieReviews,
    "critics": Critics,
    "imdb": ImdbReviews,
    "tmdb": TmdbReviews,
    "planted": SyntheticReviews,
}
SOURCES = tuple(NAMED)
"""Sources known by name."""


def ids_of(source: ReviewSource, films: pd.DataFrame, report: Report) -> pd.Series:
    """Return the ids of all reviews of the films, also of those that a run samples out of a long file."""
    if isinstance(source, CombinedSource):
        return pd.concat([ids_of(one, films, report) for one in source.sources], ignore_index=True)
    if isinstance(source, UserFile):
        return source.ids(films, report)
    return source.reviews(films, report)["review_id"]


def open_source(where: str, store: Store, report: Report, ratings: str = "") -> ReviewSource:
    """Return a source by name or path (a user's file or folder, or that of LMRD); several, joined by "+", as one.

    `ratings`: name or path of the ratings; film ids of a file that holds both are those of the ratings.
    Raises BadInput where there is no such source or file, DataNotFound where its data are not available.
    """
    if where in NAMED:
        return NAMED[where].open(store, report)
    path = path_of(where)
    if path is None and JOIN in where:
        parts = where.split(JOIN)
        if len(set(parts)) == len(parts):
            sources = [open_source(name, store, report, ratings) for name in parts]
            if len({source.digest(None) for source in sources}) == len(sources):
                return CombinedSource(sources)
        raise BadInput(f"{where!r} names a source of reviews twice; name each once")
    if path is None:
        raise BadInput(
            f"there are no reviews at {where!r}; give a file that exists or one of {', '.join(SOURCES)}"
        )
    if is_lmrd(path):
        return LargeMovieReviews(path, store)
    return UserFile.open(path, store, are_same_file(where, ratings))
