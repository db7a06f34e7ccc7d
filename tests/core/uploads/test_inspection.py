"""What a file in memory holds: the same right here, and in a process of its own."""

import io
import zipfile
from pathlib import Path

import pytest

from core.data.ratings.synthetic import synthetic_world
from core.errors import BadInput, CannotAnswer, UserError
from core.store import Store
from core.uploads import inspection
from core.uploads.inspection import GivenFile, inspect
from core.uploads.storage import Chosen

FILMS = synthetic_world().ratings.films
TITLES = FILMS.title.tolist()
MINE = f"Kino;Meinung\n{TITLES[0]};Très bon\n{TITLES[1]};\n{TITLES[1]};Gut 😀\nNobody;x\n".encode()
CHOSEN = Chosen({"title": "Kino", "review": "Meinung"})
RATINGS = b"who,what,stars\n1,10,4\n2,10,3\n1,20,5\n"


@pytest.fixture(params=["here", "apart"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, store: Store) -> Store:
    """The cache; a file of any length is inspected here, or in a process of its own."""
    if request.param == "apart":
        monkeypatch.setattr(inspection, "SHORT", -1)
        monkeypatch.setattr(inspection, "inspect_here", None)
    return store


def test_the_first_rows(where: Store) -> None:
    said = inspect("first rows", GivenFile("mine.csv", MINE), "reviews", where)
    assert said["columns"] == ["Kino", "Meinung"] and said["format"] == "UTF-8, separated by semicolons"
    assert said["roles"] == {"review": "Meinung"}
    assert said["rows"] == [
        [TITLES[0], "Très bon"],
        [TITLES[1], None],
        [TITLES[1], "Gut 😀"],
        ["Nobody", "x"],
    ]


def test_what_reviews_there_are(where: Store) -> None:
    said = inspect("contents", GivenFile("mine.csv", MINE), "reviews", where, CHOSEN)
    assert (said["rows"], said["reviews"], said["films"], said["matched"]) == (4, 3, 3, None)
    said = inspect("contents", GivenFile("mine.csv", MINE), "reviews", where, CHOSEN, FILMS)
    assert (said["rows"], said["used"], said["matched"]) == (4, 2, 2)
    assert list(said["films_with_reviews"]) == FILMS.film_id[:2].tolist()
    assert [left["rows"] for left in said["left_out"]] == [1, 1]


def test_what_ratings_there_are(where: Store) -> None:
    chosen = Chosen({"user": "who", "film": "what", "rating": "stars"})
    said = inspect("contents", GivenFile("mine.csv", RATINGS), "ratings", where, chosen)
    assert (said["users"], said["films"], said["used"], list(said["scale"])) == (2, 2, 3, [3, 5])
    assert not list(where.root.glob("uploads/*")) and not list(where.root.glob("tmp*"))


def test_a_file_on_this_computer_is_inspected_where_it_is(where: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(RATINGS.replace(b"who,what", b"user,film"))
    assert inspect("contents", tmp_path / "mine.csv", "ratings", where)["users"] == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.csv", b"", "is empty"),
        ("mine.csv", b"title,review\n", "no reviews|no rows"),
        ("mine.exe", b"MZ\x90\0\3\0", "binary data"),
        ("mine.csv", bytes(range(256)) * 9, "binary data"),
    ],
)
def test_what_is_no_table_is_refused(where: Store, name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        inspect("contents", GivenFile(name, content), "reviews", where)


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
        inspect("first rows", GivenFile("mine.csv", MINE), "reviews", store)
    assert isinstance(raised.value, UserError)


def test_what_holds_more_than_its_bytes_tell_is_inspected_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine.csv", MINE)
    monkeypatch.setattr(inspection, "inspect_here", None)
    assert (
        inspect("contents", GivenFile("mine.zip", packed.getvalue()), "reviews", store, CHOSEN)["rows"] == 4
    )


@pytest.mark.slow
def test_a_late_process_takes_away_what_it_began(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "SHORT", -1)
    monkeypatch.setattr(inspection, "LONGEST_SECONDS", 3.0)
    many = b'{"Kino": "A", "Meinung": "x"}\n' * 5_000_000
    before = sorted(store.root.iterdir())
    with pytest.raises(CannotAnswer, match="takes longer than"):
        inspect("contents", GivenFile("mine.jsonl", many), "reviews", store, CHOSEN)
    assert sorted(store.root.iterdir()) == before
