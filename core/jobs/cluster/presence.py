"""Which workers of several machines are alive, by a small file of each in the cache folder.

A worker writes its file anew with every sign of life, and it is deleted with the worker. Clocks of machines differ,
so a reader looks when the file changed last by its own clock.
"""

import contextlib
import os
import time
from pathlib import Path

from core.store import disk_errors, write_json

FOLDER = "workers"
SILENT_SECONDS = 60.0
"""A worker whose file has not changed for so long has ended: twice the time after which others take its run over,
since shared file systems may show changes late."""

_seen: dict[Path, tuple[tuple[int, int], float]] = {}
"""File of a worker -> its version, and when this process saw that first, by its own clock."""


def is_alive(root: Path, worker: str) -> bool:
    """Return whether a worker is alive; one that was never seen before is taken for alive."""
    if not worker or Path(worker).name != worker:
        return False
    path = root / FOLDER / f"{worker}.json"
    try:
        stat = os.stat(path)  # noqa: PTH116 - a Path costs more than the call
    except OSError:
        _seen.pop(path, None)
        return False
    version, now = (stat.st_ino, stat.st_mtime_ns), time.monotonic()
    if _seen.get(path, (None,))[0] != version:
        _seen[path] = version, now
    return now - _seen[path][1] < SILENT_SECONDS


def is_any_alive(root: Path) -> bool:
    """Return whether any worker is alive."""
    with contextlib.suppress(OSError):
        return any(is_alive(root, path.stem) for path in (root / FOLDER).glob("[!.]*.json"))
    return False


def show(root: Path, worker: str, beat: int) -> None:
    """Write a worker's file. Raises StorageError or OSError."""
    with disk_errors(root):
        (root / FOLDER).mkdir(exist_ok=True)
        write_json(root / FOLDER / f"{worker}.json", {"beat": beat})


def hide(root: Path, worker: str) -> None:
    """Delete a worker's file, if there is any."""
    with contextlib.suppress(OSError):
        (root / FOLDER / f"{worker}.json").unlink(missing_ok=True)
