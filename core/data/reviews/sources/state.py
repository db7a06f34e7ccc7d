"""Where a source's data are, determined without network access."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from core.data.datasets.find import DATASETS, on_this_machine
from core.paths import data_dir
from core.store import Store

Place = Literal["bundled", "your folder", "cache", "to be fetched", "not to be had"]


@dataclass(frozen=True)
class SourceState:
    """What a user should know before selecting a source."""

    place: Place
    sentence: str
    """Where the data are, or where they would come from."""
    bytes: int | None = None
    """Size of the data; None where that is not known without network access."""


def state_of(name: str, store: Store) -> SourceState:
    """Return the state of a source that reads a data set of the catalogue."""
    path = on_this_machine(name, store)
    if path is None:
        return SourceState("to be fetched", f"will be fetched from {DATASETS[name].origin}")
    folder = data_dir()
    size = size_of(path)
    if folder is not None and path.is_relative_to(folder):
        return SourceState("your folder", f"found in {path.parent} (FACTORSCOPE_DATA)", size)
    return SourceState("cache", "fetched before, in the cache", size)


def fetched_at(path: Path) -> str:
    """Return when a file was fetched, by its modification time: ISO 8601, UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")


def size_of(path: Path) -> int | None:
    """Return the bytes of a file; None for a folder, which may have a hundred thousand files."""
    return path.stat().st_size if path.is_file() else None
