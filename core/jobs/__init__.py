"""The chain in the background: start, watch, cancel and resume runs, which outlive browser and server.

Takes the settings of a run, returns a run id. The one worker process of the cache folder does the work and
writes its results to `run_folder`. What a run does is left to `core.pipeline.chain`, which
only the worker imports. In reading order:

    job_status  a run's folder -> JobStatus
    lock        whether a worker is alive
    progress_file  the progress of a run, as its worker writes it
    worker_starts  how a worker is started, and what became of it
    queue       the durable queue (DBOS)
    leftovers   what killed processes left is deleted
    recorder    a Report that writes the progress to the run's folder
    worker      the worker process; `python -m core.jobs --cache DIR`
    cluster/    several machines: a queue on Postgres, and workers that replace each other
    export      a run's folder -> one zip archive

and what is known of a run from earlier ones:

    stage_costs     what a stage's seconds grow with, and what decides whether it is in the cache
    past_runs       finished runs -> seconds by stage, settings, sizes
    time_left       a run under way -> the time left
    reviewed_films  ratings and reviews -> the films that can be had
    obstacles       settings -> why a run should not start

Pages read a run's status from small files in its folder and never wait for a database. The queue holds only
what remains to be done, so a lost queue loses no result.
"""

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import QueueError, StorageError
from core.jobs import worker_starts
from core.jobs.cluster.mark import cluster_id, refuse_without_database
from core.jobs.job_status import (
    JobStatus,
    cancel_file,
    folder_of,
    job_of,
    run_folder,
    runs,
    short_name,
    status,
    unfinished,
    write_job,
)
from core.jobs.lock import holder
from core.jobs.progress_file import StageStatus
from core.locks import exclusive
from core.paths import database_address
from core.settings import RunSettings
from core.store import Store, disk_errors, remove

__all__ = [
    "JobStatus",
    "StageStatus",
    "cancel",
    "delete",
    "ensure_worker",
    "rename",
    "repeat",
    "resume",
    "run_folder",
    "runs",
    "start",
    "start_once",
    "status",
]

LOCK = "runs.lock"
"""Lock file in the cache folder, held by whoever changes a run's request."""
STOPPING_SECONDS = 3.0
"""Time that `delete` waits for the worker to leave the run's folder; cancelling takes at most 2 s."""


def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
    """Queue a run and return its id; a worker takes it up within seconds.

    Ids sort by time: `20261124-131502-ab12`. A run without a name is called by its id. Raises StorageError
    or QueueError, and leaves no files, where the cache folder cannot be written or the queue not be reached.
    """
    created = time.time()
    folder = _new_folder(created, store)
    run_id = folder.name
    job = {
        "name": short_name(name or "") or run_id,
        "created": created,
        "attempt": 1,
        "settings": settings.model_dump(),
    }
    try:
        write_job(folder, job)
        _enqueue(store, run_id, 1)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _cannot_be_written(folder, error) from error
    except (StorageError, QueueError):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    ensure_worker(store)
    return run_id


def _new_folder(created: float, store: Store) -> Path:
    """Make the folder of a new run, whose id no other run has. Raises StorageError."""
    while True:
        run_id = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(created))}-{secrets.token_hex(2)}"
        folder = folder_of(run_id, store)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot_be_written(folder, error) from error
        return folder


def _cannot_be_written(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{folder} cannot be written ({error.strerror}); free some space, or set FACTORSCOPE_CACHE to a folder "
        "that can"
    )


def start_once(settings: RunSettings, store: Store) -> str:
    """Return the id of the oldest run, starting one where there is none; concurrent calls start only one."""
    with one_at_a_time(store):
        started = runs(store)
        if not started:
            return start(settings, store)
    ensure_worker(store)
    return started[-1].run_id


def cancel(run_id: str, store: Store) -> None:
    """Cancel a running or waiting run within 2 s; its finished stages stay in the cache.

    A run that has ended stays as it is.
    """
    if status(run_id, store).state in ("waiting", "running"):
        folder = folder_of(run_id, store)
        cancel_file(folder, job_of(folder)["attempt"]).touch()


def resume(run_id: str, store: Store) -> None:
    """Queue a cancelled or failed run once more; finished stages come from the cache.

    Any other run stays as it is, so a second call has no effect.
    """
    with one_at_a_time(store):
        folder = folder_of(run_id, store)
        state = status(run_id, store).state
        job = job_of(folder)
        # An attempt that is still being cancelled ends first; the next one follows it.
        ending = state == "running" and cancel_file(folder, job["attempt"]).exists()
        if ending or state in ("cancelled", "failed"):
            next_attempt(run_id, store)
    ensure_worker(store)


def repeat(run_id: str, store: Store) -> None:
    """Queue a finished run once more; its stages come from the cache, and its files are replaced as a whole."""
    with one_at_a_time(store):
        if status(run_id, store).state == "done":
            next_attempt(run_id, store)
    ensure_worker(store)


def next_attempt(run_id: str, store: Store) -> None:
    """Queue a run once more; the caller holds the lock.

    Raises OSError, StorageError or QueueError, and leaves the run as it was.
    """
    folder = folder_of(run_id, store)
    job = job_of(folder)
    write_job(folder, job | {"attempt": job["attempt"] + 1})
    try:
        _enqueue(store, run_id, job["attempt"] + 1)
    except (StorageError, QueueError):
        with contextlib.suppress(OSError):
            write_job(folder, job)
        raise


def rename(run_id: str, name: str, store: Store) -> None:
    """Rename a run; an empty name restores its id. Raises BadInput or StorageError."""
    with disk_errors(store.root), one_at_a_time(store):
        folder = folder_of(run_id, store)
        write_job(folder, job_of(folder) | {"name": short_name(name) or run_id})


def delete(run_id: str, store: Store) -> None:
    """Remove a run and its results, cancelling it first where needed. Its artifacts stay in the cache."""
    cancel(run_id, store)
    folder = folder_of(run_id, store)
    until = time.monotonic() + STOPPING_SECONDS
    while status(run_id, store).state == "running" and time.monotonic() < until:
        time.sleep(0.05)
    # Renamed first, so that no reader finds part of a run; a worker that still writes ends without it.
    hidden = folder.with_name(f".{folder.name}")
    # Another process may have removed it first.
    with contextlib.suppress(FileNotFoundError):
        folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def ensure_worker(store: Store) -> None:
    """Start a worker where there is work and none is alive; pages call this on each rerun.

    Takes microseconds while one is alive, or where a database has the queue: workers of several machines are started
    by hand. A new worker first continues the runs that the last one left. One that
    died at its start is started again after a pause.
    """
    if database_address() or holder(store.root) is not None or not unfinished(store):
        return
    if cluster_id(store.root) is None:
        worker_starts.start(store.root)


@contextlib.contextmanager
def one_at_a_time(store: Store) -> Iterator[None]:
    """Hold the lock for changes of the runs."""
    path = store.root / LOCK
    if path.is_dir() or path.is_symlink():
        # No lock can have this name, and it is ours.
        remove(path)
    with exclusive(path):
        yield


def _enqueue(store: Store, run_id: str, attempt: int) -> None:
    # Imported here, since DBOS takes 0.4 s to import and pages that start no run do not need it.
    from core.jobs.queue import enqueue, mend

    refuse_without_database(store.root)
    if database_address() is None and holder(store.root) is None:
        mend(store.root)
    enqueue(store.root, run_id, attempt)
