"""Copies of folders are whole, or a sentence names the disk; nothing is read for ever."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, DamagedRun, StorageError
from core.jobs.progress_file import progress_of
from core.results.factor_names import read_names
from core.results.run_record import read_record
from core.results.run_record.file import read_first_results
from core.results.tables.saved import read_table
from core.store import Store, copy_folder, read_json, write_json
from tests.support.flushes import noted_flushes, outlives_a_power_loss


def test_a_folder_is_copied_but_for_some_names(tmp_path: Path) -> None:
    for name in ("a", "inner/b", "inner/left out"):
        (tmp_path / "one" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "one" / name).write_text(name)
    copy_folder(tmp_path / "one", tmp_path / "two", ("left out",))
    names = [path for path in (tmp_path / "two").rglob("*") if path.is_file()]
    assert sorted(path.read_text() for path in names) == ["a", "inner/b"]


def test_json_is_on_the_disk_before_it_has_its_name_and_its_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = noted_flushes(monkeypatch)
    write_json(tmp_path / "run.json", {})
    assert outlives_a_power_loss(tmp_path / "run.json", events)


def test_json_holds_names_that_are_no_text(tmp_path: Path) -> None:
    write_json(tmp_path / "upload.json", {"name": "film\udcff.csv"})
    assert read_json(tmp_path / "upload.json") == {"name": "film\udcff.csv"}


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a").write_text("a")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageError, match=f"the disk of {tmp_path / 'two'} is full"):
        copy_folder(tmp_path / "one", tmp_path / "two")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("put", [a_pipe, a_device])
def test_a_pipe_or_a_device_in_a_run_is_not_read(put: Callable[[Path], None], tmp_path: Path) -> None:
    for name in ("run.json", "so_far.json", "progress.json", "names.json", "factors.parquet"):
        put(tmp_path / name)
    with pytest.raises(DamagedRun, match="run.json cannot be read; make the run again"):
        read_record(tmp_path)
    with pytest.raises(DamagedRun, match="factors.parquet is damaged; make the run again"):
        read_table(tmp_path / "factors.parquet")
    with pytest.raises(BadInput, match="names.json"):
        read_names(tmp_path)
    assert read_first_results(tmp_path) is None and progress_of(tmp_path) is None


@pytest.mark.parametrize("put", [a_pipe, a_device])
def test_an_artifact_with_a_pipe_or_a_device_is_made_again(
    put: Callable[[Path], None], tmp_path: Path
) -> None:
    store = Store(tmp_path / "cache")

    def made() -> Path:
        return store.artifact("squares", "1", {"of": 3}, lambda to: (to / "n.txt").write_text("9"))

    (made() / "n.txt").unlink()
    put(store.home("squares", "1", {"of": 3}) / "n.txt")
    assert (made() / "n.txt").read_text() == "9"
