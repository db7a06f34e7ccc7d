"""The chain in the background: started, watched, cancelled, continued, and outliving browser and server.

Takes the settings of a run, gives a run id; the work itself is done by the one worker process of the
cache folder, and its results lie in `run_folder`. What a run does is left to `core.pipeline.chain`, which
only the worker imports. In reading order:

    job_status  what a run's folder says about it -> JobStatus
    lock        whether the worker lives
    queue       the durable queue (DBOS)
    recorder    a Report that keeps the progress in the run's folder
    worker      the process that does the work; `python -m core.jobs --cache DIR`

A run's folder says what people see; the queue only says what is to be done. So pages read small files
and never wait for a database, and a lost queue loses no result.
"""

import contextlib
import secrets
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from core.errors import StorageError
from core.jobs.job_status import (
    JobStatus,
    StageStatus,
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
from core.locks import exclusive
from core.settings import RunSettings
from core.store import Store, disk_errors

__all__ = [
    "JobStatus",
    "StageStatus",
    "cancel",
    "delete",
    "ensure_worker",
    "rename",
    "resume",
    "run_folder",
    "runs",
    "start",
    "start_once",
    "status",
]

LOCK = "runs.lock"
"""In the cache folder: held by whoever decides about runs."""
STOPPING_SECONDS = 3.0
"""How long `delete` waits for the worker to leave the run's folder; cancelling takes at most 2 s."""


def start(settings: RunSettings, store: Store, name: str | None = None) -> str:
    """Queue a run and return its id; a worker takes it up within seconds.

    Ids sort by time: `20261124-131502-ab12`. A run without a name is called by its id. Raises
    StorageError where the cache folder cannot be written, and leaves nothing behind then.
    """
    created = time.time()
    run_id = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(created))}-{secrets.token_hex(2)}"
    folder = folder_of(run_id, store)
    job = {
        "name": short_name(name or "") or run_id,
        "created": created,
        "attempt": 1,
        "settings": settings.model_dump(),
    }
    try:
        # A folder that exists raises: two runs never share an id.
        folder.mkdir(parents=True)
        write_job(folder, job)
        _enqueue(store, run_id, 1)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise StorageError(
            f"{folder} cannot be written ({error.strerror}); free some space, or set FACTORSCOPE_CACHE to "
            "a folder that can"
        ) from error
    except StorageError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    ensure_worker(store)
    return run_id


def start_once(settings: RunSettings, store: Store) -> str:
    """Return the id of the oldest run, starting it where there is none: however many ask at once, one job."""
    with exclusive(store.root / LOCK):
        started = runs(store)
        if not started:
            return start(settings, store)
    ensure_worker(store)
    return started[-1].run_id


def cancel(run_id: str, store: Store) -> None:
    """End a run within 2 s, also one that waits; what it has finished stays in the cache.

    A run that has ended stays as it is.
    """
    if status(run_id, store).state in ("waiting", "running"):
        folder = folder_of(run_id, store)
        cancel_file(folder, job_of(folder)["attempt"]).touch()


def resume(run_id: str, store: Store) -> None:
    """Queue a cancelled or failed run once more; finished stages come from the cache.

    Any other run stays as it is, so asking twice does no harm.
    """
    with exclusive(store.root / LOCK):
        folder = folder_of(run_id, store)
        state = status(run_id, store).state
        job = job_of(folder)
        # The next attempt begins when one that is still being cancelled has ended.
        ending = state == "running" and cancel_file(folder, job["attempt"]).exists()
        if ending or state in ("cancelled", "failed"):
            write_job(folder, job | {"attempt": job["attempt"] + 1})
            _enqueue(store, run_id, job["attempt"] + 1)
    ensure_worker(store)


def rename(run_id: str, name: str, store: Store) -> None:
    """Call a run otherwise; without a name it is called by its id. Raises BadInput or StorageError."""
    with disk_errors(store.root), exclusive(store.root / LOCK):
        folder = folder_of(run_id, store)
        write_job(folder, job_of(folder) | {"name": short_name(name) or run_id})


def delete(run_id: str, store: Store) -> None:
    """Remove a run and its results, cancelling it first where needed. The cache keeps its artifacts."""
    cancel(run_id, store)
    folder = folder_of(run_id, store)
    until = time.monotonic() + STOPPING_SECONDS
    while status(run_id, store).state == "running" and time.monotonic() < until:
        time.sleep(0.05)
    # Renamed first, so that no reader finds half a run; a worker that still writes ends without its folder.
    hidden = folder.with_name(f".{folder.name}")
    # Somebody else may have been quicker.
    with contextlib.suppress(FileNotFoundError):
        folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def ensure_worker(store: Store) -> None:
    """Make sure that a worker lives where there is work to do; pages call it on each rerun.

    Takes microseconds while one lives. A new worker first continues what the last one left.
    """
    if holder(store.root) is not None or not unfinished(store):
        return
    with (store.root / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            _command(store.root),
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own session: closing the terminal or stopping the server leaves it at work.
            start_new_session=True,
        )
    # A parent has to wait for it, or its entry stays in the process table for as long as the server runs.
    threading.Thread(target=process.wait, daemon=True).start()


def _command(root: Path) -> list[str]:
    return [sys.executable, "-m", "core.jobs", "--cache", str(root.resolve())]


def _enqueue(store: Store, run_id: str, attempt: int) -> None:
    # Imported here, since DBOS takes 0.4 s to import and pages that only look need none of it.
    from core.jobs.queue import enqueue

    enqueue(store.root, run_id, attempt)
