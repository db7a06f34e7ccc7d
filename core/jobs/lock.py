"""Whether the worker lives, by a lock of the operating system.

Takes the cache folder. The worker holds the lock for as long as it lives, and the system drops it
with the process, however that ends, so there is no stale file to interpret. What the worker does is
left to `worker`.
"""

import fcntl
import os
import time
from pathlib import Path


def holder(root: Path) -> int | None:
    """Return the process id of the live worker, or None; 0 in the moment before it has written its id."""
    try:
        file = os.open(root / "worker.lock", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        # Shared, so that any number may ask at once without taking each other for the worker.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(file, 20) or b"0")
    else:
        return None
    finally:
        os.close(file)


def hold(root: Path) -> bool:
    """Become the worker of this cache folder until the process ends; False where another one is."""
    file = os.open(root / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    # A few tries, since someone asking for the holder has the lock for some microseconds.
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
    # A process forked off to load data must not keep the lock when the worker is killed.
    os.register_at_fork(after_in_child=lambda: os.close(file))
    return True
