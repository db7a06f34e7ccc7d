"""A Report that writes the progress of a run to its folder, and ends the run when it is cancelled.

Takes the reports of the stages, writes `progress.json` and `curves.json` (read by `job_status`) at most five
times a second. The work itself, and what counts as a failure, is left to `worker`.
"""

import contextlib
import json
import logging
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import Cancelled
from core.jobs.job_status import cancel_file, curves_of
from core.jobs.progress_file import ENDED, State, progress_of
from core.progress import Values
from core.store import write_json

WRITING_SECONDS = 0.2
"""Time between two writes. A separate thread writes, so that the last report before a long silence is
written as well."""

MOST_POINTS = 500
"""Most points of each kind in a stage's curve; more are thinned to half as many."""

log = logging.getLogger(__name__)


class Recorder:
    """The progress of one attempt at a run, continued from an earlier worker's, if any."""

    def __init__(
        self,
        folder: Path,
        attempt: int,
        stages: tuple[str, ...],
        worker: int | str | None = None,
        permit: Callable[[], None] = lambda: None,
    ) -> None:
        """`worker` is the process id or the name of the worker, this process by default.

        `permit` returns once nobody else can have the run; it is called before anything is written.
        """
        last = progress_of(folder)
        before = last if last and last.attempt == attempt else None
        self.ended: State | None = before.state if before and before.state in ENDED else None
        """The final state of this attempt, if any; a worker may be killed before the queue records it."""
        self.starts: int = (before.starts if before else 0) + 1
        """Number of workers that took up this attempt, this one included."""
        self.stage: str | None = before.current if before else None
        """The stage that reported last."""
        self._folder, self._attempt = folder, attempt
        self._worker, self._permit = worker or os.getpid(), permit
        # A stage finished by an earlier attempt comes from the cache; its duration then is reported.
        self._seconds = {s.name: s.seconds for s in last.stages if s.done == 1} if last else {}
        self._stages: list[dict[str, Any]] = [
            {"name": name, "done": 0.0, "message": "", "seconds": None, "began": None, "since": None}
            | {"done_before": 0.0}
            for name in stages
        ]
        # Curves of an earlier attempt stay until their stage reports new points.
        self._curves = curves_of(folder)
        self._drawn = False
        self._order = {name: i for i, name in enumerate(stages)}
        self._started = (before and before.started) or time.time()
        self._stage_began = time.monotonic()
        self._changes = threading.Lock()
        self._changed, self._closed = threading.Event(), threading.Event()
        self._writer = threading.Thread(target=self._keep_writing, daemon=True)

    def start(self) -> None:
        """Write that the run is running, and from then on every change."""
        self._write("running")
        self._writer.start()

    def __call__(self, stage: str, done: float, message: str, values: Values | None = None) -> None:
        """Record a stage's report, and earlier stages as done. Raises Cancelled where the run is to end."""
        self.refuse_cancelled()
        with self._changes:
            position = self._order[stage]
            self._finish_before(position)
            share, row = min(max(float(done), 0.0), 1.0), self._stages[position]
            if row["began"] is None or share < row["done"]:
                row.update(began=time.time(), done_before=share)
            row["since"] = row["since"] or row["began"]
            row.update(done=share, message=message)
            self.stage = stage
            if values:
                self._curves[stage] = with_point(self._curves.get(stage, []), dict(values))
                self._drawn = True
        self._changed.set()

    def refuse_cancelled(self) -> None:
        """Raise Cancelled where the run is to end; it takes microseconds, so each report can ask."""
        self._permit()
        # Without job.json the run was deleted.
        if cancel_file(self._folder, self._attempt).exists() or not (self._folder / "job.json").exists():
            raise Cancelled("the run was cancelled")

    def finish(self, state: State, error: str | None = None) -> None:
        """Write the final state of the run."""
        self._closed.set()
        if self._writer.is_alive():
            self._writer.join()
        if state == "done":
            self._finish_before(len(self._stages))
        self._write(state, error, time.time())

    def _finish_before(self, stage: int) -> None:
        for earlier in self._stages[:stage]:
            if earlier["seconds"] is None:
                now = time.monotonic()
                took = self._seconds.get(earlier["name"]) or round(now - self._stage_began, 3)
                earlier.update(done=1.0, seconds=took)
                self._stage_began = now

    def _keep_writing(self) -> None:
        while not self._closed.wait(WRITING_SECONDS):
            if self._changed.is_set():
                self._changed.clear()
                self._write("running")

    def _write(self, state: State, error: str | None = None, finished: float | None = None) -> None:
        self._permit()
        with self._changes:
            progress: dict[str, Any] = {
                "attempt": self._attempt,
                "state": state,
                "worker": self._worker,
                "starts": self.starts,
                "stages": [dict(stage) for stage in self._stages],
                "current": self.stage,
                "error": error,
                "started": self._started,
                "finished": finished,
            }
            curves, self._drawn = dict(self._curves) if self._drawn else None, False
        if curves is not None:
            # Before the state, so that curves are complete when a run is done; a full disk loses only them.
            with contextlib.suppress(OSError):
                write_json(self._folder / "curves.json", curves)
        path = self._folder / "progress.json"
        try:
            write_json(path, progress)
        except OSError as problem:
            log.warning("%s cannot be replaced: %s", path, problem)
            # On a full disk the old file's blocks can still be overwritten, and pages need the final state.
            with contextlib.suppress(OSError), path.open("r+", encoding="utf-8") as file:
                file.write(json.dumps(progress))
                file.truncate()


def with_point(points: list[dict[str, float]], point: dict[str, float]) -> list[dict[str, float]]:
    """Return a curve with a point appended; a point at an earlier step replaces all from that step on.

    >>> with_point([{"step": 1, "loss": 3}, {"step": 2, "loss": 2}], {"step": 2, "loss": 1})
    [{'step': 1, 'loss': 3}, {'step': 2, 'loss': 1}]
    """
    curve = [*(earlier for earlier in points if earlier["step"] < point["step"]), point]
    # Points at the end of an epoch have other keys than those within it; each kind is thinned by itself.
    same_kind = [earlier for earlier in curve if earlier.keys() == point.keys()]
    if len(same_kind) <= MOST_POINTS:
        return curve
    gap, last = (point["step"] - same_kind[0]["step"]) / (MOST_POINTS / 2), -math.inf
    thinned = []
    for earlier in curve:
        if earlier.keys() != point.keys() or earlier is point:
            thinned.append(earlier)
        elif earlier["step"] >= last + gap:
            thinned.append(earlier)
            last = earlier["step"]
    return thinned
