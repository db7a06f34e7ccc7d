"""The files of a folder or an archive, by their names."""

from pathlib import Path

import openpyxl
import pytest
from support.layouts import compressed, zipped

from core.data.tables.members import members, shadowed
from core.errors import BadInput


def contents(path: Path) -> dict[str, bytes]:
    found = {}
    for name, opener in members(path).items():
        with opener() as stream:
            found[name] = stream.read()
    return found


def test_files_of_a_folder_go_by_their_names_and_the_less_nested_first(tmp_path: Path) -> None:
    (tmp_path / "ml-1m" / "old").mkdir(parents=True)
    (tmp_path / "ml-1m" / "ratings.dat").write_bytes(b"new")
    (tmp_path / "ml-1m" / "old" / "ratings.dat").write_bytes(b"old")
    (tmp_path / "ml-1m" / "movies.csv.gz").write_bytes(compressed(b"films", ".gz"))
    assert contents(tmp_path) == {"ratings.dat": b"new", "movies.csv": b"films"}


def test_files_of_an_archive_and_a_file_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(zipped({"a/ratings.csv": b"1", "a/b/ratings.csv": b"2"}))
    assert contents(tmp_path / "mine.zip") == {"ratings.csv": b"1"}
    (tmp_path / "mine.csv").write_bytes(b"3")
    assert contents(tmp_path / "mine.csv") == {"mine.csv": b"3"}


def test_a_workbook_is_no_archive_of_its_parts(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "mine.xlsx")
    (tmp_path / "mine.csv.xz").write_bytes(compressed(b"a,b", ".xz"))
    assert list(members(tmp_path / "mine.xlsx")) == ["mine.xlsx"]
    assert contents(tmp_path / "mine.csv.xz") == {"mine.csv": b"a,b"}


def test_what_cannot_be_a_data_set_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    monkeypatch.setattr("core.data.tables.members.MAX_FILES", 2)
    with pytest.raises(BadInput, match="holds more than 2 files; give the folder of one data set"):
        members(tmp_path)
    (tmp_path / "mine.zip").write_bytes(zipped({"a.csv": b"a"})[:-20])
    with pytest.raises(BadInput, match="mine.zip is not a whole zip archive; pack it again"):
        members(tmp_path / "mine.zip")


def test_files_that_another_of_their_name_replaces_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(
        zipped({f"fold{n}/ratings.csv": b"1" for n in range(3)} | {"a.csv": b"2"})
    )
    assert shadowed(tmp_path / "mine.zip") == {"ratings.csv": ["fold0/ratings.csv", "fold1/ratings.csv"]}
