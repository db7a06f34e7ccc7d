"""Folders and archives in no known layout: the table of the ratings is found, and what says what the films are."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.layouts import zipped

from core.data.layouts.files import content_digest, find_table
from core.data.ratings.read import read_ratings
from core.errors import BadInput
from core.progress import silent
from core.store import Store

VOTES = "person,item,stars\n1,a,4\n1,b,2\n2,a,5\n"
CATALOGUE = "id,name,year\na,Heat,1995\nb,Up,2009\nc,Emma,1996\n"


def folder_of(parent: Path, files: Mapping[str, str]) -> Path:
    folder = parent / "mine"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    (parent / "mine.zip").write_bytes(zipped({f"x/{name}": text.encode() for name, text in files.items()}))
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"votes.csv": VOTES, "catalogue.csv": CATALOGUE, "README.md": "Votes of people.\n"},
        {"votes.csv": VOTES, "catalogue.csv": CATALOGUE, "tags.csv": "person,tag\n1,good\n"},
        {"all.csv": VOTES, "catalogue.tsv": CATALOGUE.replace(",", "\t")},
    ],
)
def test_films_are_described_by_a_table_that_has_their_ids(
    store: Store, tmp_path: Path, files: Mapping[str, str]
) -> None:
    folder = folder_of(tmp_path, files)
    for path in (folder, tmp_path / "mine.zip"):
        films = read_ratings(str(path), store, silent).films
        assert films["film_id"].tolist()[:2] == ["a", "b"]
        assert films["title"].tolist()[:2] == ["Heat", "Up"]
        assert films["year"].tolist()[:2] == [1995, 2009]


def test_tables_with_the_same_columns_are_one(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"ratings_1.csv": VOTES, "ratings_2.csv": "person,item,stars\n3,b,1\n"})
    ratings = read_ratings(str(folder), store, silent)
    assert len(ratings.table) == 4
    assert ratings.notes.warnings == (
        "2 tables with the same columns are read as one: ratings_1.csv, ratings_2.csv.",
    )


def test_the_table_is_that_with_the_chosen_columns(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"a.csv": "x,y,z\n1,a,4\n1,b,2\n2,a,5\n", "b.csv": "u,v\n1,2\n"})
    columns = {"user": "x", "film": "y", "rating": "z"}
    assert len(read_ratings(str(folder), store, silent, columns).table) == 3
    with pytest.raises(
        BadInput, match=r"mine has no table with columns for user, film and rating .*; give one that has"
    ):
        find_table(folder, "ratings", {"user": "u", "film": "v", "rating": "w"})


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="mine holds no table; give a folder or an archive with one"):
        find_table(folder_of(tmp_path, {"README.md": "Nothing here.\n"}), "ratings")


def test_the_missing_table_of_films_is_named_and_is_the_remedy(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"u.data": "1\ta\t4\t9\n1\tb\t2\t9\n2\ta\t5\t9\n"})
    assert read_ratings(str(folder), store, silent).notes.warnings == (
        "The titles of the films are missing. Give a folder or a zip that also holds u.item.",
    )
    (folder / "u.item").write_text("a|Heat (1995)|01-Jan-1995\nb|Up (2009)|01-Jan-2009\n")
    ratings = read_ratings(str(folder), store, silent)
    assert ratings.films["title"].tolist() == ["Heat (1995)", "Up (2009)"]
    assert not ratings.notes.warnings


def test_the_digest_of_a_folder_with_one_table_is_of_its_content(tmp_path: Path) -> None:
    digests = set()
    (tmp_path / "mine").mkdir()
    for rating in (1, 2):
        (tmp_path / "mine" / "a.csv").write_text(f"user,film,rating\n1,1,{rating}\n")
        found = find_table(tmp_path / "mine", "ratings")
        digests.add(content_digest(tmp_path / "mine", found, Store(tmp_path / f"cache{rating}")))
    assert len(digests) == 2
