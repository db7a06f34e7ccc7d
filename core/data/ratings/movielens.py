"""MovieLens archives and folders -> raw ratings and films.

Three layouts: ML-100K (u.data, u.item), the newer sets (ratings.csv, movies.csv, links.csv) and RecBole's copy of
ML-100K. Validation is left to `checks`.
"""

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa

from core.data.ratings.checks import RawRatings
from core.data.tables import Rows, TextFile, header, read_text
from core.errors import BadInput
from core.store import Store, digest_of

LAYOUTS = {
    "u.data and u.item": ("u.data", "u.item"),
    "ratings.csv and movies.csv": ("ratings.csv", "movies.csv"),
    "ml-100k.inter and ml-100k.item": ("ml-100k.inter", "ml-100k.item"),
}
OPTIONAL = ("links.csv",)
GENRES = (
    "unknown|Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|"
    "Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western"
).split("|")
"""The last 19 columns of u.item, in their order (u.genre)."""
YEAR_IN_TITLE = r"\((\d{4})(?:[-–]\d{0,4})?\)(?: \(\w+\))?$"
"""As in "Casper (1995)", "Lost (2004–2010)", "Land Before Time III (1995) (V)"."""
IMDB_ID = r"tt\d{7,9}"
"""An id of IMDb's."""

Members = dict[str, Callable[[], IO[bytes]]]


def has_movielens_layout(path: Path) -> bool:
    """Return whether the file is an archive that holds one of the layouts, rather than tables."""
    if not zipfile.is_zipfile(path):
        return False
    members = _members(path)
    return any(all(name in members for name in files) for files in LAYOUTS.values())


def read_movielens(path: Path) -> RawRatings:
    """Return the ratings of an archive or folder. Raises BadInput where it has none of the layouts."""
    members = _members(path)
    layout = next((files for files in LAYOUTS.values() if all(name in members for name in files)), None)
    if layout is None:
        raise BadInput(
            f"{path.name} has none of these pairs of files: {'; '.join(LAYOUTS)}; give one that has"
        )
    if layout[0] == "u.data":
        return _read_100k(path.name, members)
    if layout[0] == "ratings.csv":
        return _read_newer(path.name, members)
    return _read_recbole(path.name, members)


def content_digest(path: Path, store: Store) -> str:
    """Return the SHA-256 of a file, or of those files of a folder that are read."""
    if not path.is_dir():
        return store.file_digest(path)
    wanted = {name for files in LAYOUTS.values() for name in files} | set(OPTIONAL)
    return digest_of({file.name: store.file_digest(file) for file in path.iterdir() if file.name in wanted})


def _members(path: Path) -> Members:
    """Return an opener of each file, by its name without folders."""
    if path.is_dir():
        return {file.name: partial(_open, file) for file in path.iterdir() if file.is_file()}
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BadInput(f"{path.name} is not a whole zip archive; fetch it again") from error
    # Of two files of the same name, the less nested comes last, and replaces the other.
    names = sorted(archive.namelist(), key=lambda name: name.count("/"), reverse=True)
    return {Path(name).name: partial(archive.open, name) for name in names}


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _read_100k(name: str, members: Members) -> RawRatings:
    ratings = read_text(
        TextFile(
            f"{name}: u.data",
            members["u.data"],
            "\t",
            quoted=False,
            columns=("user", "film", "rating", "time"),
        ),
        {"user": pa.int32(), "film": pa.int32(), "rating": pa.float32(), "time": pa.int64()},
    )
    columns = ("film_id", "title", "released", "video", "address", *GENRES)
    items = read_text(
        TextFile(f"{name}: u.item", members["u.item"], "|", "latin-1", quoted=False, columns=columns),
        {
            "film_id": pa.int64(),
            "title": pa.string(),
            "released": pa.string(),
            **dict.fromkeys(GENRES, pa.int8()),
        },
    )
    frame = items.frame
    marks = frame[GENRES].to_numpy() == 1
    frame["genres"] = ["|".join(g for g, on in zip(GENRES[1:], row[1:], strict=True) if on) for row in marks]
    released = pd.to_numeric(frame["released"].str[-4:], errors="coerce").astype("Int16")
    return RawRatings(ratings, _films(items, released), (1.0, 5.0), equal_titles_are_one_film=True)


def _read_newer(name: str, members: Members) -> RawRatings:
    schema = {"userId": pa.int32(), "movieId": pa.int32(), "rating": pa.float32(), "timestamp": pa.int64()}
    ratings = _read_columns(TextFile(f"{name}: ratings.csv", members["ratings.csv"]), schema)
    items = _read_columns(
        TextFile(f"{name}: movies.csv", members["movies.csv"]),
        {"movieId": pa.int64(), "title": pa.string(), "genres": pa.string()},
    )
    ratings.frame.columns = pd.Index(["user", "film", "rating", "time"])
    frame = items.frame
    frame.columns = pd.Index(["film_id", "title", "genres"])
    frame["genres"] = frame["genres"].fillna("").replace("(no genres listed)", "")
    if "links.csv" in members:
        links = _read_columns(
            TextFile(f"{name}: links.csv", members["links.csv"]),
            {"movieId": pa.int64(), "imdbId": pa.string()},
        ).frame.dropna()
        ids = "tt" + links.drop_duplicates("movieId").set_index("movieId")["imdbId"].str.strip().str.zfill(7)
        frame["imdb_id"] = frame["film_id"].map(ids[ids.str.fullmatch(IMDB_ID)]).astype("str")
    return RawRatings(ratings, _films(items), (0.5, 5.0))


def _read_recbole(name: str, members: Members) -> RawRatings:
    ratings = _read_columns(
        TextFile(f"{name}: ml-100k.inter", members["ml-100k.inter"], "\t", quoted=False),
        {
            "user_id:token": pa.int32(),
            "item_id:token": pa.int32(),
            "rating:float": pa.float32(),
            "timestamp:float": pa.int64(),
        },
    )
    items = _read_columns(
        TextFile(f"{name}: ml-100k.item", members["ml-100k.item"], "\t", quoted=False),
        {
            "item_id:token": pa.int64(),
            "movie_title:token_seq": pa.string(),
            "release_year:token": pa.string(),
            "class:token_seq": pa.string(),
        },
    )
    ratings.frame.columns = pd.Index(["user", "film", "rating", "time"])
    frame = items.frame
    frame.columns = pd.Index(["film_id", "title", "year", "genres"])
    # RecBole cut the last parenthesis off each title; "unknown", which has none, came out twice and misspelt.
    frame["title"] = (frame["title"] + " (" + frame["year"] + ")").replace("unkonwn (unkonwn)", "unknown")
    frame["genres"] = frame["genres"].fillna("").replace("unknown", "").str.replace(" ", "|")
    return RawRatings(ratings, _films(items), (1.0, 5.0), equal_titles_are_one_film=True)


def _read_columns(file: TextFile, schema: dict[str, pa.DataType]) -> Rows:
    """Return the columns of the schema, in its order. Raises BadInput where one is missing."""
    available = header(file)
    missing = [name for name in schema if name not in available]
    if missing:
        raise BadInput(
            f"{file.name} has no column {missing[0]!r} (it has {', '.join(available)[:80]}); add it"
        )
    return read_text(file, schema)


def _films(items: Rows, released: pd.Series | None = None) -> Rows:
    """Return the film table with its columns in order; the year is from the title, else from the release date."""
    frame = items.frame
    frame["title"] = frame["title"].str.strip()
    year = pd.to_numeric(frame["title"].str.extract(YEAR_IN_TITLE)[0]).astype("Int16")
    frame["year"] = year if released is None else year.fillna(released)
    if "imdb_id" not in frame:
        frame["imdb_id"] = pd.Series(pd.NA, index=frame.index, dtype="str")
    return Rows(items.name, frame[["film_id", "title", "year", "imdb_id", "genres"]], items.location)
