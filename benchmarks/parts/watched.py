"""A command that is watched: seconds, processor seconds and peak memory of each stage that it reports.

Memory is the resident memory of the process and all below it, summed, ten times a second: pages that a child shares
with its parent count twice. What lies between two reports counts as the later one's stage. Linux alone.
"""

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

EVERY = 0.1
"""Seconds between two looks at the memory."""
LINE = re.compile(r"^(\S.{0,14}?) +(\d+)%  (.*)$")
"""What `core.progress.Lines` prints."""
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Stage:
    """What a stage took."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    peak_gb: float = 0.0


@dataclass
class Watched:
    """What a command took, and what it printed."""

    stages: dict[str, Stage] = field(default_factory=dict)
    code: int = 0
    output: str = ""
    last: str = ""
    """The last line on standard error."""


def watch(
    command: list[str], environment: Mapping[str, str], folder: Path, echo: Callable[[str], object]
) -> Watched:
    """Run a command in a folder, and return what each of its stages took."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    watched, memory = Watched(), _Memory(process.pid)
    reader = threading.Thread(target=_read, args=(process.stdout, watched))
    for thread in (memory, reader):
        thread.start()
    last = time.monotonic(), 0.0
    for line in process.stderr:
        watched.last = line.rstrip()
        if match := LINE.match(watched.last):
            echo(watched.last)
            # A process that has just ended leaves no times behind, and those that it had before stand.
            now = time.monotonic(), max(last[1], _processor_seconds(process.pid))
            stage = watched.stages.setdefault(match[1].strip(), Stage())
            stage.seconds += now[0] - last[0]
            stage.processor_seconds += now[1] - last[1]
            stage.peak_gb = max(stage.peak_gb, memory.taken() / 1e9)
            last = now
    watched.code = process.wait()
    memory.ended.set()
    for thread in (memory, reader):
        thread.join()
    return watched


def _read(stream: IO[str], watched: Watched) -> None:
    watched.output = stream.read()


class _Memory(threading.Thread):
    """Looks at the memory of a process and those below it."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._process, self._peak = process, 0

    def run(self) -> None:
        while not self.ended.wait(EVERY):
            self._peak = max(self._peak, sum(map(_resident, tree(self._process))))

    def taken(self) -> int:
        """Return the most bytes since the last call."""
        peak = max(self._peak, sum(map(_resident, tree(self._process))))
        self._peak = 0
        return peak


def tree(process: int) -> list[int]:
    """Return a process and all below it."""
    tree, generation = [], [process]
    while generation:
        tree += generation
        generation = [
            int(child)
            for parent in generation
            for path in Path(f"/proc/{parent}/task").glob("*/children")
            for child in file_text(path).split()
        ]
    return tree


def _resident(process: int) -> int:
    fields = file_text(Path(f"/proc/{process}/statm")).split()
    return int(fields[1]) * PAGE if fields else 0


def _processor_seconds(process: int) -> float:
    """Return what a process, the children that it ended, and those that still run have computed."""
    own, *below = (file_text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split() for pid in tree(process))
    ticks = sum(map(int, own[11:15])) + sum(int(tick) for fields in below for tick in fields[11:13])
    return ticks / TICK


def file_text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
