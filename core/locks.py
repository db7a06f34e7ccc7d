"""One exclusive lock for whatever only one may change at a time: processes, and threads of one process."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

POLL_SECONDS = 0.1
"""Time between two attempts at a lock that another holds."""


@contextlib.contextmanager
def exclusive(path: Path, waiting: Callable[[], object] | None = None) -> Iterator[None]:
    """Hold the lock file at `path`; the operating system releases it when the process ends, however that is.

    While another thread or process holds it, `waiting` is called every POLL_SECONDS; it may show progress, or raise
    to give up. Raise OSError where the file cannot be created or the file system has no locks.
    """
    # Imported here, since half of its 40 ms go to parts of asyncio that most commands never need.
    from filelock import FileLock

    def give_up() -> bool:
        if waiting is not None:
            waiting()
        return False

    # Without the fallback, which would be a file that a killed process leaves behind. A lock of its own for each
    # call, since one instance would let its holder in twice.
    lock = FileLock(path, fallback_to_soft=False)
    with lock.acquire(poll_interval=POLL_SECONDS, cancel_check=give_up):
        yield
