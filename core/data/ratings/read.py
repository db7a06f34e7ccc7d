"""A data set's name or a path -> validated ratings."""

from collections.abc import Mapping
from pathlib import Path

from core.data.datasets.find import DATASETS, find
from core.data.layouts.files import FoundTable, complete_table, content_digest
from core.data.ratings.checks import check_ratings
from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_world
from core.data.ratings.table import TABLE_LICENCE, raw_ratings
from core.errors import BadInput
from core.memory import bounded_memory, size_of
from core.paths import chosen_columns, path_of
from core.progress import Report
from core.store import Store, digest_of

VERSION = "9"
"""Changes when the same files would give other ratings."""
SYNTHETIC = "planted"
"""The name of the synthetic world."""


def read_ratings(
    where: str, store: Store, report: Report, columns: Mapping[str, str] | None = None
) -> Ratings:
    """Return the ratings of a data set by name (downloaded where need be, or "planted"), or by path.

    A path leads to a file, a folder or an archive in any known layout, or with a table of user, film and rating.
    `columns` (ours -> the table's) stand in place of those stored beside the file, or recognised.
    Raises BadInput with file, line or column and remedy, DataNotFound, StorageError.
    """
    if where == SYNTHETIC:
        return synthetic_world().ratings
    path = located(where, store, report)
    report("ratings", 0.1, f"reading {path.name}")
    with bounded_memory(path.name, size_of(path)):
        found = open_ratings(path, columns)
        if found.one_person and found.layout is not None:
            raise BadInput(
                f"{path.name} is {found.layout.name}: the ratings of one person, from which no factors can be "
                "learned. Give ratings of many people, such as ml-100k"
            )
        return ratings_of(found, where, path, store, report)


def open_ratings(path: Path, columns: Mapping[str, str] | None = None) -> FoundTable:
    """Return the table of the ratings at a path, and the roles of its columns.

    Raises BadInput where there is none, or a needed column is missing.
    """
    return complete_table(path, "ratings", columns or chosen_columns(path))


def ratings_of(found: FoundTable, where: str, path: Path, store: Store, report: Report) -> Ratings:
    """Return the ratings of a table that was found at a path, which `where` stands for.

    Raises BadInput with file, line or column and remedy.
    """
    raw = raw_ratings(found)
    report("ratings", 0.6, f"checking {len(raw.ratings.frame):,} ratings")
    checked = check_ratings(raw)
    report("ratings", 0.9, f"{len(checked.table):,} ratings of {len(checked.films):,} films")
    dataset = DATASETS.get(where)
    content = content_digest(path, found, store)
    return Ratings(
        name=where if dataset else path.name,
        table=checked.table,
        films=checked.films,
        user_ids=checked.user_ids,
        scale=checked.scale,
        licence=dataset.licence if dataset else raw.licence or TABLE_LICENCE.format(path.name),
        digest=digest_of({"content": content, "columns": dict(found.roles.columns), "version": VERSION}),
        notes=checked.notes,
    )


def located(where: str, store: Store, report: Report) -> Path:
    """Return the path of a data set by name (downloaded where need be), or an existing path.

    Raises BadInput where there is none, DataNotFound, StorageError.
    """
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
