"""Roles of columns by their names and their content, in tables of five users and six films."""

import io
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet
import pytest

from core.data.layouts.aliases import Holds, named_roles
from core.data.layouts.roles import Roles, guess_roles
from core.data.tables import open_table

TITLES = ("Heat (1995)", "Up (2009)", "Emma, or so (1996)", "Alien (1979)", "King Kong (1933)", "M (1931)")
PAIRS = [(user, film) for user in range(5) for film in range(6) if (user + film) % 4]
VALUES = {
    "user": [f"{user + 11}" for user, _ in PAIRS],
    "person": [f"Person No {user}" for user, _ in PAIRS],
    "film": [f"{film + 201}" for _, film in PAIRS],
    "title": [TITLES[film] for _, film in PAIRS],
    "name": [TITLES[film][:-7] for _, film in PAIRS],
    "year": [TITLES[film][-5:-1] for _, film in PAIRS],
    "genres": [("Drama|Crime", "Comedy")[film % 2] for _, film in PAIRS],
    "imdb": [f"tt01147{film:02}" for _, film in PAIRS],
    "rating": [f"{(user * film) % 5 + 1}.5" for user, film in PAIRS],
    "liked": [("yes", "no")[(user * film) % 2] for user, film in PAIRS],
    "age": [("PG-13", "R", "Not Rated")[film % 3] for _, film in PAIRS],
    "time": [f"98476{user}{film:03}" for user, film in PAIRS],
    "day": [f"2019-0{user + 1}-1{film}" for user, film in PAIRS],
    "row": [f"{number}" for number in range(len(PAIRS))],
    "headline": [f"Great film number {number}" for number in range(len(PAIRS))],
    "common headline": [("Great movie", "Five Stars")[user % 2] for user, _ in PAIRS],
    "text": [f"I saw it {user} times and would see it again, number {film}." for user, film in PAIRS],
    "word": ["long ago"] * len(PAIRS),
    "nothing": [""] * len(PAIRS),
    "B0": [f"B00000020{film}" for _, film in PAIRS],
    "A0": [f"A00000000{user}" for user, _ in PAIRS],
}


def roles(columns: Mapping[str, str], holds: Holds = "ratings", header: bool = True) -> Roles:
    """Return the roles guessed for a table of these columns (theirs -> a kind of VALUES)."""
    rows: Sequence[Sequence[str]] = [*zip(*(VALUES[kind] for kind in columns.values()), strict=True)]
    lines = ["\t".join(row) for row in ([[*columns], *rows] if header else rows)]
    content = ("\n".join(lines) + "\n").encode()
    return guess_roles(open_table("mine.tsv", lambda: io.BytesIO(content)), holds)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"userId": "user", "movieId": "film", "rating": "rating"}, "user=userId film=movieId rating=rating"),
        ({"uid": "user", "asin": "film", "overall": "rating"}, "user=uid film=asin rating=overall"),
        ({"User-ID": "user", "ISBN": "film", "Score": "rating"}, "user=User-ID film=ISBN rating=Score"),
        (
            {"critic": "person", "movie": "title", "stars": "rating"},
            "user=critic film=movie rating=stars title=movie",
        ),
        ({"critic": "person", "movie": "film", "stars": "rating"}, "user=critic film=movie rating=stars"),
        (
            {"a_id:token": "row", "user_id:token": "user", "item_id:token": "film", "rating:float": "rating"},
            "user=user_id:token film=item_id:token rating=rating:float",
        ),
        (
            {"profileName": "person", "business_id": "film", "like": "liked"},
            "user=profileName film=business_id rating=like",
        ),
        (
            {"user": "user", "movie_id": "film", "movie": "title", "score": "rating"},
            "user=user film=movie_id rating=score title=movie",
        ),
        (
            {"user": "user", "title": "name", "year": "year", "rating": "rating", "genres": "genres"},
            "user=user film=title rating=rating title=title year=year genres=genres",
        ),
        (
            {"user": "user", "imdbId": "imdb", "rating": "rating"},
            "user=user film=imdbId rating=rating imdb_id=imdbId",
        ),
        # "rating" may be an age from which a film may be seen.
        (
            {"user": "user", "item": "film", "rating": "age", "score": "rating"},
            "user=user film=item rating=score",
        ),
        (
            {"": "row", "user": "user", "item": "film", "rating": "rating"},
            "user=user film=item rating=rating",
        ),
        (
            {
                "user": "user",
                "item": "film",
                "rating": "rating",
                "imdbId": "imdb",
                "timestamp": "time",
                "date": "day",
            },
            "user=user film=item rating=rating time=timestamp imdb_id=imdbId",
        ),
        (
            {"user": "user", "item": "film", "rating": "rating", "time": "nothing"},
            "user=user film=item rating=rating",
        ),
    ],
)
def test_roles_in_ratings(columns: Mapping[str, str], expected: str) -> None:
    guess = roles(columns)
    assert " ".join(f"{ours}={theirs}" for ours, theirs in guess.columns.items()) == expected
    assert not guess.warnings


@pytest.mark.parametrize(
    ("columns", "expected", "warning"),
    [
        (
            {"userId": "user", "name": "person", "movieId": "film", "rating": "rating"},
            {"user": "userId", "film": "movieId", "rating": "rating"},
            "'name' names the user, not the film, so it is not read.",
        ),
        (
            {"user": "user", "item": "film", "rating": "rating", "title": "headline", "text": "text"},
            {"user": "user", "film": "item", "rating": "rating"},
            "'title' differs from row to row of a film, as headlines do, so it is not read.",
        ),
        (
            {"user": "user", "item": "film", "rating": "rating", "title": "common headline"},
            {"user": "user", "film": "item", "rating": "rating"},
            "'title' names the user",
        ),
        (
            {"user": "user", "item": "film", "rating": "rating", "time": "word"},
            {"user": "user", "film": "item", "rating": "rating"},
            "'time' holds no times, so it is not read.",
        ),
        (
            {"user": "user", "item": "film", "rating": "rating", "year": "word"},
            {"user": "user", "film": "item", "rating": "rating"},
            "'year' holds no years, so it is not read.",
        ),
        (
            {"name": "person", "movieId": "film", "rating": "rating"},
            {"user": "name", "film": "movieId", "rating": "rating"},
            "'name' is read as the user, since it differs from row to row of a film.",
        ),
        (
            {"user": "user", "what": "film", "rating": "rating"},
            {"user": "user", "film": "what", "rating": "rating"},
            "No column name fits the film. By its content, 'what' is used.",
        ),
    ],
)
def test_what_is_not_as_its_name_says_is_named(
    columns: Mapping[str, str], expected: Mapping[str, str], warning: str
) -> None:
    guess = roles(columns)
    assert guess.columns == expected
    assert len(guess.warnings) == 1 and guess.warnings[0].startswith(warning)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("user film rating time", "user=1 film=2 rating=3 time=4"),
        ("user film rating", "user=1 film=2 rating=3"),
        ("user film liked", "user=1 film=2 rating=3"),
        ("user film time rating", "user=1 film=2 rating=4 time=3"),
        ("rating user film", "user=2 film=3 rating=1"),
        ("user film rating day", "user=1 film=2 rating=3 time=4"),
        ("user film rating time title", "user=1 film=2 rating=3 title=5 time=4"),
        ("person title rating", "user=1 film=2 rating=3 title=2"),
        ("A0 B0 rating time", "user=1 film=2 rating=3 time=4"),
        ("B0 A0 rating time", "user=2 film=1 rating=3 time=4"),
    ],
)
def test_roles_without_a_header(kinds: str, expected: str) -> None:
    guess = roles({kind: kind for kind in kinds.split()}, header=False)
    columns = " ".join(f"{ours}={theirs.removeprefix('column ')}" for ours, theirs in guess.columns.items())
    assert columns == expected
    assert len(guess.warnings) == 1 and guess.warnings[0].startswith("mine.tsv has no header. By the content")


def test_unknown_names_are_read_by_position() -> None:
    guess = roles({"Wer": "user", "Was": "film", "Wieviel": "rating"})
    assert guess.columns == {"user": "Wer", "film": "Was", "rating": "Wieviel"}
    assert len(guess.warnings) == 3


@pytest.mark.parametrize(
    ("columns", "expected", "warnings"),
    [
        ({"film_id": "film", "review": "text"}, {"film_id": "film_id", "review": "review"}, 0),
        ({"movie": "title", "text": "text"}, {"title": "movie", "review": "text"}, 0),
        ({"movie": "film", "text": "text"}, {"film_id": "movie", "review": "text"}, 0),
        (
            {"asin": "film", "title": "headline", "text": "text", "rating": "rating"},
            {"film_id": "asin", "review": "text", "stars": "rating"},
            1,
        ),
        (
            {"tconst": "imdb", "title": "name", "year": "year", "review": "text"},
            {"imdb_id": "tconst", "title": "title", "year": "year", "review": "review"},
            0,
        ),
        ({"title": "title", "review": "text", "rating": "age"}, {"title": "title", "review": "review"}, 1),
        (
            {"userId": "user", "name": "person", "movieId": "film", "review": "text"},
            {"film_id": "movieId", "review": "review"},
            1,
        ),
    ],
)
def test_roles_in_reviews(columns: Mapping[str, str], expected: Mapping[str, str], warnings: int) -> None:
    guess = roles(columns, "reviews")
    assert guess.columns == expected
    assert len(guess.warnings) == warnings


def test_reviews_without_a_header() -> None:
    assert roles({"a": "title", "b": "text", "c": "rating"}, "reviews", header=False).columns == {
        "title": "column 1",
        "review": "column 2",
        "stars": "column 3",
    }


def test_a_column_of_one_value_tells_nothing() -> None:
    guess = roles({kind: kind for kind in ("user", "title", "word", "rating")}, header=False)
    assert guess.columns == {
        "user": "column 1",
        "film": "column 2",
        "rating": "column 4",
        "title": "column 2",
    }


def test_an_optional_column_that_cannot_be_read_is_left_out_and_said() -> None:
    columns = {"user": ["1", "2"], "item": ["1", "2"], "rating": [4, 5], "genres": [{"id": 1}, {"id": 2}]}
    parquet = io.BytesIO()
    pa.parquet.write_table(pa.table(columns), parquet)
    found = guess_roles(open_table("mine.parquet", lambda: io.BytesIO(parquet.getvalue())), "ratings")
    assert list(found.columns) == ["user", "film", "rating"]
    assert found.warnings == (
        "mine.parquet: column 'genres' holds struct<id: int64>, which is no plain value; write it as text. "
        "It is left out.",
    )


@pytest.mark.parametrize("header", [True, False])
def test_a_year_is_never_the_film(header: bool) -> None:
    kinds = ("person", "name", "year", "rating")
    names = ("Кто", "Что", "Когда", "Сколько") if header else ("column 1", "column 2", "column 3", "column 4")
    found = roles(dict(zip(names, kinds, strict=True)), header=header)
    expected = dict(zip(("user", "title", "year", "rating"), names, strict=True))
    assert found.columns == expected | {"film": names[1]}


@pytest.mark.parametrize(
    "columns",
    [
        ("Benutzer-ID", "Filmtitel", "Erscheinungsjahr", "Bewertung"),
        ("Spectateur", "Titre", "Année", "Note /5"),
        ("usuario", "Película", "Año", "calificación"),
        ("Пользователь", "Фильм", "Год", "Оценка"),
        ("User Name", "Movie Title", "Year", "Rating (1-5)"),
    ],
)
def test_names_in_other_languages_and_with_something_behind_them(columns: tuple[str, ...]) -> None:
    found = named_roles([*columns], "ratings")
    assert [found.get("user"), found.get("title", found.get("film")), found["year"], found["rating"]] == [
        *columns
    ]


@pytest.mark.parametrize("column", ["Kritik", "critique", "crítica", "reseña", "Отзыв", "My Review"])
def test_names_of_reviews_in_other_languages(column: str) -> None:
    assert named_roles(["Titel", column], "reviews") == {"title": "Titel", "review": column}


def test_a_name_without_something_behind_it_is_the_better() -> None:
    assert named_roles(["Rating (count)", "Rating"], "ratings") == {"rating": "Rating"}
    assert named_roles(["My Rating"], "ratings") == {"rating": "My Rating"}
