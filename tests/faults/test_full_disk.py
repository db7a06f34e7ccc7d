"""The disk is full at a random moment: a sentence says so, and with some space again the same run ends as ever."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import jobs
from core.jobs import worker_starts
from core.store import Store
from faults.campaign import Row
from faults.forks import Forks
from faults.small import COMMAND, SETTINGS, WORKER
from faults.test_kills import compare, compare_run, stages_kept

pytestmark = [pytest.mark.slow, pytest.mark.faults]
MEGABYTE = 1 << 20
NEEDED = 9 * MEGABYTE
"""What a run writes at most."""
PAGE = 4096


@contextlib.contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    """Yield a disk of some MB; skip where none can be had."""
    at.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(at)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextlib.contextmanager
def with_free_bytes(disk: Path, free: int) -> Iterator[None]:
    """Leave so many bytes of a disk free within the block."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        left = shutil.disk_usage(disk).free - free
        while left > 0:
            left -= file.write(bytes(min(left, MEGABYTE)))
    try:
        yield
    finally:
        ballast.unlink()


def test_a_command_on_a_full_disk_says_so_and_goes_on(
    origin: Forks, undisturbed: tuple[dict[str, str], float], tmp_path: Path
) -> None:
    row = Row("full disks under the command", bounded=False)
    with small_disk(tmp_path / "disk") as disk:
        for name, rng in row.cases(few=1, all_=20):
            store, out = disk / "cache", disk / "out"
            call = (COMMAND, str(out))
            with with_free_bytes(disk, rng.randrange(0, NEEDED, PAGE)):
                ended = origin.call(*call, FACTORSCOPE_CACHE=str(store))
            row.saw(name, ended.err)
            last = ended.err.strip().rpartition("\n")[2]
            if ended.code and (ended.code != 2 or "full" not in last):
                row.lost.append(f"{name}: the command ended with {ended.code} and {last!r}")
            with stages_kept(row, name, Store(store)):
                ended = origin.call(*call, FACTORSCOPE_CACHE=str(store))
            row.megabytes = max(row.megabytes, ended.megabytes)
            row.saw(name, ended.err)
            if ended.code:
                row.lost.append(f"{name}: the repeated command ended with {ended.code}: {ended.err[-500:]}")
            compare(row, name, undisturbed[0], out)
            for folder in (store, out):
                shutil.rmtree(folder)


def test_a_worker_on_a_full_disk_says_so_and_its_run_goes_on(
    origin: Forks,
    undisturbed: tuple[dict[str, str], float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_starts, "start", lambda root: None)
    row = Row("full disks under the worker", bounded=False)
    with small_disk(tmp_path / "disk") as disk:
        for name, rng in row.cases(few=0, all_=20):
            store = Store(disk / "cache")
            run_id = jobs.start(SETTINGS, store)
            with with_free_bytes(disk, rng.randrange(0, NEEDED, PAGE)):
                fork = origin.start(WORKER, str(store.root))
                ended = fork.wait()
            row.saw(name, ended.err)
            status = jobs.status(run_id, store)
            if status.state == "failed" and "full" not in str(status.error):
                row.lost.append(f"{name}: the run failed with {status.error}")
            jobs.resume(run_id, store)
            with stages_kept(row, name, store):
                ended = origin.call(WORKER, str(store.root))
            row.megabytes = max(row.megabytes, ended.megabytes)
            row.saw(name, ended.err)
            compare_run(row, name, undisturbed[0], run_id, store)
            shutil.rmtree(store.root)
