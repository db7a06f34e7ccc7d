"""Every known layout: its files, written small by the rules of its publisher, give the ratings that are in them."""

import json
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.data.layouts.known import KNOWN
from core.data.ratings.dataset import Ratings
from core.data.ratings.read import open_ratings, ratings_of, read_ratings
from core.errors import BadInput
from core.progress import silent
from core.store import Store

PAIRS = (("7", "1", 4, 100), ("7", "2", 1, 101), ("9", "1", 3, 102))
"""User, film, rating, time."""
READ = [("7", "1", 4.0), ("7", "2", 1.0), ("9", "1", 3.0)]
FLAGS = "|".join("0" * 19)


def rows(separator: str, header: str = "", order: str = "ufrt") -> str:
    places = ["ufrt".index(letter) for letter in order]
    lines = [separator.join(str(pair[place]) for place in places) for pair in PAIRS]
    return "\n".join([*([header] if header else []), *lines]) + "\n"


def objects(**names: str) -> str:
    """Objects a line; names are theirs=ours, or theirs=a text of their own."""
    lines = []
    for pair in PAIRS:
        values = dict(zip(("user", "film", "rating", "time"), pair, strict=True))
        lines.append(json.dumps({theirs: values.get(ours, ours) for theirs, ours in names.items()}))
    return "\n".join(lines) + "\n"


EXAMPLES: Mapping[str, tuple[tuple[str, Mapping[str, str]], ...]] = {
    "MovieLens 100K": (
        (
            "films",
            {
                "u.data": rows("\t"),
                "u.item": f"1|Émile, L' (1995)|01-Jan-1995||http://x|0|1|1|{FLAGS[6:]}\n2|unknown||||{FLAGS}\n",
                "README": "Notes\n",
            },
        ),
        ("alone", {"u.data": rows("\t")}),
    ),
    "MovieLens 1M or 10M": (
        (
            "films",
            {
                "ratings.dat": rows("::"),
                "movies.dat": '1::Émile, L\' (1995)::Action|Adventure\n2::Heat: A "Film" (1996)::Drama\n',
                "users.dat": "7::F::1::10::48067\n9::M::56::16::70072\n",
                "README": "Notes\n",
            },
        ),
        ("alone", {"ratings.dat": rows("::")}),
    ),
    "MovieLens 20M, 25M, 32M or latest": (
        (
            "films, IMDb ids",
            {
                "ratings.csv": rows(",", "userId,movieId,rating,timestamp"),
                "movies.csv": 'movieId,title,genres\n1,"Émile, L\' (1995)",Action|Adventure\n2,Heat (1996),\n',
                "links.csv": "movieId,imdbId,tmdbId\n1,0114814,629\n2,,\n",
                "tags.csv": "userId,movieId,tag,timestamp\n7,1,good,100\n",
            },
        ),
        ("alone", {"ratings.csv": rows(",", "userId,movieId,rating,timestamp")}),
    ),
    "RecBole's MovieLens 100K": (
        (
            "films",
            {
                "ml-100k.inter": rows("\t", "user_id:token\titem_id:token\trating:float\ttimestamp:float"),
                "ml-100k.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
                "1\tÉmile, L'\t1995\tAction Adventure\n2\tunkonwn\tunkonwn\tunknown\n",
            },
        ),
    ),
    "RecBole": (
        (
            "films",
            {
                "mine.inter": rows("\t", "user_id:token\titem_id:token\trating:float\ttimestamp:float"),
                "mine.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tgenre:token_seq\n"
                "1\tÉmile, L'\t1995\tAction Adventure\n2\tHeat\t1996\tDrama\n",
                "other.item": "item_id:token\tmovie_title:token_seq\n1\tAnother\n2\tOne\n",
            },
        ),
        (
            "alone",
            {"mine.inter": rows("\t", "item_id:token\tuser_id:token\trating:float", order="fur")},
        ),
    ),
    "Amazon reviews of 2023": (
        (
            "no titles",
            {
                "mine.jsonl": objects(
                    rating="rating", title="Great", text="Good.", asin="x", parent_asin="film", user_id="user"
                )
            },
        ),
    ),
    "Amazon reviews of 2014 or 2018": (
        (
            "no titles",
            {
                "mine.json": objects(
                    reviewerID="user", asin="film", reviewText="Good.", overall="rating", summary="Great"
                )
            },
        ),
    ),
    "SNAP's web reviews": (
        (
            "no titles",
            {
                "mine.txt": "\n".join(
                    f"product/productId: {film}\nreview/userId: {user}\nreview/profileName: A\n"
                    f"review/score: {rating}.0\nreview/time: {time}\nreview/summary: Great\nreview/text: Good.\n"
                    for user, film, rating, time in PAIRS
                )
            },
        ),
    ),
    "Book-Crossing": (
        (
            "no genres",
            {
                "BX-Book-Ratings.csv": rows(";", '"User-ID";"ISBN";"Book-Rating"', "ufr") + "9;2;0\n",
                "BX-Books.csv": '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication"\n'
                '"1";"Émile, L\'";"X";"1995"\n"2";"Heat";"Y";"1996"\n',
            },
        ),
        (
            "no genres",
            {
                "Ratings.csv": rows(",", "User-ID,ISBN,Rating", "ufr") + "9,2,0\n",
                "Books.csv": 'ISBN,Title,Author,Year,Publisher\n1,"Émile, L\'",X,1995,Z\n2,Heat,Y,1996,Z\n',
            },
        ),
        ("alone", {"BX-Book-Ratings.csv": rows(";", '"User-ID";"ISBN";"Book-Rating"', "ufr") + "9;2;0\n"}),
    ),
    "Goodreads by UCSD": (
        (
            "no titles",
            {
                "mine.json": objects(
                    user_id="user", book_id="film", review_id="x", rating="rating", review_text="Good."
                )
                + '{"user_id": "9", "book_id": "2", "review_id": "x", "rating": 0, "review_text": "Good."}\n'
            },
        ),
        (
            "no titles",
            {
                "mine.csv": "user_id,book_id,is_read,rating,is_reviewed\n7,1,1,4,0\n7,2,1,1,0\n9,1,1,3,0\n9,2,0,0,0\n"
            },
        ),
    ),
    "Goodbooks 10k": (
        (
            "no genres",
            {
                "ratings.csv": rows(",", "user_id,book_id,rating", "ufr"),
                "books.csv": 'book_id,goodreads_book_id,original_publication_year,title\n1,2,1995,"Émile, L\'"\n'
                "2,1,1996,Heat\n",
                "book_tags.csv": "goodreads_book_id,tag_id,count\n1,1,1\n",
            },
        ),
        (
            "no genres",
            {
                "ratings.csv": rows(",", "book_id,user_id,rating", "fur"),
                "books.csv": 'id,book_id,original_publication_year,title\n1,2,1995.0,"Émile, L\'"\n2,1,1996,Heat\n',
            },
        ),
    ),
    "Douban's films": (
        (
            "films",
            {
                "ratings.csv": rows(",", "USER_MD5,MOVIE_ID,RATING,RATING_TIME"),
                "movies.csv": 'MOVIE_ID,NAME,GENRES,IMDB_ID,YEAR\n1,"Émile, L\'",Action/Adventure,tt0114814,1995\n'
                "2,Heat,Drama,,1996\n",
            },
        ),
    ),
    "Netflix's prize": (
        (
            "no genres",
            {
                "combined_data_1.txt": "1:\n7,4,2005-09-06\n9,3,2005-09-08\n",
                "combined_data_2.txt": "2:\n7,1,2005-09-07\n",
                "movie_titles.csv": "1,1995,Émile, L'\n2,NULL,Heat\n",
            },
        ),
    ),
    "MyAnimeList": (
        (
            "no year",
            {
                "rating.csv": rows(",", "user_id,anime_id,rating", "ufr") + "9,2,-1\n",
                "anime.csv": 'anime_id,name,genre,type,rating\n1,"Émile, L\'","Action, Adventure",TV,9\n'
                "2,Heat,Drama,TV,8\n",
            },
        ),
    ),
}
BY_TITLE = {"Douban's short comments"}
OF_ONE_PERSON = {
    "a Letterboxd export": {
        "ratings.csv": "Date,Name,Year,Letterboxd URI,Rating\n2024-01-02,Heat,1995,https://boxd.it/1,4.5\n"
        "2024-01-03,Up,2009,https://boxd.it/2,3\n",
        "watched.csv": "Date,Name,Year,Letterboxd URI\n",
    },
    "an IMDb export": {
        "ratings.csv": "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Year,Genres\n"
        'tt0113277,9,2024-01-02,Heat,http://x,Movie,8.3,1995,"Crime, Drama"\n'
        "tt1049413,8,2024-01-03,Up,http://x,Movie,8.3,2009,Animation\n",
    },
    "a Trakt export": {
        "ratings-episodes.json": json.dumps(
            [{"rating": 5, "show": {"title": "Lost", "ids": {"trakt": 9}}, "episode": {"number": 1}}]
        ),
        "ratings-movies.json": json.dumps(
            [
                {
                    "rated_at": "2024-01-02T00:00:00.000Z",
                    "rating": rating,
                    "type": "movie",
                    "movie": {"title": title, "year": year, "ids": {"trakt": trakt, "imdb": imdb}},
                }
                for rating, title, year, trakt, imdb in (
                    (9, "Heat", 1995, 1, "tt0113277"),
                    (8, "Up", 2009, 2, "tt1049413"),
                )
            ]
        ),
    },
}


def folder_of(parent: Path, files: Mapping[str, str], encoding: str = "utf-8") -> Path:
    folder = parent / "set"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "latin-1" if name == "u.item" else encoding, newline="")
    return folder


def zip_of(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with ZipFile(path, "w") as file:
        for member in folder.iterdir():
            file.write(member, f"data/{member.name}")
    return path


def triples(ratings: Ratings) -> list[tuple[str, str, float]]:
    films = ratings.films["film_id"].to_numpy()[ratings.table["film"]]
    users = ratings.user_ids[ratings.table["user"]]
    return list(zip(users.tolist(), films.tolist(), ratings.table["rating"].tolist(), strict=True))


def test_each_layout_has_an_example() -> None:
    assert {layout.name for layout in KNOWN} == {*EXAMPLES, *BY_TITLE, *OF_ONE_PERSON}


@pytest.mark.parametrize(
    ("name", "parts", "files"),
    [(name, parts, files) for name, examples in EXAMPLES.items() for parts, files in examples],
)
def test_a_layout_as_folder_as_zip_and_alone(
    store: Store, tmp_path: Path, name: str, parts: str, files: Mapping[str, str]
) -> None:
    folder = folder_of(tmp_path, files)
    alone = [] if name.startswith("Netflix") else [folder / next(iter(files))]
    for path in (folder, zip_of(folder), *alone):
        ratings = read_ratings(str(path), store, silent)
        assert sorted(triples(ratings)) == READ
        assert open_ratings(path).roles.layout == name
        if parts in ("alone", "no titles") or path in alone:
            assert ratings.films["title"].tolist() == ["Film 1", "Film 2"]
            continue
        first = ratings.films.iloc[0]
        assert first["title"].startswith("Émile, L'")
        assert parts == "no year" or first["year"] == 1995
        assert parts == "no genres" or first["genres"] == "Action|Adventure"
        assert ratings.films["imdb_id"].notna().tolist() == [
            name.startswith(("MovieLens 20M", "Douban")),
            False,
        ]


def test_what_means_not_rated_is_counted(store: Store, tmp_path: Path) -> None:
    (_, files), *_ = EXAMPLES["Book-Crossing"]
    ratings = read_ratings(str(folder_of(tmp_path, files)), store, silent)
    assert ratings.scale == (1, 10)
    assert [(note.why, note.rows) for note in ratings.notes.left_out] == [
        ("Book-Rating is 0, which means “not rated”", 1)
    ]


@pytest.mark.parametrize(
    ("name", "separator", "header"),
    [
        ("ratings.csv", ",", "userId,movieId,rating,timestamp"),
        ("ratings.dat", "::", ""),
        ("u.data", "\t", ""),
    ],
)
def test_ratings_beyond_the_scale_of_a_layout_are_those_of_a_table_of_ones_own(
    store: Store, tmp_path: Path, name: str, separator: str, header: str
) -> None:
    def read(highest: int) -> Ratings:
        lines = [
            separator.join(map(str, (user, film, max(1, (user + film) % 6 * highest // 5), 100)))
            for user in range(9)
            for film in range(9)
        ]
        (tmp_path / name).write_text("\n".join([*([header] if header else []), *lines]) + "\n")
        return read_ratings(str(tmp_path / name), store, silent)

    own = f"Your own file {name}; check its terms yourself."
    ratings = read(10)
    assert ratings.scale == (1, 10) and len(ratings.table) == 81 and ratings.licence == own
    assert any("So they are read as those of a table of your own" in text for text in ratings.notes.warnings)
    # Without the table of films, the ratings may be anyone's.
    fitting = read(5)
    assert fitting.licence == own
    assert not any("of your own" in text for text in fitting.notes.warnings)


def test_the_licence_of_movielens_comes_with_its_films(store: Store, tmp_path: Path) -> None:
    (_, files), *_ = EXAMPLES["MovieLens 1M or 10M"]
    folder = folder_of(tmp_path, files)
    assert "GroupLens" in read_ratings(str(folder), store, silent).licence
    (folder / "ratings.dat").write_text(rows("::") + "9::2::7::5\n")
    with pytest.raises(BadInput, match="line 4: .* is 7, outside of 0.5 to 5; correct or delete the line"):
        read_ratings(str(folder), store, silent)


@pytest.mark.parametrize(("name", "files"), OF_ONE_PERSON.items())
def test_the_export_of_one_person_is_read_but_not_trained_on(
    store: Store, tmp_path: Path, name: str, files: Mapping[str, str]
) -> None:
    folder = folder_of(tmp_path, files)
    alone = next(folder / file for file in files if "episodes" not in file)
    for path in (folder, zip_of(folder), alone):
        found = open_ratings(path)
        assert found.layout is not None and found.layout.name == name and found.one_person
        ratings = ratings_of(found, str(path), path, store, silent)
        assert len(ratings.table) == 2 and set(ratings.films["year"]) == {1995, 2009}
        assert any("one person" in warning for warning in ratings.notes.warnings)
        with pytest.raises(
            BadInput, match="ratings of one person.*. Give ratings of many people, such as ml-100k"
        ):
            read_ratings(str(path), store, silent)


def test_films_named_by_their_titles(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "DMSC.csv"
    path.write_text(
        "ID,Movie_Name_EN,Movie_Name_CN,Crawl_Date,Number,Username,Date,Star,Comment,Like\n"
        "0,Heat,x,2017-01-22,1,ann,2015-05-13,3,Good.,2404\n1,Heat,x,2017-01-22,1,bob,2015-05-13,4,Good.,1\n"
        "2,Up,x,2017-01-22,1,ann,2015-05-13,5,Good.,9\n"
    )
    assert triples(read_ratings(str(path), store, silent)) == [
        ("ann", "Heat", 3),
        ("bob", "Heat", 4),
        ("ann", "Up", 5),
    ]
