"""What is written beside and swapped: names that say which process writes it, and what killed processes left."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from core.paths import database_address, machine

OLD_SECONDS = 14 * 24 * 3600
"""What nobody touched for so long is left over, whoever wrote it."""
_BESIDE = re.compile(r"\.(\d{1,9})(@[A-Za-z0-9.-]+@)?-.+")
"""The process that writes, and its machine where several share the folder."""
_BESIDE_BEFORE = re.compile(r"\.(writing-|mirror-|[a-z_]+\.json\.)[a-z0-9_]{8}")
"""As older versions named it, without the process."""


def beside(name: str) -> str:
    """Return the beginning of the name under which this process writes what will be called `name`."""
    return f".{os.getpid()}{_here()}-{name}-"


def left_in(folder: Path) -> Iterator[Path]:
    """Yield what killed processes left in a folder, and nothing that does not bear our names."""
    for path in [*folder.iterdir()] if folder.is_dir() else []:
        if written := _BESIDE.fullmatch(path.name):
            here = (written[2] or _here()) == _here()
            if (here and not _alive(int(written[1]))) or is_old(path):
                yield path
        elif _BESIDE_BEFORE.fullmatch(path.name) and is_old(path):
            yield path


def is_old(path: Path) -> bool:
    """Return whether nobody touched a file or folder for OLD_SECONDS; False where it is gone."""
    try:
        return time.time() - path.stat().st_mtime >= OLD_SECONDS
    except FileNotFoundError:
        return False


def _here() -> str:
    """Return what tells our names from those of other machines; empty where there are none."""
    return f"@{machine()}@" if database_address() else ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is alive, and belongs to another user
    return True
