"""Copies of folders: whole, or a sentence about the disk."""

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.errors import StorageError
from core.store import copy_folder


def test_a_folder_is_copied_but_for_some_names(tmp_path: Path) -> None:
    for name in ("a", "inner/b", "inner/left out"):
        (tmp_path / "one" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "one" / name).write_text(name)
    copy_folder(tmp_path / "one", tmp_path / "two", ("left out",))
    names = [path for path in (tmp_path / "two").rglob("*") if path.is_file()]
    assert sorted(path.read_text() for path in names) == ["a", "inner/b"]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a").write_text("a")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageError, match=f"the disk of {tmp_path / 'two'} is full"):
        copy_folder(tmp_path / "one", tmp_path / "two")
