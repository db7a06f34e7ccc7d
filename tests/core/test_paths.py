"""Paths that users type: files and folders, and nothing that could be read for ever."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.datasets.find import on_this_machine
from core.data.layouts.aliases import Holds
from core.data.layouts.files import find_table
from core.errors import BadInput, StorageError
from core.inference.texts import read_texts
from core.paths import cache_dir, data_dir, path_of
from core.store import Store

HOLDS: tuple[Holds, ...] = ("ratings", "reviews")


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
        for holds in HOLDS:
            with pytest.raises(BadInput, match="neither a file nor a folder"):
                find_table(where, holds)


def test_a_pipe_or_a_device_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ratings.csv")
    (tmp_path / "reviews.csv").symlink_to("/dev/zero")
    for holds in HOLDS:
        with pytest.raises(BadInput, match="holds no table"):
            find_table(tmp_path, holds)


@pytest.mark.parametrize(
    ("variable", "folder"), [("FACTORSCOPE_CACHE", cache_dir), ("FACTORSCOPE_DATA", data_dir)]
)
def test_an_unknown_user_in_the_environment_is_named(
    variable: str, folder: Callable[[], Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "~nobody-of-this-name/x")
    with pytest.raises(
        BadInput, match=f"{variable}=~nobody-of-this-name/x begins with a user who is not here"
    ):
        folder()


def test_a_name_that_no_folder_can_have_is_refused_or_holds_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_DATA", "x" * 300)
    assert on_this_machine("ml-100k", store) is None
    with pytest.raises(StorageError, match="cannot be made a folder; set FACTORSCOPE_CACHE to one that can"):
        Store(Path("x" * 300))
