"""The layouts of MovieLens, and RecBole's, which copies it."""

from core.data.datasets.find import MOVIELENS_TERMS
from core.data.layouts.layout import FilmTable, Layout
from core.data.tables import Dialect

LICENCE = f"MovieLens {MOVIELENS_TERMS} (Harper and Konstan 2015)."
BY_POSITION = {"user": "column 1", "film": "column 2", "rating": "column 3", "time": "column 4"}
COLUMNS = {"user": "userId", "film": "movieId", "rating": "rating", "time": "timestamp"}
GENRES = (
    "Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical|Mystery|"
    "Romance|Sci-Fi|Thriller|War|Western"
).split("|")
"""Columns 7 to 24 of u.item, in their order (u.genre); column 6 is "unknown"."""

MOVIELENS = (
    Layout(
        name="MovieLens 100K",
        columns=BY_POSITION,
        signs=tuple(BY_POSITION.values()),
        exact=True,
        files=("u.data",),
        dialect=Dialect(separator="\t", header=False, quoted=False),
        films=(
            FilmTable(
                "u.item",
                {"film_id": "column 1", "title": "column 2", "year": "column 3"},
                Dialect(separator="|", encoding="latin-1", header=False, quoted=False),
                flags={f"column {7 + place}": genre for place, genre in enumerate(GENRES)},
            ),
        ),
        scale=(1, 5),
        equal_titles_are_one_film=True,
        licence=LICENCE,
    ),
    Layout(
        name="MovieLens 1M or 10M",
        columns=BY_POSITION,
        signs=tuple(BY_POSITION.values()),
        exact=True,
        files=("ratings.dat",),
        dialect=Dialect(separator="::", header=False, quoted=False),
        films=(
            FilmTable(
                "movies.dat",
                {"film_id": "column 1", "title": "column 2", "genres": "column 3"},
                Dialect(separator="::", header=False, quoted=False),
            ),
        ),
        within=(0.5, 5),
        licence=LICENCE,
    ),
    Layout(
        name="MovieLens 20M, 25M, 32M or latest",
        columns=COLUMNS,
        signs=tuple(COLUMNS.values()),
        exact=True,
        files=("ratings.csv",),
        dialect=Dialect(separator=",", header=True),
        films=(
            FilmTable("movies.csv", {"film_id": "movieId", "title": "title", "genres": "genres"}),
            FilmTable("links.csv", {"film_id": "movieId", "imdb_id": "imdbId"}),
        ),
        scale=(0.5, 5),
        licence=LICENCE,
    ),
)

_INTER = {
    "user": "user_id:token",
    "film": "item_id:token",
    "rating": "rating:float",
    "time": "timestamp:float",
}
_SIGNS = ("user_id:token", "item_id:token", "rating:float")
_PLAIN = Dialect(separator="\t", header=True, quoted=False)
RECBOLE = (
    Layout(
        name="RecBole's MovieLens 100K",
        columns=_INTER,
        signs=_SIGNS,
        files=("ml-100k.inter",),
        dialect=_PLAIN,
        films=(
            FilmTable(
                "ml-100k.item",
                {
                    "film_id": "item_id:token",
                    "title": "movie_title:token_seq",
                    "year": "release_year:token",
                    "genres": "class:token_seq",
                },
                _PLAIN,
                titles={"unkonwn (unkonwn)": "unknown"},
                year_in_title=True,
                genres_by_spaces=True,
            ),
        ),
        scale=(1, 5),
        equal_titles_are_one_film=True,
        licence=LICENCE,
    ),
    Layout(
        name="RecBole",
        columns=_INTER,
        signs=_SIGNS,
        files=("*.inter",),
        dialect=_PLAIN,
        films=(FilmTable("{stem}.item", {}, _PLAIN, genres_by_spaces=True),),
    ),
)
