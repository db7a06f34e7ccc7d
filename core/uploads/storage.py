"""Users' files -> files in the cache that a run can name by their path; listing and removing them.

A file is stored as it was given, and beside it what its user said of its columns, so that its path alone suffices to
read it. Uploads of earlier versions are Parquet with our column names. The meaning of the columns is left to
`core.data.ratings` and `core.data.reviews`.
"""

import contextlib
import hashlib
import io
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.datasets.find import DATASETS
from core.data.reviews.registry import NAMED
from core.data.reviews.sources.base import NamedSource
from core.data.reviews.sources.combined import JOIN, sources_in
from core.data.reviews.sources.imdb import FILE, STAGE
from core.data.reviews.sources.tmdb.expiry import FOLDERS, forget_everywhere
from core.errors import BadInput
from core.formatting import counted
from core.paths import ABOUT, given_name
from core.store import beside, digest_of, disk_errors, flush, shared_store, write_json
from core.store.object_store import ObjectStore


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


@dataclass(frozen=True)
class Chosen:
    """What a user said of a file's columns."""

    columns: Mapping[str, str] | None = None
    """Ours -> those of the file; None where they are to be recognised."""
    ids_of_ratings: bool = False
    """Whether the film ids are those of the ratings."""

    def plain(self) -> dict[str, Any]:
        """Return what is stored beside the file."""
        about: dict[str, Any] = {} if self.columns is None else {"columns": dict(self.columns)}
        return about | ({"ids_of_ratings": True} if self.ids_of_ratings else {})


UNCHOSEN = Chosen()
"""The columns are to be recognised."""


def keep_file(
    name: str, file: io.BufferedReader | io.BytesIO, folder: Path, chosen: Chosen = UNCHOSEN
) -> Path:
    """Store a file as it is, with what its user said of its columns; return its path.

    The path is the same for the same file and columns. Raise StorageError.
    """
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    home = folder / digest_of({"content": digest, "name": name} | chosen.plain())[:12]
    path = home / safe_name(name)
    if not path.exists():
        with _filled(home, name, chosen) as work, (work / path.name).open("wb") as copy:
            shutil.copyfileobj(file, copy)
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
        if shared := shared_store():
            shared.patiently(lambda: forget_everywhere(root, 0))
        else:
            forget_everywhere(root, 0)
    elif path == root / "artifacts" / STAGE:
        if shared := shared_store():
            shared.patiently(lambda: _forget_answers(shared))
        with disk_errors(root):
            for folder in path.parent.glob(f"{STAGE}-*"):
                shutil.rmtree(folder, ignore_errors=True)
    else:
        raise BadInput(f"{path.name} is not in the cache, so it is not removed")


def _forget_answers(shared: ObjectStore) -> None:
    """Delete IMDb's answers from the store that caches share."""
    for name in shared.names():
        if name.startswith(f"{STAGE}-"):
            shared.remove(name)


def _answers(path: Path, source: type[NamedSource], files: list[Path]) -> StoredFile:
    """Return a source's answers, one file per film, as one item."""
    stats = [file.stat() for file in files]
    times = [stat.st_mtime for stat in stats]
    films = counted(len(files), "film")
    played = ", played by another server" if path.name.startswith(f"{source.name}-") else ""
    name = f"{source.title}{played}: answers for {films}"
    return StoredFile(name, path, sum(stat.st_size for stat in stats), max(times), min(times), source.name)


@contextlib.contextmanager
def _filled(home: Path, name: str, chosen: Chosen) -> Iterator[Path]:
    """Yield a temporary folder to fill, which is renamed to `home` once it is complete."""
    with disk_errors(home.parent):
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=beside(home.name), dir=home.parent))
        try:
            yield work
            write_json(work / ABOUT, {"name": name, "time": time.time()} | chosen.plain())
            flush(work)
            try:
                work.replace(home)
            except OSError:
                # Another process or thread stored the same file first.
                if not home.exists():
                    raise
            flush(home.parent, deep=False)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def safe_name(name: str) -> str:
    """Return a file name that cannot leave its folder: only letters, digits, dots and dashes.

    >>> safe_name("../../.etc/pass wd<b>.csv")
    'pass_wd_b_.csv'
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name).lstrip(".")[-80:] or "upload"
