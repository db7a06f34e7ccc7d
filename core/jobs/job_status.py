"""What a run's folder says about it.

    runs/RUN_ID/job.json        what was asked: name, created, attempt, settings
    runs/RUN_ID/progress.json   what the worker did, written by `recorder` alone
    runs/RUN_ID/curves.json     how losses and errors went, stage by stage, written likewise
    runs/RUN_ID/cancel-N        attempt N is to end
    runs/RUN_ID/out/            the results

Takes run ids, gives JobStatus. Reading never waits: files are replaced whole, and one that is missing
or garbled counts as not written yet. Changing anything is left to `core.jobs` and the worker. An
attempt is one passage through the queue; each resuming begins a new one, so that an order to end the
last attempt can never end this one.
"""

import contextlib
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core.errors import BadInput
from core.jobs import lock
from core.store import Store, write_json

State = Literal["waiting", "running", "done", "failed", "cancelled"]

ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
PROGRESS_KEYS = {"attempt", "state", "worker", "starts", "stages", "current", "error", "started", "finished"}
MOST_LETTERS = 80
"""Length of a run's name; what is longer is cut, whoever wrote it."""
PACE_SECONDS, PACE_SHARE = 5.0, 0.05
"""A stage's pace is known after so long, and once so much of it is done."""
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


_ended: dict[str, tuple[Any, "JobStatus"]] = {}
"""Runs that have ended, by folder, with the version of the files that say so: a list of many is then quick."""


@dataclass(frozen=True)
class StageStatus:
    """One stage of a run."""

    name: str
    done: float
    """Share that is done, 0 to 1."""
    message: str
    """The stage's last line for people."""
    seconds: float | None
    """How long it took; for one that came from the cache of an earlier attempt, how long it took then.
    None until it has ended."""
    began: float | None = None
    """When it began, or began anew on its next part."""
    curve: tuple[dict[str, float], ...] = ()
    """Points of the stage's curves: `step`, and each line's value there. `runs` leaves them out."""

    def seconds_left(self, now: float) -> float | None:
        """Return how long the stage will take at its pace so far, None where that is not known yet."""
        ran = now - self.began if self.began else 0.0
        if ran < PACE_SECONDS or not PACE_SHARE <= self.done < 1:
            return None
        return ran * (1 - self.done) / self.done


@dataclass(frozen=True)
class JobStatus:
    """Where a run stands. Times are seconds since 1970, None for what has not happened."""

    run_id: str
    name: str
    """What people call it, at most MOST_LETTERS long; untrusted."""
    state: State
    message: str
    """One line for people on what the run is doing or waiting for."""
    stages: tuple[StageStatus, ...]
    """In the chain's order; empty until the worker has taken up the run."""
    current: StageStatus | None
    """The stage that reported last: at work, or where the run ended."""
    error: str | None
    """What went wrong and what to do, where the run failed."""
    created: float
    started: float | None
    finished: float | None
    settings: dict[str, Any]
    """What was asked for, as `settings_from_dict` reads it."""

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0 to 1, every stage counted alike."""
        if not self.stages:
            return 0.0
        return sum(stage.done for stage in self.stages) / len(self.stages)


def status(run_id: str, store: Store) -> JobStatus:
    """Return where a run stands. Raises BadInput where there is no such run."""
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
    if progress and progress["attempt"] != job["attempt"]:
        progress = {}
    stages = tuple(StageStatus(**stage) for stage in progress.get("stages", ()))
    current = next((stage for stage in stages if stage.name == progress["current"]), None)
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
        error=progress.get("error"),
        created=job["created"],
        started=progress.get("started"),
        finished=progress.get("finished"),
        settings=job["settings"],
    )


def runs(store: Store) -> list[JobStatus]:
    """Return where every run stands, newest first."""
    jobs = []
    with contextlib.suppress(FileNotFoundError), os.scandir(store.root / "runs") as folders:
        for folder in folders:
            if RUN_ID.fullmatch(folder.name):
                # Deleted meanwhile, or a kill came between making the folder and filling it.
                with contextlib.suppress(BadInput):
                    jobs.append(_remembered(folder, store))
    return sorted(jobs, key=lambda job: (job.created, job.run_id), reverse=True)


def _remembered(folder: os.DirEntry[str], store: Store) -> JobStatus:
    """Return where a run stands; one that has ended is read again only when its files were replaced."""
    version = tuple(_version(f"{folder.path}/{name}") for name in ("job.json", "progress.json"))
    ended = _ended.get(folder.path)
    if ended and ended[0] == version:
        return ended[1]
    job = _status(folder.name, store)
    if job.finished:
        _ended[folder.path] = version, job
    return job


def _version(path: str) -> tuple[int, int] | None:
    """Return what tells a file from one that replaces it; None where there is none."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - a Path costs more than the call
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def unfinished(store: Store) -> list[JobStatus]:
    """Return which runs want a worker, newest first."""
    return [job for job in runs(store) if job.state not in ENDED]


def run_folder(run_id: str, store: Store) -> Path:
    """Return the folder of a run's results; it exists once the chain has written something."""
    return folder_of(run_id, store) / "out"


def folder_of(run_id: str, store: Store) -> Path:
    """Return the folder of a run. Raises BadInput for what is no run id, since ids come from links."""
    if not RUN_ID.fullmatch(run_id):
        raise BadInput(f"{run_id[:40]!r} is not the id of a run; pick one from the list of runs")
    return store.root / "runs" / run_id


def job_of(folder: Path) -> dict[str, Any]:
    """Return what was asked: `name`, `created`, `attempt`, `settings`. Raises BadInput where there is none."""
    job = _read(folder / "job.json")
    kinds = {"name": str, "created": float, "attempt": int, "settings": dict}
    if all(isinstance(job.get(key), kind) for key, kind in kinds.items()):
        return job
    raise BadInput(f"there is no run {folder.name}; pick one from the list of runs")


def short_name(name: str) -> str:
    """Return a name on one line that a list has room for.

    >>> short_name(" my  run ")
    'my run'
    """
    # Cut first, so that a name of any size costs nothing.
    return " ".join(name[: 10 * MOST_LETTERS].split())[:MOST_LETTERS].strip()


def write_job(folder: Path, job: dict[str, Any]) -> None:
    """Write what was asked."""
    write_json(folder / "job.json", job)


def progress_of(folder: Path) -> dict[str, Any]:
    """Return what the worker wrote about the last attempt it took up, {} where there is nothing whole."""
    progress = _read(folder / "progress.json")
    return progress if set(progress) == PROGRESS_KEYS else {}


def curves_of(folder: Path) -> dict[str, list[dict[str, float]]]:
    """Return the points of each stage's curves, {} where there are none."""
    curves = _read(folder / "curves.json")
    return {stage: points for stage, points in curves.items() if isinstance(points, list)}


def cancel_file(folder: Path, attempt: int) -> Path:
    """Return the file whose presence tells the worker, and a worker to come, to end this attempt."""
    return folder / f"cancel-{attempt}"


def _state(root: Path, progress: dict[str, Any], cancelled: bool) -> tuple[State, str]:
    """Return state and message; what a worker wrote counts as running only while that worker lives."""
    written = progress.get("state")
    if written in ENDED:
        return written, ""
    worker = lock.holder(root)
    if written == "running" and worker == progress["worker"]:
        return "running", "is being cancelled" if cancelled else ""
    if cancelled:
        return "cancelled", ""
    if written == "running":
        return "waiting", "the worker ended in mid-work; a new one goes on after the last finished stage"
    return "waiting", "waits for its turn" if worker else "waits for the worker to start"


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
