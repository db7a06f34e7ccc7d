"""Names of columns, whatever the data set, the better first; `plain_name` says what is ignored."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

USER = (
    "user_id uid user_name user username usr_id usr reviewer_id reviewer reviewer_name critic_id critic "
    "critic_name customer_id customer cust_id member_id member viewer_id viewer rater_id rater person_id "
    "person account_id account profile_id profile profile_name author_id review_author author author_name "
    "reader_id reader listener_id player_id visitor_id consumer_id client_id userno u_id "
    "nutzer_id nutzer benutzer_id benutzer utilisateur_id id_utilisateur utilisateur spectateur_id spectateur "
    "usuario_id id_usuario usuario id_пользователя пользователь зритель"
).split()
FILM = (
    "film_id movie_id parent_asin item_id iid mid asin isbn book_id product_id business_id game_id app_id anime_id "
    "show_id series_id artist_id track_id song_id joke_id recipe_id video_id content_id title_id article_id "
    "course_id tmdb_id letterboxd_uri sku film movie item book product business game "
    "anime show artist track song joke recipe video pelicula фильм imdb_id tconst imdb_title_id"
).split()
TITLE = (
    "title film_title movie_title film_name movie_name item_title item_name book_title product_title product_name "
    "primary_title original_title movie film item book filmtitel titel titre_du_film titre "
    "titulo pelicula название_фильма название фильм name"
).split()
RATING = (
    "rating ratings overall score stars star star_rating book_rating user_rating your_rating my_rating review_score "
    "review_rating rating_value rating_score stars_given grade mark rate value vote preference like liked is_liked "
    "recommended is_recommended thumbs feedback bewertung note nota puntuacion calificacion "
    "valoracion оценка рейтинг"
).split()
TIME = (
    "timestamp unix_review_time time rated_at rating_timestamp rating_time review_time date date_rated rating_date "
    "review_date datetime created_at tstamp ts watched_date datum fecha дата"
).split()
YEAR = (
    "year release_year movie_year film_year year_of_publication original_publication_year publication_year "
    "year_of_release start_year year_released erscheinungsjahr jahr annee_de_sortie annee ano год"
).split()
GENRES = "genres genre movie_genres film_genres".split()
IMDB_ID = "imdb_id imdb tconst imdb_title_id movie_ids_imdb show_ids_imdb".split()
REVIEW = (
    "review text review_text review_body review_content reviewtext content body comment comments comment_comment "
    "critique opinion review_detail my_review rezension kritik meinung critica resena рецензия отзыв"
).split()

_BEHIND = re.compile(r"(?<=\w)\s*(\([^()]*\)|\[[^\[\]]*\]|/\s*\d+)$")
"""A parenthesis or a scale behind a name, as in "Rating (1-5)" and "Note /5"."""
Holds = Literal["ratings", "reviews"]
ALIASES: Mapping[Holds, Mapping[str, Sequence[str]]] = {
    "ratings": {
        "user": USER,
        "film": FILM,
        "rating": RATING,
        "title": TITLE,
        "time": TIME,
        "year": YEAR,
        "genres": GENRES,
        "imdb_id": IMDB_ID,
    },
    "reviews": {
        "film_id": [
            name
            for name in FILM
            if name.endswith(("id", "asin", "isbn", "sku", "uri")) and "imdb" not in name
        ],
        "imdb_id": IMDB_ID,
        "title": TITLE,
        "year": YEAR,
        "review": REVIEW,
        "stars": RATING,
    },
}
"""What a file holds -> our columns, with the names under which each is recognised."""


def plain_name(column: str) -> str:
    """Return a column's name as it is compared.

    Case, punctuation, accents, RecBole's ":type", and a parenthesis or a scale behind the name are ignored.

    >>> plain_name("user_id:token"), plain_name("review/userId"), plain_name("Movie ID"), plain_name(":")
    ('userid', 'userid', 'movieid', '')
    >>> plain_name("Année"), plain_name("Rating (1-5)"), plain_name("Note /5")
    ('annee', 'rating', 'note')
    """
    name = re.sub(r":(token|token_seq|float|float_seq)$", "", column.strip())
    name = _BEHIND.sub("", name).rpartition("/")[2]
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", name)).lower()


def named(columns: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the columns that have one of the names, the better first.

    >>> named(["Score", "Rating", "x"], ["rating", "score"])
    ['Rating', 'Score']
    """
    plain: dict[str, str] = {}
    # Of "Rating (count)" and "Rating", the name that needs no cut.
    for column in sorted(columns, key=lambda column: _BEHIND.search(column.strip()) is not None):
        plain.setdefault(plain_name(column), column)
    return list(dict.fromkeys(plain[key] for name in names if (key := plain_name(name)) in plain))


def named_columns(columns: Sequence[str], holds: Holds) -> dict[str, list[str]]:
    """Return our column -> those of the file that have one of its names, the better first."""
    return {ours: named(columns, names) for ours, names in ALIASES[holds].items()}


def named_roles(columns: Sequence[str], holds: Holds) -> dict[str, str]:
    """Return our column -> that of the file, each column of the file at most once.

    >>> named_roles(["userId", "Movie ID", "movie", "stars"], "ratings")
    {'user': 'userId', 'film': 'Movie ID', 'rating': 'stars', 'title': 'movie'}
    """
    roles: dict[str, str] = {}
    for ours, theirs in named_columns(columns, holds).items():
        if free := [column for column in theirs if column not in roles.values()]:
            roles[ours] = free[0]
    return roles


def film_columns(columns: Sequence[str]) -> dict[str, str]:
    """Return film_id, title, year, genres and imdb_id of a table of films, by the names of its columns.

    >>> film_columns(["item_id:token", "movie_title:token_seq", "class:token_seq"])
    {'film_id': 'item_id:token', 'title': 'movie_title:token_seq', 'genres': 'class:token_seq'}
    """
    roles: dict[str, str] = {}
    of_films = {
        "film_id": [*FILM, "id"],
        "title": TITLE,
        "year": YEAR,
        "genres": [*GENRES, "class"],
        "imdb_id": IMDB_ID,
    }
    for ours, names in of_films.items():
        if free := [column for column in named(columns, names) if column not in roles.values()]:
            roles[ours] = free[0]
    return roles
