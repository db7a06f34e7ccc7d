"""The files of a folder or an archive, by their names."""

from pathlib import Path

from support.layouts import compressed, zipped

from core.data.tables.members import members


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
