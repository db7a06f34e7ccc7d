"""The known layouts. One more is a few lines here and a test."""

from core.data.layouts.known_movielens import MOVIELENS, RECBOLE
from core.data.layouts.layout import FilmTable, Layout
from core.data.tables import Dialect

KNOWN: tuple[Layout, ...] = (
    *MOVIELENS,
    *RECBOLE,
    Layout(
        name="Amazon reviews of 2023",
        columns={
            "user": "user_id",
            "film": "parent_asin",
            "rating": "rating",
            "time": "timestamp",
            "review": "text",
        },
        signs=("user_id", "parent_asin", "rating"),
        scale=(1, 5),
    ),
    Layout(
        name="Amazon reviews of 2014 or 2018",
        columns={
            "user": "reviewerID",
            "film": "asin",
            "rating": "overall",
            "time": "unixReviewTime",
            "review": "reviewText",
        },
        signs=("reviewerID", "asin", "overall"),
        scale=(1, 5),
    ),
    Layout(
        name="SNAP's web reviews",
        columns={
            "user": "review/userId",
            "film": "product/productId",
            "rating": "review/score",
            "title": "product/title",
            "time": "review/time",
            "review": "review/text",
        },
        signs=("review/userId", "product/productId", "review/score"),
        scale=(1, 5),
    ),
    Layout(
        name="Book-Crossing",
        columns={"user": "User-ID", "film": "ISBN", "rating": "Book-Rating"},
        signs=("User-ID", "ISBN", "Book-Rating"),
        films=(FilmTable("*books.csv"),),
        absent=(0,),
        scale=(1, 10),
    ),
    Layout(
        name="Book-Crossing",
        columns={"user": "User-ID", "film": "ISBN", "rating": "Rating"},
        signs=("User-ID", "ISBN", "Rating"),
        exact=True,
        films=(FilmTable("*books.csv"),),
        absent=(0,),
        scale=(1, 10),
    ),
    *(
        Layout(
            name="Goodreads by UCSD",
            columns={
                "user": "user_id",
                "film": "book_id",
                "rating": "rating",
                "time": "date_added",
                "review": "review_text_incomplete" if "is_read" in signs else "review_text",
            },
            signs=("user_id", "book_id", "rating", *signs),
            absent=(0,),
            scale=(1, 5),
        )
        for signs in (
            ("review_text",),
            ("review_id", "date_added", "is_read"),
            ("is_read", "is_reviewed"),
            ("review_id", "date_added"),
        )
    ),
    Layout(
        name="Goodbooks 10k",
        columns={"user": "user_id", "film": "book_id", "rating": "rating"},
        signs=("user_id", "book_id", "rating"),
        exact=True,
        files=("ratings.csv*",),
        films=(
            # In its first version `id` is the number in the ratings, and `book_id` that of Goodreads.
            FilmTable("books.csv", {"film_id": "id", "title": "title", "year": "original_publication_year"}),
            FilmTable("books.csv"),
        ),
        scale=(1, 5),
    ),
    Layout(
        name="Douban's films",
        columns={
            "user": "USER_MD5",
            "film": "MOVIE_ID",
            "rating": "RATING",
            "time": "RATING_TIME",
            "review": "CONTENT",
        },
        signs=("USER_MD5", "MOVIE_ID", "RATING"),
        films=(FilmTable("movies.csv"),),
        scale=(1, 5),
    ),
    Layout(
        name="Douban's short comments",
        columns={
            "user": "Username",
            "film": "Movie_Name_EN",
            "title": "Movie_Name_EN",
            "rating": "Star",
            "time": "Date",
            "review": "Comment",
        },
        signs=("Username", "Movie_Name_EN", "Star"),
        scale=(1, 5),
    ),
    Layout(
        name="Netflix's prize",
        columns={"user": "user", "film": "movie", "rating": "rating", "time": "date"},
        signs=("movie", "user", "rating", "date"),
        exact=True,
        files=("combined_data_*.txt", "mv_*.txt"),
        films=(
            FilmTable(
                "movie_titles.*",
                {"film_id": "column 1", "year": "column 2", "title": "column 3"},
                Dialect(separator=",", header=False, rest_in_last=3),
            ),
        ),
        scale=(1, 5),
    ),
    Layout(
        name="MyAnimeList",
        columns={"user": "user_id", "film": "anime_id", "rating": "rating"},
        signs=("user_id", "anime_id", "rating"),
        films=(FilmTable("anime.csv"),),
        absent=(-1, 0),
        scale=(1, 10),
    ),
    Layout(
        name="a Letterboxd export",
        columns={
            "film": "Letterboxd URI",
            "title": "Name",
            "year": "Year",
            "rating": "Rating",
            "time": "Date",
        },
        signs=("Letterboxd URI", "Name", "Year", "Rating"),
        files=("ratings.csv",),
        scale=(0.5, 5),
        one_person=True,
    ),
    Layout(
        # Here each address is that of an entry, not of a film.
        name="a Letterboxd export",
        columns={
            "film": "Name",
            "title": "Name",
            "year": "Year",
            "rating": "Rating",
            "time": "Date",
            "review": "Review",
        },
        signs=("Letterboxd URI", "Name", "Year", "Rating"),
        scale=(0.5, 5),
        one_person=True,
    ),
    Layout(
        name="an IMDb export",
        columns={
            "film": "Const",
            "rating": "Your Rating",
            "title": "Title",
            "year": "Year",
            "time": "Date Rated",
            "genres": "Genres",
            "imdb_id": "Const",
        },
        signs=("Const", "Your Rating", "Title"),
        scale=(1, 10),
        one_person=True,
    ),
    *(
        Layout(
            name="a Trakt export",
            columns={
                "film": f"{kind}.ids.trakt",
                "rating": "rating",
                "title": f"{kind}.title",
                "year": f"{kind}.year",
                "time": "rated_at",
                "imdb_id": f"{kind}.ids.imdb",
            },
            signs=("rating", f"{kind}.ids.trakt", f"{kind}.title"),
            files=("*.json", "*.jsonl"),
            scale=(1, 10),
            one_person=True,
        )
        for kind in ("movie", "show")
    ),
)
