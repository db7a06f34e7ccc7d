"""Many visitors at once, for long: no page fails, and the memory of server, worker and reader stays as it was."""

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from core import jobs
from core.jobs import lock, worker_starts
from core.jobs.progress_file import ENDED
from core.store import Store
from faults.campaign import SEED, SHARE, Row
from faults.small import SETTINGS
from faults.visitors import PAGES, PATIENCE, Server, Visitor, children, megabytes, visit

pytestmark = [pytest.mark.slow, pytest.mark.faults]
SESSIONS, SECONDS = 20, 600 * SHARE
PAUSE = (2.0, 8.0)
"""Seconds that a visitor looks at a page."""
GROWTH = 300
"""Most MB that a process may grow after it was first used."""
TEXTS = (
    "A slow and tender story about two lovers.",
    "A rocket to an alien planet.",
    "Murder in the dark. " * 40,
)


@pytest.mark.skipif(not SHARE, reason="takes long; a part of make test-faults")
def test_many_sessions_leave_the_memory_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, log = Store(tmp_path / "cache"), tmp_path / "server.log"
    row = Row(f"{SESSIONS} sessions for {SECONDS / 60:g} minutes")
    monkeypatch.setattr(worker_starts, "start", lambda root: None)
    run_id = jobs.start(SETTINGS, store)
    server = Server(store.root, log)
    try:
        finish(server, store, run_id)
        with visit(server) as visitor:
            tour(visitor, run_id, random.Random(SEED), row)
        before = memory(server, store)
        sessions = [
            threading.Thread(target=session, args=(server, run_id, number, row)) for number in range(SESSIONS)
        ]
        for each in sessions:
            each.start()
        for each in sessions:
            each.join()
        finish(server, store, jobs.start(SETTINGS.replace(seed=7), store))
        after = memory(server, store)
        row.megabytes = max(memory(server, store, most=True).values())
    finally:
        server.end()
        if worker := lock.holder(store.root):
            os.kill(worker, signal.SIGKILL)
    row.note = "; ".join(f"{name} {before[name]:.0f} MB before, {after[name]:.0f} after" for name in before)
    row.saw("the server", log.read_text())
    assert row.tried >= SESSIONS
    for name in before:
        if after[name] > before[name] + GROWTH:
            row.lost.append(f"the {name} grew from {before[name]:.0f} to {after[name]:.0f} MB")
    row.check()


def finish(server: Server, store: Store, run_id: str) -> None:
    """Wait for the end of a run, whose worker a visit starts."""
    until = time.monotonic() + PATIENCE
    while jobs.status(run_id, store).state not in ENDED and time.monotonic() < until:
        with visit(server) as visitor:
            visitor.open("Train", run=run_id)
        time.sleep(0.5)
    assert jobs.status(run_id, store).state == "done"


def session(server: Server, run_id: str, number: int, row: Row) -> None:
    """Visit pages until the time is over; begin anew now and then, as a browser that reloads."""
    rng, until = random.Random(f"{SEED} {number}"), time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            with visit(server) as visitor:
                for _ in range(rng.randrange(5, 30)):
                    act(visitor, run_id, rng, row)
                    if time.monotonic() > until:
                        break
                    time.sleep(rng.uniform(*PAUSE))
        except (WebSocketException, TimeoutError, OSError) as error:
            row.lost.append(f"session {number}: {type(error).__name__} {error}")


def act(visitor: Visitor, run_id: str, rng: random.Random, row: Row) -> None:
    """Open a page, and sometimes read a review there."""
    page = rng.choice(PAGES)
    open_page(visitor, page, run_id, rng)
    if page == "Try_a_review" and rng.random() < 0.5:
        visitor.use(page, "Read this review", Review=rng.choice(TEXTS))
    row.tried += 1
    row.tracebacks += visitor.exceptions
    visitor.exceptions.clear()


def open_page(visitor: Visitor, page: str, run_id: str, rng: random.Random) -> None:
    """Open a page of a run at a factor."""
    visitor.open(page, run=run_id, factor=str(rng.randrange(4)))


def tour(visitor: Visitor, run_id: str, rng: random.Random, row: Row) -> None:
    """Open each page once, and read a review."""
    for page in PAGES:
        open_page(visitor, page, run_id, rng)
    visitor.open("Try_a_review", run=run_id)
    visitor.use("Try_a_review", "Read this review", Review=TEXTS[0])
    row.tracebacks += visitor.exceptions


def memory(server: Server, store: Store, most: bool = False) -> dict[str, float]:
    """Return the MB of server, worker and reader; 0 where one does not live."""
    pids = {"server": server.process.pid, "worker": lock.holder(store.root) or 0}
    pids["reader"] = next(iter(children(server.process.pid, "core.inference")), 0)
    return {name: megabytes(pid, most) for name, pid in pids.items()}
