"""Ratings and films, found, read and checked once; later stages trust them.

Takes the name of a data set or a path, gives `Ratings`. What the numbers mean for factors is left
to `factor_model`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.datasets import DATASETS, find
from core.errors import BadInput
from core.paths import path_of
from core.progress import Report
from core.ratings.checks import check
from core.ratings.movielens import content_digest, has_movielens_layout, read_movielens
from core.ratings.table import TABLE_LICENCE, read_ratings_table
from core.store import Store, digest_of

VERSION = "1"
"""Changes when the same files would give other ratings."""


@dataclass(frozen=True)
class Ratings:
    """Checked ratings as compact arrays, with the films they speak of.

    `table` has a row a rating: `user` (int32, position in `user_ids`), `film` (int32, row of `films`)
    and `rating` (float32, within `scale`); no user rates a film twice.
    `films` has a row a film, sorted by `film_id`: `film_id` (int64 or text, unique), `title` (text,
    unique), `year` (Int16, may be missing), `imdb_id` ("tt0114709" or missing), `genres` (text, parts
    joined by "|", "" where unknown) and `other_ids` (text, ids of the same film listed again, apart by
    blanks, "" for most).
    """

    name: str
    table: pd.DataFrame
    films: pd.DataFrame
    user_ids: np.ndarray
    scale: tuple[float, float]
    """Lowest and highest rating that the data set allows."""
    licence: str
    """Who made it and on what terms it may be used, one sentence."""
    digest: str
    """SHA-256 of the content, for cache keys."""


def read_ratings(where: str, store: Store, report: Report) -> Ratings:
    """Give the ratings of a data set by name (found or downloaded, or "planted"), or by path.

    A path may lead to a MovieLens archive or folder, or to a table of user, film and rating (CSV, TSV,
    Parquet). Raises BadInput with file, line or column and remedy, DataNotFound, StorageError.
    """
    if where == "planted":
        # Imported here, since the planted world is made of this module's Ratings.
        from core.planted import planted

        return planted().ratings
    path = _path_of(where, store, report)
    report("ratings", 0.1, f"reading {path.name}")
    raw = read_movielens(path) if path.is_dir() or has_movielens_layout(path) else read_ratings_table(path)
    report("ratings", 0.6, f"checking {len(raw.ratings.frame):,} ratings")
    checked = check(raw)
    report("ratings", 0.9, f"{len(checked.table):,} ratings of {len(checked.films):,} films")
    known = DATASETS.get(where)
    return Ratings(
        name=where if known else path.name,
        table=checked.table,
        films=checked.films,
        user_ids=checked.user_ids,
        scale=checked.scale,
        licence=known.licence if known else TABLE_LICENCE.format(path.name),
        digest=digest_of({"content": content_digest(path, store), "version": VERSION}),
    )


def _path_of(where: str, store: Store, report: Report) -> Path:
    names = [name for name, dataset in DATASETS.items() if dataset.holds == "ratings"]
    if where in names:
        return find(where, store, report)
    if where in DATASETS:
        raise BadInput(
            f"{where} holds {DATASETS[where].holds}, not ratings; choose one of {', '.join(names)}, planted"
        )
    path = path_of(where)
    if path is None:
        raise BadInput(
            f"there are no ratings at {where!r}; give a file that exists or one of "
            f"{', '.join(names)}, planted"
        )
    return path
