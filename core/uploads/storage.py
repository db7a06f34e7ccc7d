"""Users' files -> files in the cache that a run can name by their path; listing and removing them.

A table is stored as Parquet with our column names, so that its path alone suffices to read it. The meaning of
the columns is left to `core.data.ratings` and `core.data.reviews`.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from core.data.datasets.find import DATASETS
from core.data.reviews.registry import NAMED
from core.data.reviews.sources.base import NamedSource
from core.data.reviews.sources.combined import JOIN, sources_in
from core.data.reviews.sources.imdb import FILE, STAGE
from core.data.reviews.sources.tmdb.expiry import FOLDERS, forget_old
from core.data.tables import UserTable
from core.errors import BadInput
from core.formatting import counted
from core.paths import ABOUT, given_name
from core.store import digest_of, disk_errors, write_json


@dataclass(frozen=True)
class StoredFile:
    """A removable item of the cache: an upload, a fetched data set, or a source's answers."""

    name: str
    """Original or published name; of answers, the source and the number of films."""
    path: Path
    """Of answers, the folder, or the common prefix of their folders."""
    bytes: int
    time: float
    """Time of storing in seconds since 1970; of answers, that of the newest."""
    since: float | None = None
    """Time of storing of the oldest answer."""
    source: str | None = None
    """Name of the source of the answers."""


def keep_file(name: str, content: bytes, folder: Path) -> Path:
    """Store a file unchanged and return its path, which is the same for the same file. Raise StorageError."""
    home = folder / digest_of({"content": hashlib.sha256(content).hexdigest(), "name": name})[:12]
    path = home / _safe(name)
    if not path.exists():
        with _filled(home, name) as work:
            (work / path.name).write_bytes(content)
    return path


def keep_table(table: UserTable, columns: Mapping[str, str], digest: str, folder: Path) -> Path:
    """Store the columns (ours -> the table's) and return the path, the same for the same file and columns.

    `digest` is the SHA-256 of the file. Raise BadInput if a row cannot be read or there is none, or
    StorageError.
    """
    home = folder / digest_of({"content": digest, "name": table.name, "columns": dict(columns)})[:12]
    path = home / f"{Path(_safe(table.name.rpartition(': ')[2])).stem}.parquet"
    if not path.exists():
        schema = pa.schema([(name, pa.string()) for name in columns])
        with _filled(home, table.name) as work:
            with pa.parquet.ParquetWriter(work / path.name, schema, compression="zstd") as writer:
                rows = 0
                for piece in table.batches(columns):
                    writer.write_table(piece)
                    rows += len(piece)
            if not rows:
                raise BadInput(f"{table.name} has a header but no rows; add the rows")
    return path


def stored_files(root: Path) -> list[StoredFile]:
    """Return the uploads, the fetched data sets and the sources' answers of a cache folder, the newest first."""
    uploads = [folder for folder in (root / "uploads").glob("*") if not folder.name.startswith(".")]
    files = [
        file
        for folder in uploads
        for file in folder.glob("*")
        if file.name != ABOUT and not file.name.startswith(".")
    ]
    published = {dataset.archive.name for dataset in DATASETS.values()}
    files += [file for file in (root / "datasets").glob("*") if file.name in published]
    stored = []
    for path in files:
        # Another process may be removing the file now.
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            stored.append(StoredFile(given_name(path), path, stat.st_size, stat.st_mtime))
    answers = [(folder, NAMED["tmdb"], [*folder.glob("*.json")]) for folder in root.glob(FOLDERS)]
    of_imdb = root / "artifacts" / STAGE
    answers.append((of_imdb, NAMED["imdb"], [*of_imdb.parent.glob(f"{STAGE}-*/{FILE}")]))
    for path, source, files in answers:
        with contextlib.suppress(FileNotFoundError):
            stored += [_answers(path, source, files)] if files else []
    return sorted(stored, key=lambda file: -file.time)


def uses(file: StoredFile, settings: Mapping[str, Any]) -> bool:
    """Return whether a run with these settings reads the file, by its path or the name of its data set."""
    names = {str(file.path)} | ({file.source} if file.source else set())
    names |= {name for name, dataset in DATASETS.items() if file.path.name == dataset.archive.name}
    read = {settings.get("ratings"), *sources_in(settings.get("reviews") or "")}
    return bool(names & read)


def removed_uploads(settings: Mapping[str, Any], root: Path) -> list[str]:
    """Return which of "ratings" and "reviews" the settings read from an upload that was removed."""
    read = {"ratings": [settings.get("ratings") or ""], "reviews": sources_in(settings.get("reviews") or "")}
    return [
        kind
        for kind, parts in read.items()
        if any(Path(part).is_relative_to(root / "uploads") and not Path(part).exists() for part in parts)
    ]


def remaining_sources(reviews: str, root: Path) -> str:
    """Return the sources in the settings' `reviews` whose files were not removed; "" if none is left."""
    return JOIN.join(part for part in sources_in(reviews) if not removed_uploads({"reviews": part}, root))


def remove(path: Path, root: Path) -> None:
    """Delete a stored file, if it still exists. Raise BadInput for a path that is not one."""
    if ".." in path.parts:
        raise BadInput(f"{path} leads elsewhere, so it is not removed")
    if path.parent == root / "datasets":
        with disk_errors(root):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    elif path.parent.parent == root / "uploads":
        with disk_errors(root), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path.parent)
    elif path in root.glob(FOLDERS):
        # The lock file stays, since a run may be waiting for it.
        with disk_errors(root):
            for answer in path.glob("*.json"):
                answer.unlink(missing_ok=True)
        forget_old(root, 0)
    elif path == root / "artifacts" / STAGE:
        with disk_errors(root):
            for folder in path.parent.glob(f"{STAGE}-*"):
                shutil.rmtree(folder, ignore_errors=True)
    else:
        raise BadInput(f"{path.name} is not in the cache, so it is not removed")


def _answers(path: Path, source: type[NamedSource], files: list[Path]) -> StoredFile:
    """Return a source's answers, one file per film, as one item."""
    stats = [file.stat() for file in files]
    times = [stat.st_mtime for stat in stats]
    films = counted(len(files), "film")
    played = ", played by another server" if path.name.startswith(f"{source.name}-") else ""
    name = f"{source.title}{played}: answers for {films}"
    return StoredFile(name, path, sum(stat.st_size for stat in stats), max(times), min(times), source.name)


@contextlib.contextmanager
def _filled(home: Path, name: str) -> Iterator[Path]:
    """Yield a temporary folder to fill, which is renamed to `home` once it is complete."""
    with disk_errors(home.parent):
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-", dir=home.parent))
        try:
            yield work
            write_json(work / ABOUT, {"name": name, "time": time.time()})
            try:
                work.replace(home)
            except OSError:
                # Another process or thread stored the same file first.
                if not home.exists():
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _safe(name: str) -> str:
    """Return a file name that cannot leave its folder: only letters, digits, dots and dashes.

    >>> _safe("../../.etc/pass wd<b>.csv")
    'pass_wd_b_.csv'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name).lstrip(".")[-80:] or "upload"
