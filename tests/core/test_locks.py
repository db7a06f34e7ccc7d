"""A lock lets one thread of one process in at a time, and a wait for it can be given up."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import Cancelled, StorageError
from core.locks import exclusive
from core.store import disk_errors


def give_up() -> None:
    raise Cancelled


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        with exclusive(tmp_path / "lock"):
            inside += 1
            most = max(most, inside)
            threading.Event().wait(0.02)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)


def test_who_waits_may_give_up_and_the_lock_is_free_after_its_holder_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    hold = (
        "import sys, time; from pathlib import Path; from core.locks import exclusive\n"
        "with exclusive(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Cancelled), exclusive(path, give_up):
            raise AssertionError("two hold the lock")
        holder.kill()
        holder.wait()
    with exclusive(path, lambda: None):
        pass


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written"), (errno.EACCES, "written")],
)
def test_a_folder_that_takes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(path: object, *_: object) -> int:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageError, match=words), disk_errors(tmp_path), exclusive(tmp_path / "lock"):
        raise AssertionError("the lock cannot be held")
