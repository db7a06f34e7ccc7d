"""Several sources combined into one."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from core.data.reviews.provenance import with_provenance
from core.paths import path_of
from core.progress import Report, part
from core.store import digest_of

if TYPE_CHECKING:
    from core.data.reviews.sources.base import ReviewSource

JOIN = "+"
"""Separates the names of combined sources, as in "lmrd+critics"."""
NO_REVIEW = "no review of it"


def sources_in(where: str) -> list[str]:
    """Return the names of the sources in a combination; of a single one, its own.

    >>> sources_in("lmrd+critics"), sources_in("sample")
    (['lmrd', 'critics'], ['sample'])
    """
    return [where] if path_of(where) is not None else where.split(JOIN)


class CombinedSource:
    """The reviews of several sources; a film may have reviews from each."""

    def __init__(self, sources: "Sequence[ReviewSource]") -> None:
        self.sources = sources
        self.name = JOIN.join(source.name for source in sources)
        self.title = " and ".join(source.title for source in sources)
        self.licence = " ".join(source.licence for source in sources)
        self.fetched = ""

    def digest(self, films: pd.DataFrame | None) -> str:
        return digest_of([source.digest(films) for source in self.sources])

    def texts(self, report: Report) -> Iterator[pd.DataFrame]:
        """Return all reviews of all sources."""
        for source in self.sources:
            yield from source.texts(report)

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films with provenance; sorted by film, then in the order of the sources."""
        reviews = pd.concat(
            [
                source.reviews(
                    films, part(report, number / len(self.sources), (number + 1) / len(self.sources))
                ).pipe(with_provenance, source)
                for number, source in enumerate(self.sources)
            ]
        )
        film = pd.Index(films["film_id"]).get_indexer(reviews["film_id"])
        return reviews.iloc[film.argsort(kind="stable")].reset_index(drop=True)

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return each film's match by the first source that has one: film_id, imdb_id, how, reason.

        The reason joins those of all sources.
        """
        tables = [source.matches(films, report).reset_index(drop=True) for source in self.sources]
        best = tables[0].copy()
        for other in tables[1:]:
            best["how"] = best["how"].mask(best["how"] == "", other["how"])
            if "imdb_id" in other:
                known = best["imdb_id"] if "imdb_id" in best else pd.Series(pd.NA, best.index, dtype="str")
                best["imdb_id"] = known.fillna(other["imdb_id"])
        reasons = [
            [f"{source.name}: {reason or NO_REVIEW}" for reason in table["reason"]]
            for source, table in zip(self.sources, tables, strict=True)
        ]
        return best.assign(reason=["; ".join(film) for film in zip(*reasons, strict=True)])
