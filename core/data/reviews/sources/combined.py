"""Several sources as one: the reviews of each, one source after the other."""

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
"""Stands between the names of sources that are read together, as in "lmrd+critics"."""
NO_REVIEW = "no review of it"


def sources_in(where: str) -> list[str]:
    """Return the names of the sources that are read together; of one, its own.

    >>> sources_in("lmrd+critics"), sources_in("sample")
    (['lmrd', 'critics'], ['sample'])
    """
    return [where] if path_of(where) is not None else where.split(JOIN)


class CombinedSource:
    """The reviews of several sources; where a film has some in two, it has both."""

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
        """Return the reviews of the films from each source, with its licence; by film, then in the sources' order."""
        found = pd.concat(
            [
                source.reviews(
                    films, part(report, at / len(self.sources), (at + 1) / len(self.sources))
                ).pipe(with_provenance, source)
                for at, source in enumerate(self.sources)
            ]
        )
        place = pd.Index(films["film_id"]).get_indexer(found["film_id"])
        return found.iloc[place.argsort(kind="stable")].reset_index(drop=True)

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return of each film how the first source that knows it does; film_id, imdb_id, how, reason.

        Where none knows it, or those that do have no review of it, the reason is that of each.
        """
        tables = [source.matches(films, report).reset_index(drop=True) for source in self.sources]
        best = tables[0].copy()
        for other in tables[1:]:
            best["how"] = best["how"].mask(best["how"] == "", other["how"])
            if "imdb_id" in other:
                known = best["imdb_id"] if "imdb_id" in best else pd.Series(pd.NA, best.index, dtype="str")
                best["imdb_id"] = known.fillna(other["imdb_id"])
        said = [
            [f"{source.name}: {reason or NO_REVIEW}" for reason in table["reason"]]
            for source, table in zip(self.sources, tables, strict=True)
        ]
        return best.assign(reason=["; ".join(reasons) for reasons in zip(*said, strict=True)])
