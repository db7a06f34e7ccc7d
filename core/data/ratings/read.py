"""A data set's name or a path -> validated ratings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.data.datasets.find import DATASETS, find
from core.data.layouts.roles import Roles, chosen_roles, guess_roles
from core.data.ratings.checks import RawRatings, check_ratings
from core.data.ratings.dataset import Ratings
from core.data.ratings.movielens import content_digest, has_movielens_layout, read_movielens
from core.data.ratings.synthetic import synthetic_world
from core.data.ratings.table import TABLE_LICENCE, read_ratings_table
from core.data.tables import UserTable, open_table
from core.errors import BadInput
from core.paths import chosen_columns, path_of
from core.progress import Report
from core.store import Store, digest_of

VERSION = "3"
"""Changes when the same files would give other ratings."""


@dataclass(frozen=True)
class RatingsFile:
    """Ratings of a file or folder, read but not checked."""

    raw: RawRatings
    table: UserTable | None = None
    """The table of the ratings; None in an archive or a folder."""
    roles: Roles = Roles({})


def read_ratings(
    where: str, store: Store, report: Report, columns: Mapping[str, str] | None = None
) -> Ratings:
    """Return the ratings of a data set by name (downloaded where need be, or "planted"), or by path.

    A path leads to a MovieLens archive or folder, or to a table of user, film and rating in any known format.
    `columns` (ours -> the table's) stand in place of those stored beside the file, or recognised.
    Raises BadInput with file, line or column and remedy, DataNotFound, StorageError.
    """
    if where == "planted":
        return synthetic_world().ratings
    path = _path_of(where, store, report)
    columns = columns or chosen_columns(path)
    report("ratings", 0.1, f"reading {path.name}")
    raw = open_ratings(path, columns).raw
    report("ratings", 0.6, f"checking {len(raw.ratings.frame):,} ratings")
    checked = check_ratings(raw)
    report("ratings", 0.9, f"{len(checked.table):,} ratings of {len(checked.films):,} films")
    dataset = DATASETS.get(where)
    return Ratings(
        name=where if dataset else path.name,
        table=checked.table,
        films=checked.films,
        user_ids=checked.user_ids,
        scale=checked.scale,
        licence=dataset.licence if dataset else TABLE_LICENCE.format(path.name),
        digest=digest_of({"content": content_digest(path, store), "columns": columns, "version": VERSION}),
        notes=checked.notes,
    )


def open_ratings(path: Path, columns: Mapping[str, str] | None = None) -> RatingsFile:
    """Return the ratings at a path. Raises BadInput where it is in no known layout or cannot be read."""
    if path.is_dir() or has_movielens_layout(path):
        return RatingsFile(read_movielens(path))
    table = open_table(path.name, lambda: path.open("rb"))
    roles = chosen_roles(table, columns) if columns else guess_roles(table, "ratings")
    return RatingsFile(read_ratings_table(table, roles), table, roles)


def _path_of(where: str, store: Store, report: Report) -> Path:
    names = [name for name, dataset in DATASETS.items() if dataset.content == "ratings"]
    if where in names:
        return find(where, store, report)
    if where in DATASETS:
        raise BadInput(
            f"{where} holds {DATASETS[where].content}, not ratings; choose one of {', '.join(names)}, planted"
        )
    path = path_of(where)
    if path is None:
        raise BadInput(
            f"there are no ratings at {where!r}; give a file that exists or one of "
            f"{', '.join(names)}, planted"
        )
    return path
