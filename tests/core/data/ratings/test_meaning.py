"""What the values of a table of ratings mean: scales, words, "not rated", titles, times; and mended refusals."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.layouts import delimited

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.errors import BadInput
from core.progress import silent
from core.store import Store

HEADER = ("userId", "movieId", "rating", "timestamp", "title")
TITLES = ("Heat (1995)", "Up (2009)", "Emma, or so (1996)", "Alien (1979)", "M (1931)")
ROWS = [
    [str(user), str(film + 10), str((user + film) % 5 + 1), str(1000 * user + film), TITLES[film]]
    for user in range(1, 9)
    for film in range(5)
    if (user + 2 * film) % 7
]
Read = Callable[..., Ratings]


@pytest.fixture
def read(store: Store, tmp_path: Path) -> Read:
    def of_rows(
        rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, separator: str = ","
    ) -> Ratings:
        path = tmp_path / "mine.csv"
        path.write_text(delimited([header, *rows], separator))
        return read_ratings(str(path), store, silent)

    return of_rows


def with_ratings(change: Callable[[int, int], str], rows: Sequence[Sequence[str]] = ROWS) -> list[list[str]]:
    """Return the rows with ratings changed by their number and their rating from 1 to 5."""
    return [[*row[:2], change(number, int(row[2])), *row[3:]] for number, row in enumerate(rows)]


def with_titles(titles: Sequence[str]) -> list[list[str]]:
    return [[*row[:4], titles[int(row[1]) - 10]] for row in ROWS]


@pytest.mark.parametrize(
    ("change", "scale"),
    [
        (lambda _, rating: f"{rating / 2}", (0.5, 2.5)),
        (lambda _, rating: f"{rating},5", (1.5, 5.5)),
        (lambda _, rating: f"{20 * rating}", (20, 100)),
        (lambda _, rating: str(rating > 2), (0, 1)),
        (lambda _, rating: ["No", "yes"][rating > 2], (0, 1)),
        (lambda _, rating: ["dislike", "like"][rating > 2], (0, 1)),
        (lambda _, rating: ["0", "1"][rating > 2], (0, 1)),
        (lambda _, rating: ["-1", "+1"][rating > 2], (-1, 1)),
        (lambda _, rating: str(rating - 3), (-2, 2)),
        (lambda _, rating: f"{rating}/5", (1, 5)),
        (lambda _, rating: f"{rating} stars", (1, 5)),
        (lambda _, rating: "★" * rating, (1, 5)),
        (lambda number, rating: "0" if number == 7 else str(rating), (0, 5)),
    ],
)
def test_scales(read: Read, change: Callable[[int, int], str], scale: tuple[float, float]) -> None:
    ratings = read(with_ratings(change), separator=";")
    assert ratings.scale == scale
    assert len(ratings.table) == len(ROWS) and not ratings.notes.left_out


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda number, rating: "0" if number % 2 else str(rating), "rating is 0, which means “not rated”"),
        (
            lambda number, rating: "-1" if number % 9 == 4 else str(rating),
            "rating is -1, which means “not rated”",
        ),
        (lambda number, rating: "" if number % 9 == 4 else str(rating), "no rating"),
        (lambda number, rating: "NULL" if number % 9 == 4 else str(rating), "no rating"),
    ],
)
def test_what_means_not_rated_is_left_out_and_counted(
    read: Read, change: Callable[[int, int], str], why: str
) -> None:
    rows = with_ratings(change)
    ratings = read(rows)
    left = sum(not row[2].isdigit() or row[2] == "0" for row in rows)
    assert [(note.why, note.rows) for note in ratings.notes.left_out] == [(why, left)]
    assert len(ratings.table) == len(rows) - left
    assert ratings.scale == (1, 5)


def test_0_below_half_stars_means_not_rated(read: Read) -> None:
    ratings = read(with_ratings(lambda number, rating: "0" if number % 2 else f"{rating - 0.5}"))
    assert len(ratings.table) == len(ROWS) // 2 and ratings.scale == (0.5, 4.5)


def test_the_remedy_for_a_0_that_is_a_rating(read: Read) -> None:
    rows = with_ratings(lambda number, rating: "0" if number % 2 else str(rating))
    assert any("add 2 to all ratings" in warning for warning in read(rows).notes.warnings)
    ratings = read([[*row[:2], str(int(row[2]) + 2), *row[3:]] for row in rows])
    assert len(ratings.table) == len(ROWS) and ratings.scale == (2, 7)


@pytest.mark.parametrize(
    ("change", "message", "mended"),
    [
        (
            lambda number, rating: "good" if number == 3 else str(rating),
            "mine.csv, line 5: rating is 'good', which is not a readable number; correct or delete the line",
            lambda _, rating: str(rating),
        ),
        (
            lambda _, rating: f"{rating}/{5 * (1 + rating % 2)}",
            "mine.csv: rating holds no ratings, but values such as .* give numbers there, or words such as like",
            lambda _, rating: ["dislike", "like"][rating > 2],
        ),
        (
            lambda number, rating: "" if number % 5 else str(rating),
            "mine.csv, line 3: rating is missing, and in most other lines too. .* or fill it in",
            lambda _, rating: str(rating),
        ),
    ],
)
def test_refused_ratings_and_the_remedy(
    read: Read, change: Callable[[int, int], str], message: str, mended: Callable[[int, int], str]
) -> None:
    with pytest.raises(BadInput, match=message):
        read(with_ratings(change))
    assert len(read(with_ratings(mended)).table) == len(ROWS)


def test_a_rating_beyond_all_others_is_refused(read: Read) -> None:
    rows = [[f"{user}{row[0]}", *row[1:]] for user in range(1, 6) for row in ROWS]
    with pytest.raises(
        BadInput, match="mine.csv, line 9: rating is 45, outside of 0 to 10, unlike nearly all others"
    ):
        read(with_ratings(lambda number, rating: "45" if number == 7 else str(rating), rows))
    assert len(read(rows[:7] + rows[8:]).table) == len(rows) - 1


def test_a_column_whose_name_comes_twice_is_named_or_chosen(read: Read, store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has several columns called 'rating'; rename all but one"):
        read([[*row[:3], row[2]] for row in ROWS], ("userId", "movieId", "rating", "rating"))
    columns = {"user": "userId", "film": "movieId", "rating": "rating (2)"}
    assert len(read_ratings(str(tmp_path / "mine.csv"), store, silent, columns).table) == len(ROWS)
    read([[*row[:3], "x"] for row in ROWS], ("userId", "movieId", "rating", "other"))


def test_a_row_a_user_and_a_column_a_film_is_refused(read: Read) -> None:
    films = [str(film) for film in range(100, 112)]
    wide = [[str(user), *(str((user + int(film)) % 5 + 1) for film in films)] for user in range(1, 9)]
    for header in (["userId", *films], ["userId", *(f"Film {film}" for film in films)]):
        with pytest.raises(
            BadInput, match="mine.csv has 13 columns, but none for the .*; give one row per rating"
        ):
            read(wide, header)
    rows = [[row[0], film, rating] for row in wide for film, rating in zip(films, row[1:], strict=True)]
    assert len(read(rows, ["user", "film", "rating"]).table) == 96


@pytest.mark.parametrize("missing", ["user", "film", "rating"])
def test_a_missing_column_is_asked_for_by_a_name_that_works(read: Read, missing: str) -> None:
    header = ["user", "film", "rating"]
    rows = [row[:3] for row in ROWS]
    place = header.index(missing)
    without = [[value for number, value in enumerate(row) if number != place] for row in rows]
    with pytest.raises(BadInput, match=f"mine.csv has no column for the {missing} .*; name one '{missing}'"):
        read(without, [name for name in header if name != missing])
    assert len(read(rows, header).table) == len(ROWS)


@pytest.mark.parametrize("nothing", ["nan", "NULL", "\\N", "N/A", "na", "None", "Unknown", "-", ""])
def test_a_placeholder_is_no_title(read: Read, nothing: str) -> None:
    films = read(with_titles([nothing, *TITLES[1:3], nothing, TITLES[4]])).films
    assert films["title"].tolist() == ["Film 10", *TITLES[1:3], "Film 13", TITLES[4]]


def test_of_several_titles_of_a_film_the_most_frequent_counts(read: Read) -> None:
    rows = [[*row[:4], row[4].upper() if row[0] == "3" else row[4]] for row in ROWS]
    ratings = read(rows)
    assert ratings.films["title"].tolist() == [*TITLES]
    assert ratings.notes.warnings == ("Films with several values in 'title' (the most frequent is read): 3.",)


def test_the_year_may_stand_in_a_column_of_its_own(read: Read) -> None:
    header = ("userId", "movieId", "rating", "title", "year", "genres")
    rows = [[*row[:3], "Kong", str(1920 + int(row[1])), "['Drama', 'Crime']"] for row in ROWS]
    films = read(rows, header).films
    assert films["year"].tolist() == [1930, 1931, 1932, 1933, 1934]
    assert films["title"].tolist() == [f"Kong ({year})" for year in films["year"]]
    assert set(films["genres"]) == {"Drama|Crime"}


def test_without_an_id_title_and_year_are_the_id(read: Read) -> None:
    header = ("user", "title", "year", "rating")
    rows = [[row[0], row[4][:-7] if row[1] != "11" else "M", row[4][-5:-1], row[2]] for row in ROWS]
    films = read(rows, header).films
    assert films["film_id"].tolist() == [
        "Alien (1979)",
        "Emma, or so (1996)",
        "Heat (1995)",
        "M (1931)",
        "M (2009)",
    ]


def test_ids_that_may_mean_none_are_read_and_named(read: Read) -> None:
    rows = [["nan" if row[0] == "3" else row[0], *row[1:]] for row in ROWS]
    ratings = read(rows)
    assert "nan" in set(ratings.user_ids)
    assert ratings.notes.warnings[0].startswith(
        "The id of the user is 'nan' in some rows, which may mean none: "
    )


def test_times_that_cannot_be_read_do_not_block(read: Read) -> None:
    ratings = read([[*row[:3], "soon" if row[0] == "3" else row[3], row[4]] for row in ROWS])
    assert ratings.notes.warnings == ("Rows without a time that can be read count as the earliest: 4.",)
    ratings = read([[*row[:3], "soon", row[4]] for row in ROWS])
    assert ratings.notes.warnings == ("'timestamp' holds no times, so it is not read.",)


def test_the_later_of_two_ratings_stays_by_dates_as_well(read: Read) -> None:
    again = ["1", "10", "5", "2019-01-02", TITLES[0]], ["1", "10", "1", "2018-12-31", TITLES[0]]
    others = [[*row[:3], "2019-01-01", row[4]] for row in ROWS if row[:2] != ["1", "10"]]
    ratings = read([*again, *others])
    assert ratings.table["rating"].iloc[0] == 5
    assert [note.rows for note in ratings.notes.left_out] == [1]


@pytest.mark.parametrize(
    ("earlier", "later", "order"),
    [
        ("10/04/2019", "03/12/2019", "13/01/2019"),
        ("10.04.2019", "03.12.2019", "04.03.2019"),
        ("04/10/2019", "12/03/2019", "01/13/2019"),
        ("10-04-2019 08:00", "03-12-2019 07:00", "31-01-2019 10:00"),
    ],
)
def test_one_date_tells_whether_the_day_is_first_in_all(
    read: Read, earlier: str, later: str, order: str
) -> None:
    header = ("user", "film", "rating", "date")
    once = [[*row[:3], order] for row in ROWS[2:]]
    # The later rating comes first in the file.
    rows = [[*ROWS[0][:2], "5", later], [*ROWS[1][:2], "4", later], *once, [*ROWS[0][:2], "1", earlier]]
    ratings = read(rows, header)
    assert ratings.table["rating"].iloc[0] == 5 and not ratings.notes.warnings


def test_where_day_and_month_are_in_doubt_the_order_of_the_lines_counts(read: Read) -> None:
    rows = [[*row[:3], "03/12/2019"] for row in ROWS]
    ratings = read([*rows, [*ROWS[0][:2], "1", "10/04/2019"]], ("user", "film", "rating", "date"))
    assert ratings.table["rating"].iloc[-1] == 1
    assert any("whether the day or the month is first" in warning for warning in ratings.notes.warnings)
    assert [note.why for note in ratings.notes.left_out] == [
        "the same user rated the same film again; the last line stays"
    ]


@pytest.mark.parametrize("nothing", ["nan", "", "unknown"])
def test_a_film_is_not_split_by_a_missing_year(read: Read, nothing: str) -> None:
    rows = [
        [*row[:3], row[4][:-7], nothing if number % 7 == 2 else f"{row[4][-5:-1]}.0"]
        for number, row in enumerate(ROWS)
    ]
    ratings = read([[row[0], *row[2:]] for row in rows], ("user", "rating", "title", "year"))
    assert set(ratings.films["film_id"]) == set(TITLES)
    assert [warning for warning in ratings.notes.warnings if "Equal titles" in warning] == []
    assert any("Rows without a year" in warning for warning in ratings.notes.warnings)


@pytest.mark.parametrize("word", ["NR", "n/a", "-", "Not rated", "N.A.", "–"])
def test_words_for_no_rating_are_counted(read: Read, word: str) -> None:
    ratings = read(with_ratings(lambda number, rating: word if number % 9 == 4 else str(rating)))
    assert [(note.why, note.rows) for note in ratings.notes.left_out] == [("no rating", 4)]


def test_some_zeros_are_counted_but_stay(read: Read) -> None:
    ratings = read(with_ratings(lambda number, rating: "0" if number in (3, 7) else str(rating)))
    assert len(ratings.table) == len(ROWS) and ratings.scale == (0, 5)
    assert any(warning.startswith("2 ratings of 0 in 'rating'") for warning in ratings.notes.warnings)
