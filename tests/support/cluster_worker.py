"""Workers of several machines, for tests: processes on this one, with short times, and a chain that waits."""

import os
import time
from pathlib import Path

from core.progress import Report
from core.settings import RunSettings
from core.store import Store

STAGES = ("first", "second", "third")
BEAT_SECONDS, SILENT_SECONDS = 0.3, 8.0
LOST_SECONDS = {"waiting": 4.0, "real": 10.0}
"""By chain: while the training libraries are imported, nobody signs for seconds."""


def waiting_chain(settings: RunSettings, store: Store, report: Report, out: Path) -> None:
    """Build an artifact, wait for the file `go`, and write a result."""

    def build(folder: Path) -> None:
        (folder / "n.txt").write_text("1")
        with (store.root / "built").open("a") as file:
            file.write(f"{settings.seed}\n")

    report("first", 0, "begins")
    store.artifact("first", "1", {"seed": settings.seed}, build)
    report("first", 1, "is built")
    while not (store.root / "go").exists():
        report("second", 0.5, "waits for go")
        time.sleep(0.02)
    report("third", 1, "ends")
    (out / "result.txt").write_text(str(settings.seed))


def work(chain: str) -> None:
    """Be a worker with a chain, `waiting` or `real`, as `python -m core worker` is.

    Its clock is SKEW seconds ahead of the others.
    """
    ahead, clock = float(os.environ.get("SKEW", "0")), time.time
    time.time = lambda: clock() + ahead
    from core.cli import app
    from core.jobs import __main__ as loading
    from core.jobs.cluster import database, heartbeat, worker

    worker.QUEUEING_SECONDS = 2.0
    heartbeat.BEAT_SECONDS, database.LOST_SECONDS = BEAT_SECONDS, LOST_SECONDS[chain]
    if chain == "waiting":
        loading.load = lambda store: (waiting_chain, STAGES)  # type: ignore[assignment,return-value]
    raise SystemExit(app.main(["worker"]))
