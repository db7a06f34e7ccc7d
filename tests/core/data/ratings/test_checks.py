"""Raw ratings -> checked ones: ids to the letter, films told apart, and what is left out counted."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.ratings.checks import CheckedRatings, RawRatings, check_ratings
from core.data.reading_notes import LeftOut, Merged, ReadingNotes
from core.data.tables import Rows
from core.errors import BadInput

STRANGE = [
    "01",
    "1",
    "001",
    "1e2",
    "100",
    "1.0",
    "nan",
    "None",
    " 1",
    "1 ",
    "-1",
    "9" * 30,
    "tt0114814",
    "\0",
    "é",
]


def checked(
    rows: Sequence[tuple[str | None, str | None, float | None]],
    films: Sequence[tuple[str, str | None, int | None]] | None = None,
    times: Sequence[float | None] | None = None,
    equal_titles_are_one_film: bool = False,
) -> CheckedRatings:
    """Return these rows of user, film and rating, checked; `films` are id, title and year."""
    user, film, rating = zip(*rows, strict=True)
    frame = pd.DataFrame(
        {
            "user": pd.Categorical(pd.Series(user, dtype="str")),
            "film": pd.Categorical(pd.Series(film, dtype="str")),
            "rating": pd.Series(rating, dtype="float64"),
        }
    )
    if times is not None:
        frame["time"] = pd.Series(times, dtype="float64")
    if films is None:
        films = [(one, None, None) for one in dict.fromkeys(film) if one]
    ids, titles, years = zip(*films, strict=True)
    listed = pd.DataFrame(
        {
            "film_id": pd.Series(ids, dtype="str"),
            "title": pd.Series(titles, dtype="str"),
            "year": pd.array(years, dtype="Int16"),
            "imdb_id": pd.Series([None] * len(ids), dtype="str"),
            "genres": "",
        }
    )
    name = "mine.csv"
    return check_ratings(
        RawRatings(
            Rows(name, frame, lambda row: f"{name}, line {row + 2}"),
            Rows("films.csv", listed, lambda row: f"films.csv, line {row + 2}"),
            None,
            equal_titles_are_one_film,
        )
    )


def triples(ratings: CheckedRatings) -> list[tuple[str, str, float]]:
    table = ratings.table
    users, films = ratings.user_ids[table.user], ratings.films.film_id[table.film]
    return list(zip(users, films, table.rating.tolist(), strict=True))


def of_films(films: Sequence[tuple[str, str | None, int | None]], **how: bool) -> CheckedRatings:
    """Return ratings of these films by two users."""
    rows = [(user, film, rating) for film, _, _ in films for user, rating in (("a", 1.0), ("b", 2.0))]
    return checked(rows, films, **how)


# --- ids ---


@given(
    st.lists(
        st.tuples(*[st.sampled_from(STRANGE) | st.text(min_size=1)] * 2),
        min_size=4,
        unique=True,
    ).filter(lambda pairs: all(len(set(ids)) > 1 for ids in zip(*pairs, strict=True)))
)
@settings(max_examples=150, deadline=None)
def test_what_goes_in_comes_out_to_the_letter(pairs: list[tuple[str, str]]) -> None:
    rows = [(user, film, float(number % 5)) for number, (user, film) in enumerate(pairs)]
    ratings = checked(rows)
    assert triples(ratings) == rows
    assert ratings.films.film_id.is_unique and ratings.films.title.is_unique
    assert ratings.user_ids.is_unique and ratings.user_ids.dtype == ratings.films.film_id.dtype == "str"
    assert ratings.notes == ReadingNotes(len(rows), warnings=ratings.notes.warnings)


def test_ids_of_digits_are_sorted_by_number_and_before_others() -> None:
    # No machine number holds 26 digits.
    long, longer = "1" * 26, "9" * 26
    ratings = of_films([(film, None, None) for film in (longer, "10", "b", "9", long, "01", "1", "a")])
    assert ratings.films.film_id.tolist() == ["1", "01", "9", "10", long, longer, "a", "b"]


def test_rows_without_user_film_or_rating_are_left_out_and_counted() -> None:
    rows = [
        ("a", "1", 3.0),
        ("", "1", 3.0),
        (None, "2", 3.0),
        ("b", "", 1.0),
        ("b", "2", None),
        ("b", "2", 2.0),
    ]
    ratings = checked(rows)
    assert triples(ratings) == [("a", "1", 3.0), ("b", "2", 2.0)]
    expected = (LeftOut("no user", 2), LeftOut("no film", 1), LeftOut("no rating", 1))
    assert ratings.notes == ReadingNotes(6, left_out=expected)
    with pytest.raises(BadInput, match="mine.csv has no line with user, film and rating; fill them in"):
        checked([("", "1", 3.0), ("a", "", 3.0)])


# --- films and their titles ---


def test_two_ids_are_two_films_whatever_their_titles() -> None:
    emmas = [("838", "Emma (1996)", 1996), ("26958", "Emma (1996)", 1996), ("7", "Sabrina", None)]
    ratings = of_films(emmas)
    assert ratings.films.title.tolist() == ["Sabrina", "Emma (1996) [id 838]", "Emma (1996) [id 26958]"]
    assert len(ratings.table) == 6 and not ratings.notes.merged
    said = "Equal titles have different ids, so the year or else the id distinguishes them: 2 films."
    assert ratings.notes.warnings == (said,)


def test_equal_titles_are_told_apart_by_a_year_that_stands_elsewhere() -> None:
    kongs = [
        ("1", "King Kong", 1933),
        ("2", "King Kong", 1976),
        ("3", "King Kong", 2005),
        ("4", "Hamlet", 1990),
    ]
    assert of_films(kongs).films.title.tolist() == [
        "King Kong (1933)",
        "King Kong (1976)",
        "King Kong (2005)",
        "Hamlet",
    ]


def test_a_data_set_that_lists_films_twice_has_one_film_a_title() -> None:
    films = [
        ("3", "Ice (1997)", 1997),
        ("4", "Other", None),
        ("9", "Ice (1997)", 1997),
        ("10", None, None),
        ("11", None, None),
    ]
    rows = [
        ("1", "9", 5.0),
        ("1", "3", 2.0),
        ("2", "9", 4.0),
        ("2", "4", 1.0),
        ("2", "10", 1.0),
        ("2", "11", 1.0),
    ]
    ratings = checked(rows, films, equal_titles_are_one_film=True)
    assert triples(ratings)[:3] == [("1", "3", 2.0), ("2", "3", 4.0), ("2", "4", 1.0)]
    assert ratings.films.film_id.tolist() == ["3", "4", "10", "11"]
    assert ratings.films.other_ids.tolist() == [("9",), (), (), ()]
    assert ratings.notes.merged == (Merged("3", ("9",), "the data set lists this film under several ids"),)
    why = "the same user rated a film under two of its ids; the last line stays"
    assert ratings.notes.left_out == (LeftOut(why, 1),)


def test_films_without_a_title_are_called_by_their_id() -> None:
    ratings = of_films([("1", None, None), ("2", "Film 1", None), ("3", "Line\nbreak \u202e and more", None)])
    assert ratings.films.title.tolist() == ["Film 1 [id 1]", "Film 1 [id 2]", "Line break   and more"]
    assert ratings.notes.warnings == (
        "Line breaks or control characters in the title became spaces: 1 film.",
    )


def test_a_film_that_is_not_listed_has_no_title_and_one_listed_twice_its_first() -> None:
    rows = [("a", "1", 3.0), ("b", "2", 2.0)]
    ratings = checked(rows, [("1", "One", None), ("1", "Uno", None), ("3", "Three", None)])
    assert ratings.films.title.tolist() == ["One", "Film 2", "Three"]
    assert ratings.notes.warnings == ("Rated, but not in films.csv, so without a title: 1 film.",)
    assert ratings.notes.left_out == (LeftOut("a film a second time in films.csv; its first line stays", 1),)


def test_ids_of_imdb_serve_as_such() -> None:
    ratings = of_films([("tt0114814", None, None), ("tt0116191", None, None), ("7", None, None)])
    assert ratings.films.imdb_id.fillna("").tolist() == ["", "tt0114814", "tt0116191"]
    assert ratings.notes.warnings == ("The id is an IMDb id, and is read as one: 2 films.",)


# --- ratings ---


def test_of_two_ratings_of_a_film_the_later_stays() -> None:
    rows = [("a", "1", 3.0), ("a", "1", 4.0), ("b", "1", 2.0), ("a", "1", 5.0), ("b", "2", 1.0)]
    by_line = checked(rows)
    assert triples(by_line) == [("b", "1", 2.0), ("a", "1", 5.0), ("b", "2", 1.0)]
    assert by_line.notes.left_out == (
        LeftOut("the same user rated the same film again; the last line stays", 2),
    )
    by_time = checked(rows, times=[10.0, 30.0, 1.0, None, 1.0])
    assert triples(by_time) == [("a", "1", 4.0), ("b", "1", 2.0), ("b", "2", 1.0)]
    assert by_time.notes.left_out[0].why.endswith("the later rating stays")


def test_ratings_keep_the_order_of_the_file_and_their_scale() -> None:
    ratings = checked([("b", "2", -1.0), ("a", "1", 1.0), ("b", "1", 1.0)])
    assert triples(ratings) == [("b", "2", -1.0), ("a", "1", 1.0), ("b", "1", 1.0)]
    assert ratings.scale == (-1.0, 1.0)
    assert ratings.table.dtypes.astype(str).tolist() == ["int32", "int32", "float32"]
    assert not np.isnan(ratings.table.rating).any()
