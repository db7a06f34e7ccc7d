"""Whether a worker is alive, by a file lock of the operating system.

Takes the cache folder. The worker holds the lock during its lifetime, and the system releases it when the
process ends for whatever reason, so there is no stale file to interpret. What the worker does is left to
`worker`.
"""

import fcntl
import os
import time
from pathlib import Path

from core.store import remove


def holder(root: Path) -> int | None:
    """Return the process id of the live worker, None without one, 0 before it has written its id."""
    try:
        file = os.open(root / "worker.lock", os.O_RDONLY)
    except OSError:
        # There is none, or no lock can have this name; see `hold`.
        return None
    try:
        # Shared, so that concurrent callers do not take each other for the worker.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        content = os.read(file, 20)
        return int(content) if content.isdigit() else 0
    else:
        return None
    finally:
        os.close(file)


def hold(root: Path) -> bool:
    """Take the worker's lock until the process ends; return False where another process holds it."""
    path = root / "worker.lock"
    if path.is_dir() or path.is_symlink():
        remove(path)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    # Several tries, since a caller of `holder` has the lock for some microseconds.
    for _ in range(20):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(0.05)
    else:
        os.close(file)
        return False
    os.ftruncate(file, 0)
    os.write(file, str(os.getpid()).encode())
    # A process forked to load data must not hold the lock after the worker was killed.
    os.register_at_fork(after_in_child=lambda: os.close(file))
    return True
