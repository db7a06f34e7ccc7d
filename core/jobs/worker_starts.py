"""Starts of the worker process: one at a time, and with growing pauses after it died at its start.

A start is over once the worker says `ready`. What the worker does is left to `worker`.
"""

import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ConfigDict, TypeAdapter, ValidationError

from core.store import content_of, disk_errors, write_json

FILE = "worker-starts.json"
LOG = "worker.log"
PAUSES = (2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds until the next start after the first, second … failed one; the last holds for all others."""
LONGEST_REASON = 200

_last: dict[Path, tuple[int, threading.Thread]] = {}
"""Of the last worker that this process started, by cache folder: its process id, and what waits for its end."""

_unwritten: "dict[Path, Starts]" = {}
"""Failed starts by cache folder whose disk was full."""


@dataclass(frozen=True)
class Starts:
    """The last starts of a worker."""

    __pydantic_config__ = ConfigDict(allow_inf_nan=False)

    failed: int = 0
    """Since the last that succeeded."""
    at: float = 0.0
    """When the last one failed, or succeeded, in seconds since 1970."""
    reason: str = ""
    """The last line that it printed."""
    ready: int = 0
    """Process id of the last worker that was ready."""

    @property
    def next(self) -> float:
        """When a worker may start again, in seconds since 1970."""
        return self.at + PAUSES[min(self.failed, len(PAUSES)) - 1] if self.failed else 0.0

    def sentence(self, now: float) -> str:
        """Return what failed, and when it is tried again, for people.

        >>> Starts(2, 100.0, "No module named 'torch'").sentence(101.0)
        "the worker ended at its start, 2 times (No module named 'torch'); it starts again in 4 s"
        """
        times = f", {self.failed} times" if self.failed > 1 else ""
        wait = max(0.0, self.next - now)
        return f"the worker ended at its start{times} ({self.reason}); it starts again in {wait:.0f} s"


_STARTS = TypeAdapter(Starts)


def starts(root: Path) -> Starts:
    """Return what is known of the last starts."""
    try:
        written = _STARTS.validate_json(content_of(root / FILE))
    except (OSError, ValidationError):
        written = Starts()
    return max(written, _unwritten.get(root, Starts()), key=lambda known: known.at)


def ready(root: Path) -> None:
    """Note that this process is the worker, and has started. Raises StorageError."""
    with disk_errors(root):
        write_json(root / FILE, asdict(Starts(ready=os.getpid(), at=time.time())))


def start(root: Path) -> None:
    """Start a worker, unless one is starting, or the last start failed a short time ago."""
    known = starts(root)
    pid, waiting = _last.get(root, (0, None))
    starting = waiting is not None and waiting.is_alive() and known.ready != pid
    if starting or time.time() < known.next:
        return
    with _log(root) as log:
        begin = log.tell()
        process = subprocess.Popen(
            _command(root),
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A separate session, so that closing the terminal or stopping the server does not end it.
            start_new_session=True,
        )
    # A parent has to wait for it, or its entry stays in the process table while the server runs.
    waiting = threading.Thread(target=_wait, args=(process, root, begin), daemon=True)
    _last[root] = process.pid, waiting
    waiting.start()


def _command(root: Path) -> list[str]:
    return [sys.executable, "-m", "core.jobs", "--cache", str(root.resolve())]


def _wait(process: "subprocess.Popen[bytes]", root: Path, begin: int) -> None:
    """Wait for the end of a worker, and note if it failed before it was ready."""
    code, before = process.wait(), starts(root)
    if code and before.ready != process.pid and root.is_dir():
        reason = _last_line(root / LOG, begin) or f"exit code {code}"
        failed = Starts(before.failed + 1, time.time(), reason)
        try:
            write_json(root / FILE, asdict(failed))
        except OSError:
            # The disk is full, as it may have been for the worker.
            _unwritten[root] = failed


def _log(root: Path) -> BinaryIO:
    """Return the file for what a worker prints, open; what is printed is lost where there can be none."""
    try:
        return (root / LOG).open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def _last_line(path: Path, begin: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(begin)
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:LONGEST_REASON]
