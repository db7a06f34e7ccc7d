"""Jobs: a fake chain in a real worker process that is killed, cancelled, or fails.

No test measures time: tests wait for a state, within limits that only a hang exceeds.
"""

import errno
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from core import jobs
from core.errors import BadInput, StorageError
from core.jobs import lock, worker_starts
from core.jobs.recorder import Recorder
from core.jobs.worker import queue_again
from core.progress import Report
from core.settings import RunSettings, preset
from core.store import Store, read_json

# Most of them start a worker process.
pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
STAGES = ("first", "second", "third")
LIMIT_SECONDS = 60
NOBODY = 999_999_999
"""A process id that none has."""


def fake_chain(settings: RunSettings, store: Store, report: Report, out: Path) -> None:
    """A chain whose `ratings` select its behaviour: `fine`, `waits` for the file `go`, `bad data` or `a bug`."""

    def build(folder: Path) -> None:
        (folder / "n.txt").write_text("1")
        with (store.root / "built").open("a") as file:
            file.write("first\n")

    report("first", 0, "begins")
    store.artifact("first", "1", {"seed": settings.seed}, build)
    report("first", 1, "is built")
    report("second", 0.5, "at work")
    if settings.ratings == "bad data":
        raise BadInput("line 3 has no rating; add one")
    if settings.ratings == "a bug":
        raise ZeroDivisionError
    while settings.ratings == "waits" and not (store.root / "go").exists():
        report("second", 0.5, "waits for go")
        time.sleep(0.02)
    report("third", 1, "ends")
    (out / "result.txt").write_text(str(settings.seed))


def work(cache: str, idle_seconds: str = "600") -> None:
    """The main function of the worker process in these tests."""
    from core.jobs.worker import main

    main(Path(cache), lambda store: (fake_chain, STAGES), float(idle_seconds))


def command(root: Path, idle_seconds: float = 600) -> list[str]:
    code = "import sys; from tests.core.jobs.test_jobs import work; work(*sys.argv[1:])"
    return [sys.executable, "-c", code, str(root), str(idle_seconds)]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty cache folder whose workers run the fake chain and end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(worker_starts, "_command", command)
    monkeypatch.setattr(subprocess, "Popen", Noted)
    yield Store(tmp_path / "cache")
    for process in started:
        process.kill()
        process.wait()


def kill_worker(store: Store) -> None:
    while worker := lock.holder(store.root):
        os.kill(worker, signal.SIGKILL)
        time.sleep(0.05)


def wait_for(ready: Callable[[], object]) -> None:
    until = time.monotonic() + LIMIT_SECONDS
    while not ready():
        assert time.monotonic() < until, "never came"
        time.sleep(0.02)


def wait_until(run_id: str, store: Store, state: str) -> jobs.JobStatus:
    wait_for(lambda: jobs.status(run_id, store).state in (state, "failed", "done"))
    found = jobs.status(run_id, store)
    assert found.state == state, found
    return found


def wait_for_second_stage(run_id: str, store: Store) -> jobs.JobStatus:
    wait_for(lambda: (now := jobs.status(run_id, store).current) and now.message == "waits for go")
    return jobs.status(run_id, store)


def built(store: Store) -> int:
    return len((store.root / "built").read_text().splitlines())


FINE, WAITS = preset("quick", ratings="fine"), preset("quick", ratings="waits")


def test_a_run_goes_through_its_stages_to_done(store: Store) -> None:
    run_id = jobs.start(WAITS, store, name="mine")
    now = wait_for_second_stage(run_id, store)
    assert (now.state, now.name, now.message) == ("running", "mine", "waits for go")
    assert [(s.name, s.done) for s in now.stages] == [("first", 1), ("second", 0.5), ("third", 0)]
    assert now.progress == 0.5
    assert now.stages[0].seconds is not None and now.stages[1].seconds is None

    (store.root / "go").touch()
    now = wait_until(run_id, store, "done")
    assert now.progress == 1
    assert [s.message for s in now.stages] == ["is built", "waits for go", "ends"]
    assert all(s.seconds is not None for s in now.stages)
    assert now.started and now.finished and now.created <= now.started <= now.finished
    assert (jobs.run_folder(run_id, store) / "result.txt").read_text() == "42"


def test_runs_are_done_one_at_a_time_and_listed_newest_first(store: Store) -> None:
    first, second = jobs.start(WAITS, store), jobs.start(FINE, store)
    wait_for_second_stage(first, store)
    assert jobs.status(second, store).state == "waiting"
    assert [job.run_id for job in jobs.runs(store)] == [second, first]
    (store.root / "go").touch()
    wait_until(first, store, "done")
    wait_until(second, store, "done")


def test_a_killed_worker_is_replaced_and_finished_stages_are_kept(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    before = wait_for_second_stage(run_id, store)
    kill_worker(store)
    now = jobs.status(run_id, store)
    assert now.state == "waiting" and "a new one goes on" in now.message

    jobs.ensure_worker(store)
    wait_until(run_id, store, "running")
    (store.root / "go").touch()
    now = wait_until(run_id, store, "done")
    assert built(store) == 1
    assert now.stages[0].seconds == before.stages[0].seconds


@pytest.mark.parametrize("worker_lives", [True, False])
def test_a_finished_run_whose_state_is_damaged_is_done_again(worker_lives: bool, store: Store) -> None:
    run_id = jobs.start(FINE, store)
    wait_until(run_id, store, "done")
    if not worker_lives:
        kill_worker(store)
    (store.root / "runs" / run_id / "progress.json").write_text("")
    assert jobs.status(run_id, store).state == "waiting"
    jobs.ensure_worker(store)
    wait_until(run_id, store, "done")
    assert built(store) == 1


@pytest.fixture
def waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run that no worker takes up."""
    monkeypatch.setattr(jobs, "ensure_worker", lambda _: None)
    return jobs.start(FINE, store)


def attempt_of(run_id: str, store: Store) -> int:
    return int(read_json(store.root / "runs" / run_id / "job.json")["attempt"])


def test_a_run_without_an_end_is_queued_again(
    waiting: str, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    queue_again(store, lambda *_: False)
    assert attempt_of(waiting, store) == 1 and "queued again" not in caplog.text
    queue_again(store, lambda *_: True)
    assert attempt_of(waiting, store) == 2 and "queued again" in caplog.text


def test_a_run_that_ends_during_the_look_is_not_queued_again(waiting: str, store: Store) -> None:
    def ended(run_id: str, attempt: int) -> bool:
        Recorder(store.root / "runs" / run_id, attempt, STAGES).finish("done")
        return True

    queue_again(store, ended)
    assert attempt_of(waiting, store) == 1 and jobs.status(waiting, store).state == "done"


def test_a_rename_while_a_run_is_queued_again_is_kept(waiting: str, store: Store) -> None:
    renaming = threading.Thread(target=jobs.rename, args=(waiting, "mine", store))

    def ended(*_: object) -> bool:
        renaming.start()
        # It waits for its turn, which comes after.
        renaming.join(0.5)
        return True

    queue_again(store, ended)
    renaming.join()
    assert jobs.status(waiting, store).name == "mine" and attempt_of(waiting, store) == 2


@pytest.mark.parametrize("full", ["core.jobs.job_status.write_json", "core.jobs.queue.DBOS.migrate"])
def test_what_cannot_be_queued_again_stays_as_it_was_and_is_not_told(
    full: str,
    waiting: str,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        if full.endswith("write_json"):
            raise OSError(errno.ENOSPC, "No space left on device")
        raise DatabaseError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(full, fail)
        queue_again(store, lambda *_: True)
    assert attempt_of(waiting, store) == 1 and "queued again" not in caplog.text


def test_the_half_written_files_of_a_killed_worker_do_not_stay(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    left = jobs.run_folder(run_id, store) / f".{NOBODY}-files-abc"
    left.mkdir()
    kill_worker(store)
    (store.root / "go").touch()
    jobs.ensure_worker(store)
    wait_until(run_id, store, "done")
    assert not left.exists()


def test_a_worker_asked_to_end_does_so_and_its_run_goes_on(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    os.kill(lock.holder(store.root) or 0, signal.SIGTERM)
    wait_for(lambda: lock.holder(store.root) is None)
    (store.root / "go").touch()
    jobs.ensure_worker(store)
    wait_until(run_id, store, "done")


def test_a_run_that_ends_its_workers_is_given_up(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    for _ in range(4):
        jobs.ensure_worker(store)
        wait_until(run_id, store, "running")
        kill_worker(store)
    jobs.ensure_worker(store)
    assert "memory" in str(wait_until(run_id, store, "failed").error)


def test_cancelling_ends_a_run_at_work_and_resuming_continues_it(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    jobs.cancel(run_id, store)
    now = wait_until(run_id, store, "cancelled")
    assert now.current and now.current.name == "second" and now.error is None

    (store.root / "go").touch()
    jobs.resume(run_id, store)
    jobs.resume(run_id, store)
    assert wait_until(run_id, store, "done").progress == 1
    assert built(store) == 1
    jobs.cancel(run_id, store)
    jobs.resume(run_id, store)
    assert jobs.status(run_id, store).state == "done"


def test_a_run_resumed_while_it_is_being_cancelled_begins_again(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    jobs.cancel(run_id, store)
    jobs.resume(run_id, store)
    assert jobs.status(run_id, store).state == "waiting"
    wait_until(run_id, store, "running")
    (store.root / "go").touch()
    wait_until(run_id, store, "done")


def test_cancelling_ends_a_waiting_run_at_once(store: Store) -> None:
    first, second = jobs.start(WAITS, store), jobs.start(WAITS, store)
    wait_for_second_stage(first, store)
    jobs.cancel(second, store)
    assert jobs.status(second, store).state == "cancelled"
    (store.root / "go").touch()
    wait_until(first, store, "done")
    wait_for(lambda: jobs.status(second, store).finished)
    assert jobs.status(second, store).state == "cancelled"


def test_a_run_cancelled_while_no_worker_lives_stays_cancelled(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    kill_worker(store)
    jobs.cancel(run_id, store)
    assert jobs.status(run_id, store).state == "cancelled"
    jobs.ensure_worker(store)
    assert lock.holder(store.root) is None


def test_two_asking_at_once_start_one_run(store: Store) -> None:
    with ThreadPoolExecutor() as pool:
        found = set(pool.map(lambda _: jobs.start_once(FINE, store), range(4)))
    assert len(found) == len(jobs.runs(store)) == 1
    wait_until(found.pop(), store, "done")


def test_what_the_user_can_mend_fails_with_its_own_words(store: Store) -> None:
    run_id = jobs.start(FINE.replace(ratings="bad data"), store)
    now = wait_until(run_id, store, "failed")
    assert now.error == "line 3 has no rating; add one"
    assert now.current and now.current.name == "second"


def test_a_bug_fails_with_stage_and_log(store: Store) -> None:
    run_id = jobs.start(FINE.replace(ratings="a bug"), store)
    now = wait_until(run_id, store, "failed")
    assert now.error == "a fault of ours: ZeroDivisionError at second; details in worker.log"
    wait_for(lambda: "Traceback" in (store.root / "worker.log").read_text())


def test_a_worker_that_cannot_start_fails_its_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys, pathlib, core.jobs.worker as w; w.main(pathlib.Path(sys.argv[1]), lambda store: 1 / 0)"
    )
    monkeypatch.setattr(worker_starts, "_command", lambda root: [sys.executable, "-c", code, str(root)])
    run_id = jobs.start(FINE, store)
    assert "ZeroDivisionError at the start" in str(wait_until(run_id, store, "failed").error)


FULL_QUEUE = """
import pathlib, sqlite3, sys
from unittest import mock
from sqlalchemy.exc import OperationalError
import core.jobs.worker as worker

full = OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
with mock.patch("dbos._sys_db.SystemDatabase.create_application_version", side_effect=full):
    worker.main(pathlib.Path(sys.argv[1]), lambda store: (print, ()))
"""


def test_a_worker_whose_queue_finds_the_disk_full_says_so_without_a_traceback(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_starts, "_command", lambda root: [sys.executable, "-c", FULL_QUEUE, str(root)])
    run_id = jobs.start(FINE, store)
    error = str(wait_until(run_id, store, "failed").error)
    assert "(database or disk is full); free some space" in error
    wait_for(lambda: error in (store.root / "worker.log").read_text())
    assert "Traceback" not in (store.root / "worker.log").read_text()


def test_a_worker_that_dies_at_its_start_is_told_and_started_again_after_a_pause(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = store.root / "tries"
    code = f"open({str(tries)!r}, 'a').write('x'); raise ModuleNotFoundError('No module named torch')"
    monkeypatch.setattr(worker_starts, "_command", lambda root: [sys.executable, "-c", code])
    monkeypatch.setattr(worker_starts, "PAUSES", (0.0, 600.0))
    run_id = jobs.start(FINE, store)
    wait_for(lambda: worker_starts.starts(store.root).failed == 1)
    # As pages do at each rerun.
    wait_for(lambda: jobs.ensure_worker(store) or worker_starts.starts(store.root).failed == 2)
    for _ in range(50):
        jobs.ensure_worker(store)
    now = jobs.status(run_id, store)
    assert now.state == "waiting" and tries.read_text() == "xx"
    assert "ended at its start, 2 times (ModuleNotFoundError: No module named torch)" in now.message
    monkeypatch.setattr(worker_starts, "PAUSES", (0.0,))
    monkeypatch.setattr(worker_starts, "_command", command)
    wait_for(lambda: jobs.ensure_worker(store) or jobs.status(run_id, store).state == "done")
    assert worker_starts.starts(store.root).failed == 0


def test_foreign_files_in_the_cache_stop_no_run(store: Store) -> None:
    for folder in ("artifacts", "runs", "unfinished", "."):
        (store.root / folder).mkdir(exist_ok=True)
        (store.root / folder / ".DS_Store").write_bytes(b"Bud1")
        (store.root / folder / ".Trash-1000").mkdir(exist_ok=True)
    (store.root / "artifacts" / ".nfs00000001").write_text("")
    wait_until(jobs.start(FINE, store), store, "done")


def test_a_run_never_takes_the_folder_of_another(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ensure_worker", lambda store: None)
    endings = iter(["abcd", "abcd", "abcd", "ef01"])
    monkeypatch.setattr(secrets, "token_hex", lambda count: next(endings))
    monkeypatch.setattr(time, "strftime", lambda *_: "20261128-120000")
    first = jobs.start(FINE, store, "the first")
    second = jobs.start(FINE, store, "the second")
    assert (first, second) == ("20261128-120000-abcd", "20261128-120000-ef01")
    assert {jobs.status(run_id, store).name for run_id in (first, second)} == {"the first", "the second"}


def test_the_worker_is_a_command(tmp_path: Path) -> None:
    assert worker_starts._command(tmp_path)[-2:] == ["--cache", str(tmp_path)]
    said = subprocess.check_output([*worker_starts._command(tmp_path), "--help"], cwd=REPOSITORY, text=True)
    assert "--cache DIR" in said


def test_a_second_worker_ends_at_once(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    first = lock.holder(store.root)
    second = subprocess.run(command(store.root), cwd=REPOSITORY, timeout=LIMIT_SECONDS, check=False)
    assert second.returncode == 0
    assert lock.holder(store.root) == first
    assert jobs.status(run_id, store).state == "running"


def test_an_idle_worker_ends(store: Store) -> None:
    ended = subprocess.run(command(store.root, 0.2), cwd=REPOSITORY, timeout=LIMIT_SECONDS, check=False)
    assert ended.returncode == 0


def test_a_run_that_never_reached_the_queue_is_still_done(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_enqueue", lambda *_: None)
        patch.setattr(jobs, "ensure_worker", lambda _: None)
        run_id = jobs.start(FINE, store)
    jobs.ensure_worker(store)
    wait_until(run_id, store, "done")


@pytest.mark.parametrize("there", ["text", "folder", "half"])
def test_a_damaged_queue_is_put_aside_and_no_run_is_lost(
    there: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "ensure_worker", lambda _: None)
        before = jobs.start(FINE, store)
    path = store.root / "jobs.sqlite"
    content = path.read_bytes()
    path.unlink()
    if there == "folder":
        path.mkdir()
    else:
        path.write_bytes(content[: len(content) // 2] if there == "half" else b"no database" * 100)
    after = jobs.start(FINE, store)
    wait_until(before, store, "done")
    wait_until(after, store, "done")


def test_a_damaged_queue_that_a_worker_uses_is_told_and_leaves_no_run(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.root / "jobs.sqlite").write_text("no database " * 100)
    monkeypatch.setattr(jobs, "holder", lambda root: os.getpid())
    with pytest.raises(StorageError, match="move the file away"):
        jobs.start(FINE, store)
    assert jobs.runs(store) == []


@pytest.mark.parametrize("name", ["worker.lock", "worker.log", "worker-starts.json", "runs.lock"])
@pytest.mark.parametrize("there", ["folder", "link", "garbage"])
def test_no_damage_of_a_small_file_stops_runs(name: str, there: str, store: Store) -> None:
    path = store.root / name
    match there:
        case "folder":
            (path / "inside").mkdir(parents=True)
        case "link":
            path.symlink_to(name)
        case "garbage":
            path.write_bytes(b'{"failed": "\x00')
    run_id = jobs.start(FINE, store)
    wait_until(run_id, store, "done")
    jobs.rename(run_id, "mine", store)
    assert jobs.status(run_id, store).name == "mine"


def test_a_worker_that_finds_the_disk_full_is_told_in_words(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_starts, "PAUSES", (600.0,))
    code = "import sys; sys.exit('the disk is full')"
    monkeypatch.setattr(worker_starts, "_command", lambda root: [sys.executable, "-c", code])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    # Before the worker starts, which may be dead before the next line runs.
    monkeypatch.setattr(worker_starts, "write_json", full)
    run_id = jobs.start(FINE, store)
    wait_for(lambda: worker_starts.starts(store.root).failed)
    assert "(the disk is full)" in jobs.status(run_id, store).message
    monkeypatch.delitem(worker_starts._unwritten, store.root)


def test_deleting_removes_a_run_at_work(store: Store) -> None:
    run_id = jobs.start(WAITS, store)
    wait_for_second_stage(run_id, store)
    jobs.delete(run_id, store)
    assert jobs.runs(store) == []
    assert not any((store.root / "runs").iterdir())
    with pytest.raises(BadInput, match="no run"):
        jobs.status(run_id, store)


@pytest.mark.parametrize(
    "run_id", ["", "..", "../../etc", "20261124-131502-ab12/..", "20261124-131502-ab12\n"]
)
def test_what_is_no_run_id_is_refused(run_id: str, store: Store) -> None:
    for ask in (jobs.status, jobs.cancel, jobs.resume, jobs.delete, jobs.run_folder):
        with pytest.raises(BadInput, match="not the id of a run"):
            ask(run_id, store)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '{"state": "done"}', "\x00" * 50])
def test_a_garbled_progress_file_counts_as_none(
    text: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ensure_worker", lambda _: None)
    run_id = jobs.start(FINE, store)
    (store.root / "runs" / run_id / "progress.json").write_text(text)
    now = jobs.status(run_id, store)
    assert (now.state, now.stages, now.progress, now.current) == ("waiting", (), 0, None)


def test_a_full_disk_does_not_hold_up_a_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ensure_worker", lambda _: None)
    run_id = jobs.start(FINE, store)
    recorder = Recorder(store.root / "runs" / run_id, 1, STAGES)
    recorder.start()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.jobs.recorder.write_json", full)
    recorder("first", 0.5, "at work")
    recorder.finish("failed", "the disk is full")
    assert jobs.status(run_id, store).error == "the disk is full"


def test_a_pickle_in_the_queue_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ensure_worker", lambda _: None)
    jobs.start(FINE, store)
    from dbos import DBOSPortableJSONSerializer
    from dbos._serialization import deserialize_value

    with pytest.raises(ValueError, match="holds a pickle"):
        deserialize_value("gASVAgAAAAAAAABLAS4=", "py_pickle", DBOSPortableJSONSerializer())


def test_looking_at_runs_imports_neither_the_queue_nor_the_training_libraries() -> None:
    code = "import sys, core.jobs; print(sys.modules.keys() & {'dbos', 'sqlalchemy', 'torch', 'fastai'})"
    seen = subprocess.check_output([sys.executable, "-c", code], cwd=REPOSITORY, text=True)
    assert seen == "set()\n"
