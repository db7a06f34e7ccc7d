"""Paths that users type: files and folders, and nothing that could be read for ever."""

import os
from pathlib import Path

import pytest

from core.errors import BadInput
from core.inference.texts import read_texts
from core.paths import path_of


def test_files_and_folders_are_found_and_other_names_are_not(tmp_path: Path) -> None:
    (tmp_path / "a b.csv").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "a b.csv")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    assert path_of(str(tmp_path)) == tmp_path
    for name in ("a b.csv", "link"):
        assert path_of(str(tmp_path / name)) == tmp_path / name
    for name in ("nowhere", "broken", "x" * 300, "a\0b"):
        assert path_of(str(tmp_path / name)) is None


def test_a_pipe_or_a_device_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for where in (tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(BadInput, match="neither a file nor a folder"):
            path_of(str(where))
        with pytest.raises(BadInput, match="neither a file nor a folder"):
            read_texts(where)
