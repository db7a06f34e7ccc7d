"""Reading ratings: tiny inputs whose answers can be seen by eye, and every input that is refused."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.data.ratings.dataset import Ratings
from core.data.ratings.read import read_ratings
from core.errors import BadInput
from core.progress import silent
from core.store import Store

PLAIN = "userId,movieId,rating\n1,10,5\n1,20,3\n2,10,4\n"
MOVIES = (
    'movieId,title,genres\n1,"Usual Suspects, The (1995)",Crime|Mystery\n2,Casper (1995),(no genres listed)\n'
)
RATINGS = "userId,movieId,rating,timestamp\n7,1,4.5,100\n7,2,0.5,101\n9,1,3.0,102\n"
UNKNOWN = "0|" * 18 + "0"


def read(path: Path, store: Store, content: str | bytes | None = None) -> Ratings:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_ratings(str(path), store, silent)


def folder_of(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_bytes(text.encode("latin-1" if name == "u_item" else "utf-8"))
    return folder


def item(film_id: int, title: str, genres: str = UNKNOWN) -> str:
    return f"{film_id}|{title}|01-Jan-1994||http://x|{genres}\n"


def triples(ratings: Ratings) -> list[tuple[object, object, float]]:
    films = ratings.films["film_id"].to_numpy()[ratings.table["film"]]
    users = ratings.user_ids[ratings.table["user"]]
    return list(zip(users.tolist(), films.tolist(), ratings.table["rating"].tolist(), strict=True))


def test_plain_table(store: Store, tmp_path: Path) -> None:
    ratings = read(tmp_path / "mine.csv", store, PLAIN)
    assert triples(ratings) == [("1", "10", 5.0), ("1", "20", 3.0), ("2", "10", 4.0)]
    assert ratings.films["title"].tolist() == ["Film 10", "Film 20"]
    assert ratings.scale == (3.0, 5.0)
    assert ratings.name == "mine.csv"
    assert "mine.csv" in ratings.licence
    assert ratings.table.dtypes.astype(str).tolist() == ["int32", "int32", "float32"]
    assert ratings.films["film_id"].dtype == ratings.user_ids.dtype == "str"


def test_a_year_in_other_digits_stays_in_the_title(store: Store, tmp_path: Path) -> None:
    titles = ("الفيلم (١٩٩٣)", "फ़िल्म (१९९३)", "Heat (1995)")
    rows = "".join(f"{user},{title},{user + len(title) % 4},{title}\n" for user in (1, 2) for title in titles)
    films = read(tmp_path / "mine.csv", store, "user,item,rating,title\n" + rows).films
    years = dict(zip(films["title"], films["year"], strict=True))
    assert set(years) == set(titles) and years["Heat (1995)"] == 1995
    assert pd.isna(years[titles[0]]) and pd.isna(years[titles[1]])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "User\tItem\tStars\n1\t10\t5\n1\t20\t3\n2\t10\t4\n"),
        ("b.csv", "\ufeffuser_id;movie id;Score\r\n1;10;5\r\n\r\n1;20;3\r\n2;10;4\r\n"),
        ("c.csv", "x,film,rating,user\n,10,5,1\n,20,3,1\n,10,4,2\n"),
        ("d.csv", PLAIN.encode("utf-16")),
        ("e.csv", "userId,movieId,rating,café\n1,10,5,é\n1,20,3,\n2,10,4,\n".encode("latin-1")),
        (
            "f.jsonl",
            '{"u_id": 1, "asin": 10, "overall": 5}\n{"u_id": 1, "asin": 20, "overall": 3}\n'
            '{"u_id": 2, "asin": 10, "overall": 4.0}\n',
        ),
    ],
)
def test_column_names_and_formats(store: Store, tmp_path: Path, name: str, content: str | bytes) -> None:
    assert triples(read(tmp_path / name, store, content)) == [
        ("1", "10", 5.0),
        ("1", "20", 3.0),
        ("2", "10", 4.0),
    ]


def test_text_ids_titles_and_control_characters(store: Store, tmp_path: Path) -> None:
    content = "user,film,rating,title\nann,b,5,B\x00ad (1990)\nann,a,3,\nbob,b,4,B\x00ad (1990)\n"
    ratings = read(tmp_path / "mine.csv", store, content)
    assert triples(ratings) == [("ann", "b", 5.0), ("ann", "a", 3.0), ("bob", "b", 4.0)]
    assert ratings.films["title"].tolist() == ["Film a", "B ad (1990)"]
    assert ratings.films["year"].tolist() == [pd.NA, 1990]


def test_parquet(store: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame({"user": ["a", "a", "b"], "item": [1, 2, 1], "rating": [5.0, 3.0, 4.0]})
    frame.to_parquet(tmp_path / "mine.parquet")
    assert triples(read(tmp_path / "mine.parquet", store)) == [
        ("a", "1", 5.0),
        ("a", "2", 3.0),
        ("b", "1", 4.0),
    ]


def test_newer_movielens(store: Store, tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        ratings_csv=RATINGS,
        movies_csv=MOVIES,
        links_csv="movieId,imdbId,tmdbId\n1,0114814,629\n2,,\n",
    )
    ratings = read(folder, store)
    assert triples(ratings) == [("7", "1", 4.5), ("7", "2", 0.5), ("9", "1", 3.0)]
    assert ratings.scale == (0.5, 5.0)
    first = ratings.films.iloc[0]
    assert (first.title, first.year, first.imdb_id, first.genres) == (
        "Usual Suspects, The (1995)",
        1995,
        "tt0114814",
        "Crime|Mystery",
    )
    assert ratings.films["imdb_id"].isna().tolist() == [False, True]
    assert ratings.films["genres"].tolist()[1] == ""


def test_what_is_no_imdb_id_is_none(store: Store, tmp_path: Path) -> None:
    links = "movieId,imdbId\n1,0113277](http://evil) [a\n2,0118308\n"
    ratings = read(folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES, links_csv=links), store)
    assert ratings.films.imdb_id.isna().tolist()[0] and ratings.films.imdb_id[1] == "tt0118308"


def test_zip_and_folder_agree_and_links_are_optional(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in ("ratings.csv", "movies.csv"):
            file.write(folder / name, f"ml/{name}")
    one, other = read(folder, store), read(tmp_path / "a.zip", store)
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.films, other.films)


def test_100k_layout(store: Store, tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        u_data="5\t1\t4\t10\n5\t2\t1\t11\n6\t1\t5\t12\n",
        u_item=item(1, "Misérables, Les (1995)", "0|1|1|" + "0|" * 15 + "0")
        + item(2, "unknown")
        + item(3, "Unrated (1990)"),
    )
    ratings = read(folder, store)
    assert ratings.films["title"].tolist() == ["Misérables, Les (1995)", "unknown", "Unrated (1990)"]
    assert ratings.films["year"].tolist() == [1995, 1994, 1990]
    assert ratings.films["genres"].tolist() == ["Action|Adventure", "", ""]
    assert ratings.scale == (1.0, 5.0)


def test_the_mirrors_copy(store: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as file:
        file.writestr(
            "ml-100k.inter",
            "user_id:token\titem_id:token\trating:float\ttimestamp:float\n5\t1\t4\t10\n5\t2\t1\t11\n6\t1\t5\t12\n",
        )
        file.writestr(
            "ml-100k.item",
            "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
            "1\tToy Story\t1995\tAnimation Children's\n"
            "2\tunkonwn\tunkonwn\tunknown\n3\tLand (1995)\tV\tAnimation\n",
        )
    films = read(tmp_path / "r.zip", store).films
    assert films["title"].tolist() == ["Toy Story (1995)", "unknown", "Land (1995) (V)"]
    assert films["year"].tolist() == [1995, pd.NA, 1995]
    assert films["genres"].tolist() == ["Animation|Children's", "", "Animation"]


def test_movielens_100k_lists_films_twice_and_newer_sets_do_not(store: Store, tmp_path: Path) -> None:
    twice = folder_of(
        tmp_path,
        u_data="5\t9\t5\t20\n5\t3\t2\t10\n6\t9\t4\t5\n6\t4\t1\t6\n",
        u_item=item(3, "Ice (1997)") + item(4, "Other (1990)") + item(9, "Ice (1997)"),
    )
    ratings = read(twice, store)
    assert ratings.films["film_id"].tolist() == ["3", "4"]
    assert ratings.films["other_ids"].tolist() == [("9",), ()]
    assert triples(ratings) == [("5", "3", 5.0), ("6", "3", 4.0), ("6", "4", 1.0)]
    assert [(one.kept, one.others) for one in ratings.notes.merged] == [("3", ("9",))]
    for file in twice.iterdir():
        file.unlink()
    (twice / "ratings.csv").write_text(RATINGS)
    (twice / "movies.csv").write_text("movieId,title,genres\n1,Emma (1996),\n2,Emma (1996),\n")
    films = read(twice, store).films
    assert films["title"].tolist() == ["Emma (1996) [id 1]", "Emma (1996) [id 2]"]


# --- what is refused ---


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "bad.csv is empty; give a table with a header line and rows"),
        ("\n \n", "bad.csv is empty"),
        ("user,film,rating\n", "bad.csv has no ratings; add some"),
        ("user,rating\n1,5\n", r"no column for the film \(it has user, rating\); name one 'film'"),
        ("film,rating\n1,5\n", "no column for the user"),
        ("user,film\n1,5\n", "no column for the rating"),
        ("user,film,rating,rating\n1,5,1,1\n", "has several columns called 'rating'; rename all but one"),
        (
            PLAIN + "\n3,10,good\n",
            "bad.csv, line 6: rating is 'good', which is not a readable number; correct or delete",
        ),
        (PLAIN + "3,10\n", "bad.csv, line 5 has 2 columns where 3 are due; mend the line"),
        (
            PLAIN + "3,10,inf\n",
            "bad.csv, line 5: rating is 'inf', which is not a readable number; correct or delete",
        ),
        (
            PLAIN + "3,10,101\n",
            "bad.csv, line 5: rating is 101.*outside of -100 to 100; correct or delete the line",
        ),
        (
            "user,film,rating\n1,1,5\n1,2,4\n",
            "ratings of one user alone; factors need at least two, add more",
        ),
        ("user,film,rating\n1,1,5\n2,1,4\n", "ratings of one film alone; factors need at least two"),
        (
            "user,film,rating\n1,1,5\n2,2,5\n",
            "same rating, 5, everywhere; nothing can be learned, add others",
        ),
        (bytes(range(256)) * 20, "bad.csv is not a text in UTF-8 but binary data; save it as CSV in UTF-8"),
        (b"PAR1 and then nothing", "bad.csv is not a whole Parquet file; write it again"),
        (
            'user,film,rating,title\n1,1,5,"A\n2,2,4,B\n',
            "bad.csv, line 2 has a quotation mark that is never closed; close it",
        ),
    ],
)
def test_bad_tables(store: Store, tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read(tmp_path / "bad.csv", store, content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"tags_csv": "userId,movieId,tag\n1,2,good\n", "movies_csv": MOVIES},
            r"set has no table with columns for user, film and rating \(it has movies.csv, tags.csv\)",
        ),
        (
            {"ratings_csv": RATINGS + "9,2,5.5,1\n", "movies_csv": MOVIES},
            "set: ratings.csv, line 5: rating is 5.5, outside of 0.5 to 5",
        ),
        (
            {"ratings_csv": RATINGS + "9,x,good,1\n", "movies_csv": MOVIES},
            "set: ratings.csv, line 5: rating is 'good', which is not a readable number",
        ),
        (
            {"u_data": "1\t1\t5\t1\n1\t2\tx\t1\n", "u_item": item(1, "A")},
            "set: u.data, line 2: column 3 is 'x'",
        ),
        (
            {"u_data": "1\t1\t6\t1\n", "u_item": item(1, "A")},
            "set: u.data, line 1: rating is 6.*outside of 1 to 5",
        ),
        ({"u_data": "", "u_item": item(1, "A")}, "set: u.data is empty"),
    ],
)
def test_bad_movielens_folders(store: Store, tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read(folder_of(tmp_path, **files), store)
    assert "\n" not in str(caught.value)


def test_bad_zips(store: Store, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("ml/readme.txt", "nothing here")
    with pytest.raises(BadInput, match="bad.zip holds no table"):
        read(tmp_path / "bad.zip", store, content.getvalue())
    with pytest.raises(BadInput, match="bad.zip is not a whole zip archive; pack it again"):
        read(tmp_path / "bad.zip", store, content.getvalue()[:-10])


def test_damaged_member(store: Store, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("ratings.csv", RATINGS)
        file.writestr("movies.csv", MOVIES)
    damaged = content.getvalue().replace(b"7,1,4.5", b"7,1,3.5")
    with pytest.raises(BadInput, match=r"bad.zip: ratings.csv is damaged .*; fetch it again"):
        read(tmp_path / "bad.zip", store, damaged)


def test_no_such_place(store: Store) -> None:
    with pytest.raises(
        BadInput, match="no ratings at 'nowhere.csv'; give a file that exists or one of ml-100k, "
    ):
        read_ratings("nowhere.csv", store, silent)
    with pytest.raises(BadInput, match="lmrd holds reviews, not ratings; choose one of ml-100k, "):
        read_ratings("lmrd", store, silent)


def test_the_digest_is_that_of_the_content(store: Store, tmp_path: Path) -> None:
    one = read(tmp_path / "a.csv", store, PLAIN).digest
    assert read(tmp_path / "b.csv", store, PLAIN).digest == one
    assert read(tmp_path / "c.csv", store, PLAIN + "3,10,1\n").digest != one


# --- the real thing ---


def test_movielens_100k(store: Store, datasets_dir: Path) -> None:
    ratings = read_ratings("ml-100k", store, silent)
    # 18 of 1,682 films are listed twice; 307 times a user rated both.
    assert len(ratings.films) == 1664
    assert len(ratings.table) == 99_693
    assert len(ratings.user_ids) == 943
    assert ratings.films["title"].is_unique
    assert ratings.films["film_id"].astype(int).is_monotonic_increasing
    assert len(ratings.notes.merged) == 18
    assert [some.rows for some in ratings.notes.left_out] == [307]
    assert not ratings.table.duplicated(["user", "film"]).any()
    assert "Misérables, Les (1995)" in set(ratings.films["title"])
