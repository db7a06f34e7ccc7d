"""Processes are killed at random moments; the same run, started again, loses no finished stage and no number."""

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from core import jobs
from core.errors import BadInput
from core.jobs import lock, worker_starts
from core.jobs.progress_file import ENDED
from core.output_folder import MARK
from core.results.factor_names import write_names
from core.results.run_record import read_record
from core.store import Store
from faults.campaign import Row
from faults.forks import Fork, Forks, wait_until_used
from faults.small import COMMAND, SETTINGS, WORKER, differences, figures, finished_stages
from faults.visitors import PATIENCE, Server, children, megabytes, visit

IMPORT_SECONDS = 5.0
"""Processor time in which a worker that is no fork imports the libraries."""
pytestmark = [pytest.mark.slow, pytest.mark.faults]


def shards_have_ended(shard: str, artifacts: Iterable[str]) -> bool:
    """Return whether this is the name of a shard, and its stage is among the finished artifacts."""
    stage, found, digest = shard.partition(" shard-")
    return bool(found) and any(name.startswith(f"{stage}-{digest[:16]}") for name in artifacts)


@contextlib.contextmanager
def stages_kept(row: Row, name: str, store: Store) -> Iterator[None]:
    """Check that what is finished before the block is not made again in it; a finished stage needs no shards."""
    before = finished_stages(store)
    yield
    after = finished_stages(store)
    ended = {stage for stage in before if stage not in after and shards_have_ended(stage, after)}
    if again := [
        stage for stage, number in before.items() if after.get(stage) != number and stage not in ended
    ]:
        row.lost.append(f"{name}: finished stages were made again: {again}")


def compare(row: Row, name: str, expected: dict[str, str], out: Path, without: tuple[str, ...] = ()) -> None:
    """Check that a run has the same numbers as an undisturbed one, and nothing that a killed process left.

    The files `without` are not compared, and may be there; `expected` does not have them.
    """
    if leftover := [path.name for path in out.glob(".*") if path.name not in (MARK, *without)]:
        row.lost.append(f"{name}: {leftover} stayed")
    if different := differences(expected, figures(out, without)):
        row.lost.append(f"{name}: other numbers in {different}")


def compare_run(row: Row, name: str, expected: dict[str, str], run_id: str, store: Store) -> None:
    """Check that a run of the dashboard is done, and has the same numbers as an undisturbed one."""
    status = jobs.status(run_id, store)
    if status.state != "done":
        row.lost.append(f"{name}: the run is {status.state}: {status.message} {status.error}")
    compare(row, name, expected, jobs.run_folder(run_id, store))


def kill_at_random(fork: Fork, rng: random.Random, seconds: float) -> int:
    """Kill a process at a random moment of so much processor time, and return how it ended."""
    wait_until_used(fork.pid, rng.uniform(0, seconds))
    # The system counts this time in hundredths of a second.
    time.sleep(rng.uniform(0, 0.02))
    fork.kill()
    return fork.wait().code


def test_a_killed_command_goes_on(
    origin: Forks, undisturbed: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    row = Row("kills of the command", bounded=False)
    for name, rng in row.cases(few=2, all_=50):
        store, out = Store(tmp_path / "cache"), tmp_path / "out"

        def start(out: Path = out, store: Store = store) -> Fork:
            return origin.start(COMMAND, str(out), FACTORSCOPE_CACHE=str(store.root))

        kill_at_random(start(), rng, seconds)
        if rng.random() < 0.5:
            # Killed once more, while it goes on.
            row.tried += 1
            with stages_kept(row, name, store):
                kill_at_random(start(), rng, seconds)
        with stages_kept(row, name, store):
            ended = start().wait()
        row.megabytes = max(row.megabytes, ended.megabytes)
        row.saw(name, ended.err)
        if ended.code:
            row.lost.append(f"{name}: the repeated command ended with {ended.code}: {ended.err[-500:]}")
        compare(row, name, expected, out)
        for folder in (store.root, out):
            shutil.rmtree(folder)


def test_a_finished_run_outlives_kills_of_its_repeats(
    origin: Forks, undisturbed: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    store, out = Store(tmp_path / "cache"), tmp_path / "out"

    def start() -> Fork:
        return origin.start(COMMAND, str(out), FACTORSCOPE_CACHE=str(store.root))

    start().wait()
    write_names(out, {0: "mine"})
    expected = figures(out)
    assert not set(differences(expected, undisturbed[0])) - {"names.json"}
    seconds = start().wait().seconds
    row = Row("kills of a repeated command", bounded=False)
    for name, rng in row.cases(few=2, all_=30):
        kill_at_random(start(), rng, seconds)
        try:
            read_record(out)
        except BadInput as error:
            row.lost.append(f"{name}: {error}")
        if different := differences(expected, figures(out)):
            row.lost.append(f"{name}: other numbers in {different}")


def test_the_run_of_a_killed_worker_goes_on(
    origin: Forks,
    undisturbed: tuple[dict[str, str], float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected, seconds = undisturbed
    monkeypatch.setattr(worker_starts, "start", lambda root: None)
    row = Row("kills of the worker", bounded=False)
    for name, rng in row.cases(few=1, all_=30):
        store = Store(tmp_path / "cache")
        run_id = jobs.start(SETTINGS, store)
        kill_at_random(origin.start(WORKER, str(store.root)), rng, 1.2 * seconds)
        if rng.random() < 0.5:
            row.tried += 1
            with stages_kept(row, name, store):
                kill_at_random(origin.start(WORKER, str(store.root)), rng, seconds)
        with stages_kept(row, name, store):
            ended = origin.call(WORKER, str(store.root))
        row.megabytes = max(row.megabytes, ended.megabytes)
        row.saw(name, ended.err)
        compare_run(row, name, expected, run_id, store)
        shutil.rmtree(store.root)


@pytest.mark.parametrize("with_worker", [False, True])
def test_a_run_goes_on_under_another_server(
    with_worker: bool,
    undisturbed: tuple[dict[str, str], float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected, seconds = undisturbed
    monkeypatch.setattr(worker_starts, "start", lambda root: None)
    row = Row("kills of server and worker" if with_worker else "kills of the server", bounded=False)
    for name, rng in row.cases(few=int(with_worker), all_=10):
        store, log = Store(tmp_path / "cache"), tmp_path / "server.log"
        run_id = jobs.start(SETTINGS, store)
        try:
            server = Server(store.root, log)
            row.tracebacks += seen_by_visitor(server, run_id, name)
            worker = children(server.process.pid, "core.jobs")[0]
            wait_until_used(worker, rng.uniform(0, seconds + IMPORT_SECONDS))
            server.end()
            if with_worker:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            with stages_kept(row, name, store):
                server = Server(store.root, log)
                until = time.monotonic() + PATIENCE
                while jobs.status(run_id, store).state not in ENDED and time.monotonic() < until:
                    row.tracebacks += seen_by_visitor(server, run_id, name)
                    time.sleep(1)
            row.megabytes = max(row.megabytes, megabytes(server.process.pid, most=True))
        finally:
            server.end()
            if worker := lock.holder(store.root):
                row.megabytes = max(row.megabytes, megabytes(worker, most=True))
                os.kill(worker, signal.SIGKILL)
        row.saw(name, log.read_text())
        compare_run(row, name, expected, run_id, store)
        log.unlink()
        shutil.rmtree(store.root)


def seen_by_visitor(server: Server, run_id: str, name: str) -> list[str]:
    """Return the exceptions that a visitor sees who opens the page of a run, which starts a worker if none lives."""
    with visit(server) as visitor:
        visitor.open("Train", run=run_id)
        return [f"{name}: {exception}" for exception in visitor.exceptions]
