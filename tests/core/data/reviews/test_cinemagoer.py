"""cinemagoer: a second search for films, and IMDb's reviews where it can serve them."""

import gzip
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from core.__main__ import main
from core.data.reviews.matching.cinemagoer import access, search
from core.data.reviews.matching.imdb_ids import MATCH_METHODS, NO_TITLE, film_ids, titles_digest
from core.data.reviews.registry import NAMED, open_source
from core.errors import BadInput, DataNotFound
from core.progress import silent
from core.store import Store


def films(*rows: tuple[int, str, int]) -> pd.DataFrame:
    return (
        pd.DataFrame(rows, columns=["film_id", "title", "year"])
        .astype({"year": "Int16"})
        .assign(imdb_id=None)
    )


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose user has removed cinemagoer."""

    def none(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(access, "installed_version", none)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A cinemagoer whose access systems a test puts into `systems`."""
    package = SimpleNamespace(systems={})
    package.available_access_systems = lambda: list(package.systems)
    package.Cinemagoer = lambda name, **options: package.systems[name]
    for name in [name for name in sys.modules if name.startswith("imdb.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "imdb", package)
    monkeypatch.setattr(access, "installed_version", lambda name: "1.2.3")
    return package


class Titles:
    """An access system that serves titles alone."""

    def get_movie_infoset(self) -> list[str]:
        return ["main", "plot"]


class Reviews:
    """An access system that serves reviews, in the shape of old."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers, self.asked = answers, []

    def get_movie_infoset(self) -> list[str]:
        return ["main", "reviews"]

    def get_movie_reviews(self, movie_id: str) -> dict[str, Any]:
        self.asked.append(movie_id)
        if self.answers[movie_id] is None:
            raise OSError("the line is down")
        return {"data": {"reviews": self.answers[movie_id]} if self.answers[movie_id] else {}}


def test_without_cinemagoer_there_is_no_second_search_and_no_review(absent: None, store: Store) -> None:
    table = films((1, "Emma (1996)", 1996))
    assert search(table, table["imdb_id"], Path("nowhere"), store, silent).empty
    with pytest.raises(
        DataNotFound, match="is not installed: pip install -r requirements.txt -c constraints.txt. Take"
    ):
        open_source("imdb", store, silent)
    assert "not installed" in NAMED["imdb"].state(store).sentence


def test_it_says_why_there_are_no_reviews_and_what_to_use_instead(
    fake: SimpleNamespace, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.systems["s3"] = Titles()
    with pytest.raises(DataNotFound) as raised:
        open_source("imdb", store, silent)
    assert str(raised.value) == (
        "cinemagoer 1.2.3 serves no reviews: IMDb's downloads (s3) have none. IMDb shows reviews only to people "
        "who are signed in. Take TMDB's reviews, the Large Movie Review Dataset, or your own file"
    )
    assert str(raised.value) in NAMED["imdb"].state(store).sentence

    monkeypatch.setenv("FACTORSCOPE_CACHE", str(store.root))
    planted = ["--ratings", "planted", "--reviews", "imdb", "--out", str(store.root / "out")]
    assert main(["train-language-model", *planted]) == 2
    assert "serves no reviews" in capsys.readouterr().err.splitlines()[-1]


def test_a_version_that_imports_in_another_way_is_not_searched(fake: SimpleNamespace, store: Store) -> None:
    table = films((1, "Emma (1996)", 1996))
    assert search(table, table["imdb_id"], Path("nowhere"), store, silent).empty


def test_an_access_system_that_serves_reviews_works(fake: SimpleNamespace, store: Store) -> None:
    fake.systems |= {
        "s3": Titles(),
        "http": Reviews(
            {
                "0116191": [
                    {
                        "content": " Witty. ",
                        "rating": 8,
                        "title": "Austen",
                        "author": "ur1",
                        "date": "1 May 1999",
                    },
                    {"content": "Dull.", "rating": None},
                    {"content": "  ", "rating": 3},
                ],
                "0078748": [],
            }
        ),
    }
    table = films((7, "Emma (1996)", 1996), (8, "Alien (1979)", 1979))
    table["imdb_id"] = ["tt0116191", "tt0078748"]
    source = open_source("imdb", store, silent)
    found = source.reviews(table, silent).astype(object)
    assert found.pop("fetched").str.match(r"\d{4}-\d\d-\d\dT").all()
    page = "https://www.imdb.com/title/tt0116191/reviews"
    assert found.where(found.notna(), None).values.tolist() == [
        [7, "imdb-tt0116191-1", "Witty.", 8.0, "imdb", page],
        [7, "imdb-tt0116191-2", "Dull.", None, "imdb", page],
    ]
    assert source.matches(table, silent)["how"].tolist() == ["IMDb id of the ratings"] * 2
    assert len(source.digest(table)) == 64
    assert "will be asked of cinemagoer 1.2.3" in NAMED["imdb"].state(store).sentence
    source.reviews(table, silent)
    assert fake.systems["http"].asked == ["0116191", "0078748"]  # each film once
    with pytest.raises(BadInput, match="film by film"):
        source.texts(silent)


def test_after_a_fault_it_goes_on_where_it_was(fake: SimpleNamespace, store: Store) -> None:
    system = fake.systems["http"] = Reviews({"0000001": [{"content": "Good."}], "0000002": None})
    table = films((1, "A (1990)", 1990), (2, "B (1990)", 1990)).assign(imdb_id=["tt0000001", "tt0000002"])
    source = open_source("imdb", store, silent)
    with pytest.raises(DataNotFound, match=r"no reviews of tt0000002 \(OSError: the line is down\)"):
        source.reviews(table, silent)
    system.answers["0000002"] = [{"content": "Bad."}]
    assert source.reviews(table, silent)["review"].tolist() == ["Good.", "Bad."]
    assert system.asked == ["0000001", "0000002", "0000002"]


@pytest.mark.parametrize("answer", [None, [], {"data": {"reviews": "none"}}, {"data": None}])
def test_another_shape_is_said_to_be_one(answer: Any, fake: SimpleNamespace, store: Store) -> None:
    system = fake.systems["http"] = Reviews({})
    system.get_movie_reviews = lambda movie_id: answer
    table = films((1, "A (1990)", 1990)).assign(imdb_id="tt0000001")
    with pytest.raises(DataNotFound, match="cinemagoer gave no reviews of tt0000001"):
        open_source("imdb", store, silent).reviews(table, silent)


@pytest.fixture
def imdb_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """title.basics with a film under its English title, and title.akas with the other."""
    folder = tmp_path / "imdb #1"
    folder.mkdir()
    basics = [
        "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres".split()
    ]
    basics.append(["tt0000004", "movie", "The Postman", "The Postman", "0", "1994", "\\N", "108", "Drama"])
    basics.append(["tt0000005", "movie", "The Postman", "The Postman", "0", "1980", "\\N", "108", "Drama"])
    akas = ["titleId ordering title region language types attributes isOriginalTitle".split()]
    akas.append(["tt0000004", "1", "Il postino", "IT", "\\N", "imdbDisplay", "\\N", "0"])
    akas.append(["tt0000005", "1", "Il postino", "IT", "\\N", "imdbDisplay", "\\N", "0"])
    for name, rows in {"title.basics": basics, "title.akas": akas}.items():
        with gzip.open(folder / f"{name}.tsv.gz", "wt", encoding="utf-8") as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
    monkeypatch.setenv("FACTORSCOPE_DATA", str(folder))
    return folder


def test_it_finds_a_film_by_another_title_of_it(imdb_files: Path, store: Store) -> None:
    table = films((1, "Postino, Il (1995)", 1995), (2, "Postman, The (1994)", 1997), (3, "Emma (1996)", 1996))
    found = film_ids(table, store, silent)
    assert found["how"].tolist() == [MATCH_METHODS["cinemagoer, within one year"], "", ""]
    assert found["imdb_id"].tolist()[0] == "tt0000004"
    with_akas = titles_digest(table, store)

    (imdb_files / "title.akas.tsv.gz").unlink()
    assert film_ids(table, store, silent)["reason"].tolist() == [NO_TITLE] * 3
    assert titles_digest(table, store) != with_akas


def test_akas_that_are_none(imdb_files: Path, store: Store) -> None:
    with gzip.open(imdb_files / "title.akas.tsv.gz", "wt") as file:
        file.write("a\tb\n1\t2\n")
    with pytest.raises(BadInput, match="title.akas.tsv.gz is not a whole title.akas file"):
        film_ids(films((1, "Postino, Il (1995)", 1995)), store, silent)


def test_the_cinemagoer_of_today_serves_no_reviews(store: Store) -> None:
    with pytest.raises(DataNotFound, match="serves no reviews: .* signed in. Take TMDB's reviews"):
        open_source("imdb", store, silent)
