"""The worker process: one per cache folder, one run at a time. Those of several machines are in `cluster.worker`.

Takes the chain, calls it with each run's settings, store and folder, and records the outcome. The order of
runs and the recovery of interrupted ones are left to `queue`. The worker may be killed at any moment:
artifacts appear in the store only when complete, and the next worker repeats the run, with the finished
stages from there.
"""

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import BadInput, Cancelled, QueueError, StorageError, UserError
from core.jobs import lock, next_attempt, one_at_a_time
from core.jobs.cluster.mark import refuse_without_database
from core.jobs.job_status import folder_of, job_of, run_folder, status, unfinished
from core.jobs.leftovers import forget_leftovers
from core.jobs.progress_file import ENDED
from core.jobs.queue import enqueue, has_ended, mend, serve
from core.jobs.recorder import Recorder
from core.jobs.worker_starts import ready
from core.output_folder import forget_unfinished
from core.paths import database_address
from core.progress import Report
from core.settings import RunSettings, settings_from_dict
from core.store import Store

IDLE_SECONDS = 600.0
"""A worker without work ends after this time, to free the memory of the training libraries."""
LOOKING_SECONDS = 5.0
"""Time between two checks for work."""
CACHE_BYTES = 20 * 10**9
"""Most bytes of artifacts in the cache; a starting worker deletes the least recently used beyond it."""
MOST_STARTS = 4
"""Most workers that take up an attempt. Otherwise a run that kills its worker, for example by exhausting the
memory, would be repeated for ever."""

log = logging.getLogger(__name__)


class Chain(Protocol):
    """The function that performs a run: `core.pipeline.chain.run`."""

    def __call__(self, settings: RunSettings, store: Store, report: Report, out: Path) -> object: ...


@dataclass(frozen=True)
class Workplace:
    """What a worker has to perform runs with."""

    store: Store
    chain: Chain
    stages: tuple[str, ...]
    worker: int | str
    """Its process id, or among several machines its name."""
    permit: Callable[[], None] = lambda: None
    """Returns once nobody else can have the worker's run; called before anything of the run is written."""


def main(
    cache: Path, load: Callable[[Store], tuple[Chain, tuple[str, ...]]], idle_seconds: float = IDLE_SECONDS
) -> None:
    """Work until there was nothing to do for `idle_seconds`; return at once where there is another worker.

    `load` returns the chain and the names of its stages. It is called only once this process is the worker,
    since importing the training libraries takes seconds, and before the first run, so that no run waits for
    it. Otherwise the function does not return: the process ends.
    """
    # Signals end the process at once, even if the parent process ignores them. No cleanup is needed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("core").setLevel(logging.INFO)
    if database_address():
        raise QueueError("FACTORSCOPE_DATABASE is set, so workers are started by `python -m core worker`")
    store = Store(cache)
    refuse_without_database(store.root)
    if not lock.hold(store.root):
        return
    log.info("worker %d begins", os.getpid())
    try:
        log.info("%d folders of old or half-built artifacts deleted", store.prune(CACHE_BYTES))
        log.info("%d other leftovers of killed processes deleted", forget_leftovers(store.root))
        mend(store.root)
        chain, stages = load(store)
        ready(store.root)
        queue_all(store)
        here = Workplace(store, chain, stages, os.getpid())

        def perform_here(run_id: str, attempt: int) -> str:
            return perform(run_id, attempt, here)

        serve(store.root, perform_here)
        _wait_for_idleness(store, idle_seconds)
    except Exception as error:
        # Without this, pages would start worker after worker, and each would fail.
        log.error("the worker ends: %s", error, exc_info=not isinstance(error, UserError))
        for job in unfinished(store):
            folder = folder_of(job.run_id, store)
            Recorder(folder, job_of(folder)["attempt"], ()).finish("failed", _explain(error, "the start"))
        sys.stderr.write(f"{error}\n")
        logging.shutdown()
        os._exit(1)
    log.info("worker %d ends", os.getpid())
    logging.shutdown()
    # The threads of DBOS and of the training libraries could delay an ordinary exit indefinitely.
    os._exit(0)


def queue_all(store: Store) -> None:
    """Queue runs that were requested but not queued: a kill came in between, or the queue was lost."""
    for job in reversed(unfinished(store)):
        # Deleted meanwhile.
        with contextlib.suppress(BadInput):
            enqueue(store.root, job.run_id, job_of(folder_of(job.run_id, store))["attempt"])


def perform(run_id: str, attempt: int, here: Workplace) -> str:
    """Perform a run, record its final state, and return the outcome as text. Raises nothing."""
    store = here.store
    try:
        folder = folder_of(run_id, store)
        job = job_of(folder)
    except BadInput:
        return "deleted"
    if job["attempt"] != attempt:
        return "resumed by a later attempt"
    recorder = Recorder(folder, attempt, here.stages, here.worker, here.permit)
    if recorder.ended:
        return recorder.ended
    if recorder.starts > MOST_STARTS:
        recorder.finish(
            "failed",
            f"the worker ended {MOST_STARTS} times in the midst of this run, last at {recorder.stage}. The "
            "memory may be too small: choose smaller settings, or resume the run",
        )
        return "failed"
    log.info("run %s, attempt %d begins", run_id, attempt)
    recorder.start()
    try:
        out = run_folder(run_id, store)
        out.mkdir(exist_ok=True)
        forget_unfinished(out)
        checked = store.checked(recorder.refuse_cancelled)
        here.chain(settings_from_dict(job["settings"]), checked, recorder, out)
    except Cancelled:
        recorder.finish("cancelled")
        state = "cancelled"
    except Exception as error:
        if not isinstance(error, UserError):
            log.exception("run %s failed at %s", run_id, recorder.stage)
        recorder.finish("failed", _explain(error, recorder.stage or "the start"))
        state = "failed"
    else:
        recorder.finish("done")
        state = "done"
    log.info("run %s, attempt %d: %s", run_id, attempt, state)
    return state


def _explain(error: Exception, stage: str) -> str:
    """Return one line for people; an internal error has its traceback in the log."""
    if isinstance(error, UserError):
        return str(error)
    return f"a fault of ours: {type(error).__name__} at {stage}; details in worker.log"


def _wait_for_idleness(store: Store, idle_seconds: float) -> None:
    last_work = time.monotonic()
    while time.monotonic() - last_work < idle_seconds:
        time.sleep(min(LOOKING_SECONDS, idle_seconds / 4))
        if lock.holder(store.root) != os.getpid():
            # The cache folder was emptied, and another worker may have taken over.
            return
        if unfinished(store):
            queue_again(store, has_ended)
            last_work = time.monotonic()


def queue_again(store: Store, ended: Callable[[str, int], bool]) -> None:
    """Queue the runs whose end was not written, as on a full disk, or whose state was damaged afterwards.

    `ended` says whether an attempt is over for the queue.
    """
    # Nobody else changes a request meanwhile, and no other machine counts an attempt of its own.
    with contextlib.suppress(OSError, QueueError), one_at_a_time(store):
        for job in unfinished(store):
            # Deleted meanwhile, or the disk is still full.
            with contextlib.suppress(BadInput, OSError, StorageError):
                attempt = job_of(folder_of(job.run_id, store))["attempt"]
                # A run writes its end before the queue does, so its state counts only if read after the queue's.
                if ended(job.run_id, attempt) and status(job.run_id, store).state not in ENDED:
                    next_attempt(job.run_id, store)
                    log.warning("run %s has ended, but no state says so; it is queued again", job.run_id)
