"""The films that a source has reviews of, as far as that is known before a run starts, without long work.

Takes the names of ratings and reviews as in settings. Known are the data of earlier runs, and sources that are
matched by title alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.datasets.find import DATASETS, on_this_machine
from core.data.ratings.read import read_ratings
from core.data.reviews.matching.corrections import FILE as CORRECTIONS
from core.data.reviews.registry import open_source
from core.data.reviews.sources.combined import sources_in
from core.data.reviews.sources.critics.source import YEARS
from core.errors import DamagedRun, FactorscopeError
from core.jobs.past_runs import DEFAULTS, past_runs
from core.paths import path_of
from core.progress import silent
from core.results.tables.saved import read_table
from core.settings import DEFAULT_DATA, SelectionSettings
from core.store import Store

GROWING = ("tmdb", "imdb")
"""Sources that may have more reviews tomorrow."""
BY_TITLE = ("sample", "planted", "critics")
"""Sources that match films by title alone, which is quick."""
SMALL = ("ml-100k", "ml-latest-small", "planted")
"""Ratings that are read in a moment."""
COLUMNS = ["film_id", "ratings", "reviews"]


@dataclass(frozen=True)
class ReviewedFilms:
    """The films that have reviews."""

    table: pd.DataFrame
    """A row a film: film_id and ratings, their number."""
    is_final: bool
    """Whether a run finds no more of them: not so with a source that grows."""

    def available(self, selection: SelectionSettings) -> int:
        """Return how many of them a run may choose; excluded factors, which are unknown yet, may leave fewer."""
        if selection.only:
            return int(self.table.film_id.isin(selection.only).sum())
        return int((self.table.ratings >= selection.least_ratings).sum())


_known: dict[tuple[object, ...], ReviewedFilms | None] = {}
"""Names and times of files -> the films; None where only a run can tell them."""


def reviewed_films(ratings: str, reviews: str, store: Store) -> ReviewedFilms | None:
    """Return the films of these ratings with reviews in these sources; None where it takes a run to know."""
    ratings = DEFAULTS["ratings"] if ratings == DEFAULT_DATA else ratings
    reviews = DEFAULTS["reviews"] if reviews == DEFAULT_DATA else reviews
    return _of_earlier_run(ratings, reviews, store) or _by_title(ratings, reviews, store)


def _of_earlier_run(ratings: str, reviews: str, store: Store) -> ReviewedFilms | None:
    sources = set(sources_in(reviews))
    # What a run found no longer holds where a file was replaced, or a match corrected, since.
    files = [path_of(where) for where in (ratings, *sources)]
    changed = max(map(_time_of, [store.root / CORRECTIONS, *filter(None, files)]))
    for run in past_runs(store):
        data = run.settings["ratings"], set(sources_in(run.settings["reviews"]))
        path = run.folder / "coverage.parquet"
        written = _time_of(path)
        if data != (ratings, sources) or written <= changed:
            continue
        key = str(path), written
        if key not in _known:
            try:
                table = read_table(path, COLUMNS)
            except (OSError, ValueError, DamagedRun):
                continue
            _known[key] = ReviewedFilms(_with_reviews(table), not sources & set(GROWING))
        return _known[key]
    return None


def _by_title(ratings: str, reviews: str, store: Store) -> ReviewedFilms | None:
    sources = sources_in(reviews)
    if ratings not in SMALL or not set(sources) <= set(BY_TITLE):
        return None
    files = {name: on_this_machine(name, store) for name in (ratings, *sources) if name in DATASETS}
    if ratings in files and files[ratings] is None:
        return None
    key = ratings, *sources, *(None if file is None else _time_of(file) for file in files.values())
    if key not in _known:
        try:
            _known[key] = _matched(ratings, {name: files.get(name, store.root) for name in sources}, store)
        except FactorscopeError:
            # The run says what is wrong with the data.
            return None
    return _known[key]


def _matched(ratings: str, sources: Mapping[str, Path | None], store: Store) -> ReviewedFilms | None:
    """Return the films that the sources match; a source without a file is not on this machine."""
    data = read_ratings(ratings, store, silent)
    films, reviewed = data.films, np.zeros(len(data.films), dtype=int)
    for name, file in sources.items():
        if file is not None:
            reviewed |= (open_source(name, store, silent).matches(films, silent)["how"] != "").to_numpy(int)
        elif name != "critics" or films["year"].between(*YEARS).any():
            return None
        # Without a film of the critics' years there is no need to fetch them.
    counts = np.bincount(data.table["film"], minlength=len(films))
    table = pd.DataFrame({"film_id": films["film_id"].to_numpy(), "ratings": counts, "reviews": reviewed})
    return ReviewedFilms(_with_reviews(table), True)


def _with_reviews(table: pd.DataFrame) -> pd.DataFrame:
    reviewed = table[table.reviews > 0]
    return pd.DataFrame({"film_id": reviewed.film_id, "ratings": reviewed.ratings})


def _time_of(path: Path) -> float:
    """Return when a file was written, 0 where there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
