"""What a user's file holds, as a process of its own says it."""

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


def test_the_first_rows(store: Store) -> None:
    said = inspect("first rows", GivenFile("mine.csv", MINE), "reviews", store)
    assert said["columns"] == ["Kino", "Meinung"] and said["format"] == "UTF-8, separated by semicolons"
    assert said["roles"] == {"review": "Meinung"}
    assert said["rows"] == [
        [TITLES[0], "Très bon"],
        [TITLES[1], None],
        [TITLES[1], "Gut 😀"],
        ["Nobody", "x"],
    ]


def test_what_reviews_there_are(store: Store) -> None:
    said = inspect("contents", GivenFile("mine.csv", MINE), "reviews", store, CHOSEN)
    assert (said["rows"], said["reviews"], said["films"], said["matched"]) == (4, 3, 3, None)
    said = inspect("contents", GivenFile("mine.csv", MINE), "reviews", store, CHOSEN, FILMS)
    assert (said["rows"], said["used"], said["matched"]) == (4, 2, 2)
    assert list(said["films_with_reviews"]) == FILMS.film_id[:2].tolist()
    assert [left["rows"] for left in said["left_out"]] == [1, 1]


def test_what_ratings_there_are(store: Store) -> None:
    chosen = Chosen({"user": "who", "film": "what", "rating": "stars"})
    said = inspect("contents", GivenFile("mine.csv", RATINGS), "ratings", store, chosen)
    assert (said["users"], said["films"], said["used"], list(said["scale"])) == (2, 2, 3, [3, 5])
    assert not list(store.root.glob("uploads/*")) and not list(store.root.glob("tmp*"))


def test_a_file_on_this_computer_is_inspected_where_it_is(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(RATINGS.replace(b"who,what", b"user,film"))
    assert inspect("contents", tmp_path / "mine.csv", "ratings", store)["users"] == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mine.csv", b"", "is empty"),
        ("mine.csv", b"title,review\n", "no reviews|no rows"),
        ("mine.exe", b"MZ\x90\0\3\0", "binary data"),
        ("mine.csv", bytes(range(256)) * 9, "binary data"),
    ],
)
def test_what_is_no_table_is_refused(store: Store, name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        inspect("contents", GivenFile(name, content), "reviews", store)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("core.memory.LEAST_SECONDS", 0.01, "takes longer than"),
        ("core.child_process.sys.executable", "/bin/false", "reads mine.csv ended"),
    ],
)
def test_a_process_that_fails_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, value: object, said: str
) -> None:
    monkeypatch.setattr(name, value)
    with pytest.raises(CannotAnswer, match=said) as raised:
        inspect("first rows", GivenFile("mine.csv", MINE), "reviews", store)
    assert isinstance(raised.value, UserError)


def test_nothing_is_read_in_this_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "inspect_here", None)
    for aspect in ("first rows", "contents"):
        assert inspect(aspect, GivenFile("mine.csv", MINE), "reviews", store, CHOSEN)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_late_process_takes_away_what_it_began(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.memory.LEAST_SECONDS", 3.0)
    monkeypatch.setattr("core.memory.SECONDS_PER_MB", 0.0)
    many = b'{"Kino": "A", "Meinung": "x"}\n' * 5_000_000
    before = sorted(store.root.iterdir())
    with pytest.raises(CannotAnswer, match="takes longer than"):
        inspect("contents", GivenFile("mine.jsonl", many), "reviews", store, CHOSEN)
    assert sorted(store.root.iterdir()) == before
