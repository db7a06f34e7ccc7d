"""An exclusive lock across processes, and across the threads of one process."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

POLL_SECONDS = 0.1
"""Time between two attempts to acquire a lock that another holds."""


@contextlib.contextmanager
def exclusive(path: Path, waiting: Callable[[], object] | None = None) -> Iterator[None]:
    """Hold the lock file at `path`; the operating system releases it when the process ends in any way.

    While another thread or process holds it, `waiting` is called every POLL_SECONDS; it may show progress, or
    raise to give up. Raise OSError if the file cannot be created or the file system has no locks.
    """
    # Imported here: it takes 40 ms, half of them for parts of asyncio that most commands never need.
    from filelock import FileLock

    def give_up() -> bool:
        if waiting is not None:
            waiting()
        return False

    # Without the fallback, a file that a killed process would leave behind. Each call creates its own lock,
    # since a shared instance could be acquired twice by its holder.
    lock = FileLock(path, fallback_to_soft=False)
    with lock.acquire(poll_interval=POLL_SECONDS, cancel_check=give_up):
        yield
