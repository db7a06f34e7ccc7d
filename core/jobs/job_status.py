"""A run's folder -> its status.

    runs/RUN_ID/job.json        the request: name, created, attempt, settings
    runs/RUN_ID/progress.json   the worker's progress, written only by `recorder`
    runs/RUN_ID/curves.json     losses and errors by stage, written likewise
    runs/RUN_ID/cancel-N        a request to end attempt N
    runs/RUN_ID/out/            the results

Takes run ids, returns JobStatus. Reading never waits: files are replaced atomically, and a missing or damaged
one counts as not written yet. Changes are left to `core.jobs` and the worker. An attempt is one passage
through the queue; each resumption starts a new one, so that a request to cancel the last attempt cannot
cancel this one.
"""

import contextlib
import math
import os
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.jobs import lock
from core.jobs.cluster.mark import cluster_id
from core.jobs.cluster.presence import is_alive, is_any_alive
from core.jobs.progress_file import ENDED, Progress, StageStatus, State, progress_of
from core.jobs.worker_starts import starts
from core.paths import database_address
from core.store import Store, read_json, write_json

MOST_LETTERS = 80
"""Most characters of a run's name; longer names are cut."""
MID_WORK = "its worker is gone; another goes on after the last finished stage"
NO_DATABASE = "workers of a database serve this folder; set FACTORSCOPE_DATABASE"
NO_WORKER = "waits for a worker, and none is there; start one by `python -m core worker`"
TURN = "waits for its turn"
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


_ended: dict[str, tuple[Any, "JobStatus"]] = {}
"""Folder -> version of its files and status, of ended runs, so that a list of many runs is quick."""


@dataclass(frozen=True)
class JobStatus:
    """The status of a run. Times are seconds since 1970, None for what has not happened."""

    run_id: str
    name: str
    """Given by a user, at most MOST_LETTERS long; untrusted."""
    state: State
    message: str
    """One line for people: what the run is doing or waiting for."""
    stages: tuple[StageStatus, ...]
    """In the chain's order; empty until the worker has taken up the run."""
    current: StageStatus | None
    """The stage that reported last: at work, or where the run ended."""
    error: str | None
    """Cause and remedy, where the run failed."""
    created: float
    started: float | None
    finished: float | None
    settings: dict[str, Any]
    """As requested, in the form that `settings_from_dict` reads."""

    @property
    def reporting(self) -> StageStatus | None:
        """The stage that `message` is from; None where the run itself says why it waits or ends."""
        return self.current if self.current and self.message == self.current.message else None

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0 to 1, with equal weight for every stage."""
        if not self.stages:
            return 0.0
        return sum(stage.done for stage in self.stages) / len(self.stages)


def status(run_id: str, store: Store) -> JobStatus:
    """Return the status of a run. Raises BadInput where there is no such run."""
    summary = _status(run_id, store)
    curves = curves_of(folder_of(run_id, store))
    stages = tuple(replace(stage, curve=tuple(curves.get(stage.name, ()))) for stage in summary.stages)
    current = next(
        (stage for stage in stages if summary.current and stage.name == summary.current.name), None
    )
    return replace(summary, stages=stages, current=current)


def _status(run_id: str, store: Store) -> JobStatus:
    folder = folder_of(run_id, store)
    job = job_of(folder)
    progress = progress_of(folder)
    if progress and progress.attempt != job["attempt"]:
        progress = None
    stages = progress.stages if progress else ()
    current = next((stage for stage in stages if progress and stage.name == progress.current), None)
    state, message = _state(store.root, progress, cancel_file(folder, job["attempt"]).exists())
    if state == "running" and not message and current:
        message = current.message
    return JobStatus(
        run_id=run_id,
        name=short_name(job["name"]) or run_id,
        state=state,
        message=message,
        stages=stages,
        current=current,
        error=progress.error if progress else None,
        created=job["created"],
        started=progress.started if progress else None,
        finished=progress.finished if progress else None,
        settings=job["settings"],
    )


def runs(store: Store) -> list[JobStatus]:
    """Return the status of every run, newest first."""
    jobs = []
    with contextlib.suppress(FileNotFoundError), os.scandir(store.root / "runs") as folders:
        for folder in folders:
            if RUN_ID.fullmatch(folder.name):
                # Deleted meanwhile, or killed between creating the folder and filling it.
                with contextlib.suppress(BadInput):
                    jobs.append(_cached_status(folder, store))
    return sorted(jobs, key=lambda job: (job.created, job.run_id), reverse=True)


def _cached_status(folder: os.DirEntry[str], store: Store) -> JobStatus:
    """Return the status of a run; an ended run is read again only when its files were replaced."""
    version = tuple(_version(f"{folder.path}/{name}") for name in ("job.json", "progress.json"))
    ended = _ended.get(folder.path)
    if ended and ended[0] == version:
        return ended[1]
    job = _status(folder.name, store)
    if job.finished:
        _ended[folder.path] = version, job
    return job


def _version(path: str) -> tuple[int, int] | None:
    """Return a value that changes when a file is replaced; None where there is no file."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - a Path costs more than the call
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def unfinished(store: Store) -> list[JobStatus]:
    """Return the runs that still need a worker, newest first."""
    return [job for job in runs(store) if job.state not in ENDED]


def run_folder(run_id: str, store: Store) -> Path:
    """Return the folder of a run's results; it exists once the chain has written something."""
    return folder_of(run_id, store) / "out"


def folder_of(run_id: str, store: Store) -> Path:
    """Return the folder of a run. Raises BadInput for an invalid id, since ids come from links."""
    if not RUN_ID.fullmatch(run_id):
        raise BadInput(f"{run_id[:40]!r} is not the id of a run; pick one from the list of runs")
    return store.root / "runs" / run_id


def job_of(folder: Path) -> dict[str, Any]:
    """Return a run's request: `name`, `created`, `attempt`, `settings`. Raises BadInput without one."""
    job = _read(folder / "job.json")
    kinds = {"name": str, "created": float, "attempt": int, "settings": dict}
    if all(isinstance(job.get(key), kind) for key, kind in kinds.items()) and math.isfinite(job["created"]):
        return job
    raise BadInput(f"there is no run {folder.name}; pick one from the list of runs")


def short_name(name: str) -> str:
    """Return a name on one line, cut to MOST_LETTERS, with ? in place of what no file can hold.

    >>> short_name(" my  run \\ud800")
    'my run ?'
    """
    # Cut first, so that a name of any size costs nothing.
    writable = name[: 10 * MOST_LETTERS].encode("utf-8", "replace").decode()
    return " ".join(writable.split())[:MOST_LETTERS].strip()


def write_job(folder: Path, job: dict[str, Any]) -> None:
    """Write a run's request."""
    write_json(folder / "job.json", job)


def curves_of(folder: Path) -> dict[str, list[dict[str, float]]]:
    """Return the points of each stage's curves, {} where there are none."""
    curves = _read(folder / "curves.json")
    return {stage: points for stage, points in curves.items() if isinstance(points, list)}


def cancel_file(folder: Path, attempt: int) -> Path:
    """Return the file whose presence makes the worker, or a later one, end this attempt."""
    return folder / f"cancel-{attempt}"


def is_at_work(root: Path, worker: int | str) -> bool:
    """Return whether a worker is alive, by its process id or its name."""
    if isinstance(worker, str):
        return is_alive(root, worker)
    return lock.holder(root) == worker


def _state(root: Path, progress: Progress | None, cancelled: bool) -> tuple[State, str]:
    """Return state and message; a run counts as running only while the worker that wrote so is alive."""
    if progress and progress.state in ENDED:
        return progress.state, ""
    running = progress is not None and progress.state == "running"
    if progress and running and is_at_work(root, progress.worker):
        return "running", "is being cancelled" if cancelled else ""
    if cancelled:
        return "cancelled", ""
    if database_address():
        if is_any_alive(root):
            return "waiting", MID_WORK if running else TURN
        return "waiting", NO_WORKER
    if cluster_id(root):
        return "waiting", NO_DATABASE
    at_work, last = lock.holder(root), starts(root)
    if last.failed and not at_work:
        return "waiting", last.sentence(time.time())
    if running:
        return "waiting", "the worker ended in mid-work; a new one goes on after the last finished stage"
    return "waiting", TURN if at_work else "waits for the worker to start"


def _read(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
