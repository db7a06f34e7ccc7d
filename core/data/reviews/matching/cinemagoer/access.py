"""The installed version of cinemagoer, and its capabilities."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from core.errors import BadInput, DataNotFound

INSTALL = "pip install -r requirements.txt -c constraints.txt"
INSTEAD = "Take TMDB's reviews, the Large Movie Review Dataset, or your own file"


def version() -> str | None:
    """Return the installed version, None where the user has removed it; quick, since nothing is imported."""
    try:
        return installed_version("cinemagoer")
    except PackageNotFoundError:
        return None


def review_access() -> Any:
    """Return cinemagoer's first access system that serves reviews, by `get_movie_reviews(id)`.

    Raises DataNotFound that says why there is none, and what to use instead.
    """
    if version() is None:
        raise DataNotFound(
            f"cinemagoer, which would be asked for IMDb's reviews, is not installed: {INSTALL}. {INSTEAD}"
        )
    import imdb  # not at the top: it may have been removed

    systems = imdb.available_access_systems()
    for name in systems:
        try:
            access = imdb.Cinemagoer(name, **({"uri": "sqlite://"} if name == "s3" else {}))
            if "reviews" in access.get_movie_infoset() and hasattr(access, "get_movie_reviews"):
                return access
        except Exception as error:  # noqa: BLE001 - an access system may raise anything
            raise DataNotFound(
                f"cinemagoer {version()} cannot be asked for reviews: its access system {name} fails "
                f"({type(error).__name__}: {str(error)[:80]}). {INSTEAD}"
            ) from error
    raise DataNotFound(
        f"cinemagoer {version()} serves no reviews: IMDb's downloads ({', '.join(systems)}) have none. IMDb "
        f"shows reviews only to people who are signed in. {INSTEAD}"
    )


def importer() -> Callable[[str, str], object] | None:
    """Return cinemagoer's function that imports a folder of IMDb's files into a database; None where it has none."""
    try:
        from imdb.parser.s3.importer import import_dir
    except ImportError:
        return None
    return cast(Callable[[str, str], object], import_dir)


def titles_access(database: Path) -> Any:
    """Return an access system that searches an SQLite import of IMDb's titles."""
    import imdb  # not at the top: it may have been removed

    return imdb.Cinemagoer("s3", uri=database_url(database))


def database_url(database: Path) -> str:
    """Return the URL of an SQLite file for cinemagoer. Raises BadInput where cinemagoer would reject it."""
    if {"?", "#"} & set(str(database.resolve())):
        raise BadInput(
            f"cinemagoer reads no file in a folder with ? or # in its name ({database.resolve().parent}); "
            "set FACTORSCOPE_CACHE to another folder"
        )
    return f"sqlite:///{quote(str(database.resolve()))}"
