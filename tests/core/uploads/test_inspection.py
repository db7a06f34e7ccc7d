"""What a file in memory holds: the same right here, and in a process of its own."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.data.ratings.synthetic import synthetic_world
from core.errors import BadInput, CannotAnswer, UserError
from core.store import Store
from core.uploads import inspection
from core.uploads.inspection import GivenFile, inspect

FILMS = synthetic_world().ratings.films
TITLES = FILMS.title.tolist()
MINE = f"Kino;Meinung\n{TITLES[0]};Très bon\n{TITLES[1]};\n{TITLES[1]};Gut 😀\nNobody;x\n".encode()
COLUMNS = {"title": "Kino", "review": "Meinung"}
RATINGS = b"who,what,stars\n1,10,4\n2,10,3\n1,20,5\n"


@pytest.fixture(params=["here", "apart"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, store: Store) -> Store:
    """The cache; a file of any length is inspected here, or in a process of its own."""
    if request.param == "apart":
        monkeypatch.setattr(inspection, "SHORT", -1)
        monkeypatch.setattr(inspection, "open_table", None)
    return store


def test_the_first_rows(where: Store) -> None:
    said = inspect("first rows", GivenFile("mine.csv", MINE), where)
    assert said["columns"] == ["Kino", "Meinung"] and said["said"] == "UTF-8, separated by semicolons"
    assert said["rows"] == [
        [TITLES[0], "Très bon"],
        [TITLES[1], None],
        [TITLES[1], "Gut 😀"],
        ["Nobody", "x"],
    ]


def test_what_reviews_there_are(where: Store) -> None:
    said = inspect("rows", GivenFile("mine.csv", MINE), where, COLUMNS)
    assert said == {"rows": 4, "blank": 1, "films": 3, "doubt": ""}
    said = inspect("reviews", GivenFile("mine.csv", MINE), where, COLUMNS, FILMS)
    assert (said["rows"], said["reviews"], said["read"], said["blank"], said["unknown"]) == (4, 2, 2, 1, 1)
    assert list(said["films"]) == FILMS.film_id[:2].tolist() and list(said["examples"]) == ["Nobody"]


def test_what_ratings_there_are(where: Store) -> None:
    columns = {"user": "who", "film": "what", "rating": "stars"}
    assert inspect("ratings", GivenFile("mine.csv", RATINGS), where, columns) == {
        "users": 2,
        "films": 2,
        "ratings": 3,
    }
    assert not list((where.root / "uploads").glob("*"))


def test_columns_are_kept_under_our_names(where: Store) -> None:
    path = Path(inspect("keep", GivenFile("mine.csv", MINE), where, COLUMNS)["path"])
    assert path.is_relative_to(where.root / "uploads")
    assert pd.read_parquet(path).columns.tolist() == ["title", "review"] and len(pd.read_parquet(path)) == 4


@pytest.mark.parametrize(
    ("name", "content", "columns", "said"),
    [
        ("mine.csv", b"", {}, "is empty"),
        ("mine.exe", b"MZ", {}, "of no known kind"),
        (
            "mine.csv",
            b"title,review,stars\nA,x,99\n",
            {"review": "review", "stars": "stars"},
            "stars is '99'",
        ),
        ("mine.csv", bytes(range(256)) * 9, {}, "binary data"),
    ],
)
def test_what_is_no_table_is_refused(
    where: Store, name: str, content: bytes, columns: dict[str, str], said: str
) -> None:
    what: Any = "rows" if columns else "first rows"
    with pytest.raises(BadInput, match=said):
        inspect(what, GivenFile(name, content), where, columns | ({"title": "title"} if columns else {}))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("core.uploads.inspection.LONGEST_SECONDS", 0.01, "takes longer than"),
        ("core.child_process.sys.executable", "/bin/false", "looks at mine.csv ended"),
    ],
)
def test_a_process_that_fails_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, value: object, said: str
) -> None:
    monkeypatch.setattr(inspection, "SHORT", -1)
    monkeypatch.setattr(name, value)
    with pytest.raises(CannotAnswer, match=said) as raised:
        inspect("first rows", GivenFile("mine.csv", MINE), store)
    assert isinstance(raised.value, UserError)


def test_what_holds_more_than_its_bytes_tell_is_inspected_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine.csv", MINE)
    monkeypatch.setattr(inspection, "open_table", None)
    assert inspect("rows", GivenFile("mine.zip", packed.getvalue()), store, COLUMNS)["rows"] == 4


@pytest.mark.slow
def test_a_late_process_takes_away_what_it_began(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "SHORT", -1)
    monkeypatch.setattr(inspection, "LONGEST_SECONDS", 3.0)
    many = b'{"Kino": "A", "Meinung": "x"}\n' * 5_000_000
    with pytest.raises(CannotAnswer, match="takes longer than"):
        inspect("keep", GivenFile("mine.jsonl", many), store, COLUMNS)
    assert not list((store.root / "uploads").glob("*"))
