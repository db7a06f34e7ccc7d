"""Output folders: what a failure, a kill or a second command leaves of the files of the first."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import BadInput
from core.output_folder import MARK, NEXT, own_folder, replacing, settle
from tests.support.flushes import noted_flushes, outlives_a_power_loss

LAST = "run.json"
NOBODY = 999_999_999
"""A process id that none has."""


def fill(out: Path, content: str) -> None:
    """Write a run of three files into a folder."""
    with replacing(out, LAST) as work:
        (work / "a.parquet").write_text(content)
        (work / "classifier").mkdir()
        (work / "classifier" / "b").write_text(content)
        (work / LAST).write_text(content)


def contents(out: Path) -> set[str]:
    """Return the contents of the files of a run."""
    return {path.read_text() for path in out.rglob("*") if path.is_file() and path.name != MARK}


def test_new_files_replace_old_ones_and_others_stay(tmp_path: Path) -> None:
    fill(tmp_path, "old")
    (tmp_path / "classifier" / "of the old run alone").write_text("old")
    (tmp_path / "names.json").write_text("new")
    fill(tmp_path, "new")
    assert contents(tmp_path) == {"new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.parquet",
        "classifier",
        "names.json",
        LAST,
    ]


def test_new_files_outlive_a_power_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = noted_flushes(monkeypatch)
    fill(tmp_path, "new")
    assert all(outlives_a_power_loss(tmp_path / name, events) for name in ("a.parquet", "classifier", LAST))


def test_a_failure_while_new_files_are_written_leaves_the_old_ones(tmp_path: Path) -> None:
    fill(tmp_path, "old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path, LAST) as work:
        (work / "a.parquet").write_text("new")
        raise ZeroDivisionError
    assert contents(tmp_path) == {"old"} and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("moved", [[], [LAST], ["a.parquet"], ["classifier", "a.parquet"]])
def test_after_a_kill_while_files_are_replaced_all_are_the_new_ones(tmp_path: Path, moved: list[str]) -> None:
    fill(tmp_path / "there", "new")
    fill(tmp_path / "out", "old")
    (tmp_path / "there").rename(tmp_path / "out" / NEXT)
    # As far as the killed process had come: the last file was removed first, and some were moved.
    (tmp_path / "out" / LAST).unlink()
    for name in moved:
        if name != LAST:
            target = tmp_path / "out" / name
            shutil.rmtree(target) if target.is_dir() else target.unlink()
            (tmp_path / "out" / NEXT / name).rename(target)
    settle(tmp_path / "out", LAST)
    assert contents(tmp_path / "out") == {"new"} and (tmp_path / "out" / LAST).exists()
    settle(tmp_path / "out", LAST)
    assert contents(tmp_path / "out") == {"new"}


def test_a_kill_behind_the_last_file_loses_nothing(tmp_path: Path) -> None:
    fill(tmp_path, "new")
    (tmp_path / NEXT).mkdir()
    settle(tmp_path, LAST)
    assert contents(tmp_path) == {"new"} and not (tmp_path / NEXT).exists()


def test_our_folder_is_known_in_whatever_state_it_is(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with pytest.raises(ZeroDivisionError), own_folder(out, LAST) as folder:
        (folder / f".{NOBODY}-files-x").mkdir()
        (folder / "half.parquet").write_text("half")
        raise ZeroDivisionError
    with own_folder(out, LAST):
        assert not (out / f".{NOBODY}-files-x").exists()
        fill(out, "new")
    (out / MARK).unlink()
    # A run of an older version has no mark.
    with own_folder(out, LAST):
        assert (out / LAST).read_text() == "new"


def test_a_folder_with_other_things_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds other things and no run.json"), own_folder(tmp_path, LAST):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_second_of_two_commands_is_refused(tmp_path: Path) -> None:
    def second() -> None:
        with own_folder(tmp_path, LAST):
            pass

    with own_folder(tmp_path, LAST), ThreadPoolExecutor(1) as other:
        refused = other.submit(second).exception()
    assert isinstance(refused, BadInput) and "another command is writing into" in str(refused)
    second()


def test_what_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("file", "file/below"):
        with pytest.raises(BadInput, match="cannot be made a folder"), own_folder(tmp_path / name, LAST):
            pass


def test_a_command_that_is_refused_leaves_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="mistyped"), own_folder(tmp_path / "out", LAST):
        raise BadInput("mistyped")
    assert list((tmp_path / "out").iterdir()) == []


def test_folders_where_files_belong_are_replaced(tmp_path: Path) -> None:
    fill(tmp_path, "old")
    for name in ("a.parquet", LAST):
        (tmp_path / name).unlink()
        (tmp_path / name / "inside").mkdir(parents=True)
    shutil.rmtree(tmp_path / "classifier")
    (tmp_path / "classifier").write_text("")
    fill(tmp_path, "new")
    assert contents(tmp_path) == {"new"}
