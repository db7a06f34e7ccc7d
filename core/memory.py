"""How much memory and time the reading of a user's file may take, by its size: a file of some kB can hold many GB."""

import contextlib
import resource
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from core.errors import BadInput

LEAST_MEMORY, MEMORY_RATIO = 5 * 1024**3 // 2, 12
"""Bytes that reading any file may take, of which 1 GB is only reserved by Arrow, and those for each byte besides."""
LEAST_SECONDS, SECONDS_PER_MB, MOST_SECONDS = 90.0, 6.0, 600.0
"""Time that reading any file may take, that for each MB besides, and the longest."""
MOST_FILES = 20_000
"""Files of a folder that are counted."""
STATUS = Path("/proc/self/status")
"""Where Linux says what a process takes."""


def memory_for(size: int) -> int:
    """Return how many bytes of memory reading a file of so many bytes may take."""
    return LEAST_MEMORY + MEMORY_RATIO * size


def seconds_for(size: int) -> float:
    """Return how long reading a file of so many bytes may take."""
    return min(MOST_SECONDS, LEAST_SECONDS + SECONDS_PER_MB * size / 1024**2)


def too_much(name: str) -> BadInput:
    """Return the error for a file that needs more memory than it may take."""
    return BadInput(f"{name} takes too much memory for its size; give a smaller file")


@contextlib.contextmanager
def bounded_memory(name: str, size: int) -> Iterator[None]:
    """Let this process take no more memory than reading a file of this name and size may; afterwards as before.

    Raise BadInput where it needs more. Elsewhere than on Linux there is no bound.
    """
    taken = _taken()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = taken + memory_for(size)
    if taken and (soft == resource.RLIM_INFINITY or most < soft):
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    except MemoryError as error:
        raise too_much(name) from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of the files of a folder together."""
    if path.is_dir():
        return sum(file.stat().st_size for file in islice(path.rglob("*"), MOST_FILES) if file.is_file())
    return path.stat().st_size


def _taken() -> int:
    """Return the bytes of memory of its own that this process has; 0 where that is not known."""
    with contextlib.suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
