"""The durable queue of runs: DBOS on SQLite, in `jobs.sqlite` of the cache folder; for several machines on Postgres.

Takes run ids and attempts, passes them to the worker one at a time, and repeats the run of a killed worker.
Settings and status of a run are left to its folder (`job_status`). Importing DBOS takes 0.4 s, so this module
is imported only to queue or to work.
"""

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from dbos._serialization import DefaultSerializer
from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError

from core.errors import StorageError
from core.jobs.cluster.database import admit, database_url, in_words
from core.store import is_damaged

FILE = "jobs.sqlite"
APPLICATION = "factorscope"
WORKFLOW = "run"
QUEUE = "runs"
VERSION = "1"
"""DBOS recovers only work of the same application version. The default is a digest of the code, with which an
edit between a kill and the restart would strand a run. It is pinned here, since a run repeated from the start
finds its finished stages in the store, whatever the code. Raise it when the arguments change."""
EXECUTOR = "worker"
"""Fixed, so that a new worker takes over the runs of the last one; `lock` ensures that there is only one. Of several
machines each worker has its own name instead, and `recover` takes over the runs of those that are gone."""
POLLING_SECONDS = 0.5
"""Time between two polls of the queue; at 0.2 s an idle worker used 2% of a core."""


def enqueue(root: Path, run_id: str, attempt: int) -> None:
    """Queue an attempt at a run; repeated calls queue it once. Raises StorageError or QueueError."""
    _refuse_pickles()
    if database := database_url():
        admit(root, database)
    with _errors(root):
        url = _url(root)
        DBOS.migrate(url)
        client = DBOSClient(
            system_database_url=url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )
        try:
            client.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=POLLING_SECONDS)
            client.enqueue(
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": QUEUE,
                    "workflow_id": f"{run_id}-{attempt}",
                    "app_version": VERSION,
                },
                run_id,
                attempt,
            )
        finally:
            client.destroy()


def mend(root: Path) -> None:
    """Put a damaged queue aside; call it only where no worker lives.

    Nothing is lost: a worker first queues all runs that have not ended.
    """
    path = root / FILE
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            if database.execute("PRAGMA quick_check").fetchall() == [("ok",)]:
                return
    except sqlite3.DatabaseError as error:
        if not is_damaged(error):
            return
    for part in root.glob(f"{FILE}*"):
        part.rename(root / f"damaged-{time.time_ns()}-{part.name}")


def serve(root: Path, perform: Callable[[str, int], str], worker: str = EXECUTOR) -> None:
    """Call `perform(run_id, attempt)` for all attempts queued now or later, in threads of this process.

    The run of a killed worker of this name comes first. `perform` raises nothing and returns the outcome as text.
    Raises StorageError or QueueError.
    """
    _refuse_pickles()
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": _url(root),
        "executor_id": worker,
        "application_version": VERSION,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
    }
    DBOS(config=config)
    # A run is one workflow without steps: the store has the finished stages, with their files.
    # `recorder` counts how often a run is taken up again, since it can show people the reason.
    DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(perform)
    # It would log the traceback of an error that is told in words.
    library_log = logging.getLogger("dbos")
    was_disabled, library_log.disabled = library_log.disabled, True
    try:
        with _errors(root):
            DBOS.launch()
    finally:
        library_log.disabled = was_disabled


def recover(alive: Callable[[], set[str]]) -> None:
    """Put the runs of workers that are not alive back into the queue; call it where `serve` was called.

    DBOS does it once, however many workers try at the same time.
    """
    running = DBOS.list_workflows(status="PENDING", app_version=VERSION, load_input=False, load_output=False)
    # In this order, since a worker signs before it takes a run up.
    gone = {run.executor_id for run in running if run.executor_id} - alive()
    if gone:
        DBOS._recover_pending_workflows(sorted(gone))


def has_ended(run_id: str, attempt: int) -> bool:
    """Return whether an attempt is over for the queue of this worker, so that it will never be passed on again."""
    status = DBOS.get_workflow_status(f"{run_id}-{attempt}")
    return status is not None and status.status not in ("ENQUEUED", "PENDING", "DELAYED")


def _url(root: Path) -> str:
    url = database_url() or URL.create("sqlite", database=str(root / FILE))
    return url.render_as_string(hide_password=False)


@contextlib.contextmanager
def _errors(root: Path) -> Iterator[None]:
    """Raise StorageError, or for several machines QueueError, in place of an error of the database."""
    if url := database_url():
        with in_words(url):
            yield
        return
    try:
        yield
    except DatabaseError as error:
        raise StorageError(
            f"{root / FILE} cannot be used ({error.orig}); free some space, or move the file away"
        ) from error


def _refuse_pickles() -> None:
    """Prevent DBOS from unpickling: it unpickles a row marked as a pickle, whatever the serializer."""

    def refuse(self: DefaultSerializer, data: str) -> NoReturn:
        raise ValueError("the queue of runs holds a pickle, and nothing of ours is pickled")

    DefaultSerializer.deserialize = refuse  # type: ignore[method-assign,assignment]
