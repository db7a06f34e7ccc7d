"""A worker of several machines: takes one run at a time from the queue in the database, until it is ended.

Any number of them share a cache folder. One that is killed or cut off is replaced by the others; one that finds
itself given up replaces its own process by a new one, so that nothing of it goes on writing.
"""

import contextlib
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

from core.code_version import version
from core.errors import BadInput, QueueError
from core.jobs import lock
from core.jobs.cluster import heartbeat
from core.jobs.cluster.database import Unreachable, admit, database_url, place
from core.jobs.cluster.heartbeat import Heartbeat
from core.jobs.job_status import folder_of, is_at_work, job_of
from core.jobs.leftovers import forget_leftovers
from core.jobs.progress_file import progress_of
from core.jobs.queue import has_ended, recover, serve
from core.jobs.worker import CACHE_BYTES, Chain, Workplace, perform, queue_again, queue_all
from core.paths import machine
from core.store import Store

AGAIN = "FACTORSCOPE_WORKER_AGAIN"
"""Set in the environment of a process that takes the place of a worker that was given up."""
QUEUEING_SECONDS = 60.0
"""Time between two looks for runs that are not in the queue, as after the loss of the database."""
SHOWING_SECONDS = 60.0
"""Most that a shared file system may take to show a file that another machine wrote."""

log = logging.getLogger(__name__)


def main(cache: Path, load: Callable[[Store], tuple[Chain, tuple[str, ...]]]) -> None:
    """Work until the process is asked to end; `load` returns the chain and the names of its stages.

    Raise QueueError where there is no database, or it refuses this machine.
    """
    url = database_url()
    if url is None:
        raise QueueError(
            "the dashboard starts its worker by itself; for several machines set FACTORSCOPE_DATABASE to the URL of "
            "their database"
        )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("core").setLevel(logging.INFO)
    store = Store(cache)
    if lock.holder(store.root) is not None:
        raise BadInput(f"the worker of a dashboard serves {store.root}; end both, and start this one again")
    name = f"{machine()}-{os.getpid()}-{secrets.token_hex(2)}"
    _enter(store.root, url, name)
    beating = Heartbeat(store.root, url, name, _begin_anew)
    try:
        beating.sign()
        beating.start()
        log.info("worker %s of version %s begins; queue: %s", name, version(), place(url))
        log.info("%d folders of old or half-built artifacts deleted", store.prune(CACHE_BYTES))
        log.info("%d other leftovers of killed processes deleted", forget_leftovers(store.root))
        chain, stages = load(store)
        here = Workplace(store, chain, stages, name, beating.permit)

        def perform_here(run_id: str, attempt: int) -> str:
            _wait_for_earlier(run_id, attempt, here)
            return perform(run_id, attempt, here)

        while not _queued_all(store):
            time.sleep(heartbeat.BEAT_SECONDS)
        serve(store.root, perform_here, name)
        _look_after_runs(store, beating)
    except SystemExit:
        log.info("worker %s ends", name)
    finally:
        beating.leave()
    logging.shutdown()
    # The threads of DBOS and of the training libraries could delay an ordinary exit indefinitely.
    os._exit(0)


def _end(*_: object) -> NoReturn:
    """End the process in its main thread, wherever that is."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _enter(root: Path, url: sa.URL, name: str) -> None:
    """Sign for the first time; a worker that was given up waits for the database. Raises QueueError."""
    while True:
        try:
            admit(root, url, name)
        except Unreachable as error:
            if AGAIN not in os.environ:
                raise
            log.warning("%s", error)
            time.sleep(heartbeat.BEAT_SECONDS)
        else:
            os.environ.pop(AGAIN, None)
            return


def _begin_anew() -> NoReturn:
    """Replace this process by a new worker, at once and with all its threads."""
    log.warning(
        "this worker was given up while it could not sign; it leaves its run to others, and begins anew"
    )
    logging.shutdown()
    os.environ[AGAIN] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _look_after_runs(store: Store, beating: Heartbeat) -> NoReturn:
    """Put runs without a worker back into the queue, again and again."""
    queued, ended = time.monotonic(), set[tuple[str, int]]()
    while True:
        time.sleep(heartbeat.BEAT_SECONDS)
        # The heartbeat tells of a database that does not answer.
        with contextlib.suppress(Unreachable):
            recover(beating.alive)
        if time.monotonic() - queued >= QUEUEING_SECONDS and _queued_all(store):
            queued, ended = time.monotonic(), _queued_again(store, ended)


def _queued_all(store: Store) -> bool:
    """Queue runs that are not in the queue; return whether the database answers. Raises QueueError."""
    try:
        queue_all(store)
    except Unreachable:
        return False
    return True


def _queued_again(store: Store, before: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Queue the runs that never had an end written, and return those that seem so; `before` are those that did.

    A shared file system shows the end of a run later than the queue does, so a run has to seem so twice.
    """
    seem: set[tuple[str, int]] = set()

    def ended(run_id: str, attempt: int) -> bool:
        if has_ended(run_id, attempt):
            seem.add((run_id, attempt))
        return (run_id, attempt) in seem & before

    queue_again(store, ended)
    return seem


def _wait_for_earlier(run_id: str, attempt: int, here: Workplace) -> None:
    """Wait until this machine sees the run's request, and no other worker is at an earlier attempt."""
    until = time.monotonic() + SHOWING_SECONDS
    while True:
        try:
            folder = folder_of(run_id, here.store)
            seen = job_of(folder)["attempt"] >= attempt
        except BadInput:
            return
        progress = progress_of(folder)
        earlier = (
            progress is not None
            and progress.attempt < attempt
            and progress.state == "running"
            and progress.worker != here.worker
            and is_at_work(here.store.root, progress.worker)
        )
        if (seen or time.monotonic() >= until) and not earlier:
            return
        time.sleep(0.2)
