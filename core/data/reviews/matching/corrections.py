"""The user's corrections of matches: stored, and applied before any matching.

A correction assigns an IMDb id to a film of the ratings, given by title and year, or marks it as not in IMDb.
"""

import re
from typing import Any

import pandas as pd

from core.data.ratings.films import YEAR_IN_TITLE
from core.errors import BadInput
from core.locks import exclusive
from core.store import Store, disk_errors, read_json, write_json

FILE = "corrections/films.json"
"""In the cache folder; never pruned."""
YEARS = (1870, 2100)
"""First and last year of a film that is accepted."""
_DUPLICATE_MARK = re.compile(r"\s*\[id [^\]]*\]$")
_ID = re.compile(r"(?:.*\btitle/)?(?:tt)?(\d{7,9})(?:[/?#].*)?", re.IGNORECASE)


def correct(store: Store, title: str, year: int | None, imdb_id: str | None) -> None:
    """Store a film's IMDb id in place of an earlier correction; None marks it as not in IMDb.

    The title is as in the ratings. The id may be an address on IMDb. Raises BadInput, StorageError.
    """
    if year is not None and not YEARS[0] <= year <= YEARS[1]:
        raise BadInput(f"the year is {year}, and must be from {YEARS[0]} to {YEARS[1]}")
    row = {"title": title, "year": year, "imdb_id": None if imdb_id is None else as_imdb_id(imdb_id)}
    with disk_errors(store.root), exclusive(store.root / ".lock"):
        rows = [row for row in _read(store) if (row["title"], row["year"]) != (title, year)]
        _write(store, [*rows, row])


def forget(store: Store, title: str, year: int | None) -> None:
    """Remove a correction. Raises BadInput where there is none, StorageError."""
    with disk_errors(store.root), exclusive(store.root / ".lock"):
        rows = _read(store)
        others = [row for row in rows if (row["title"], row["year"]) != (title, year)]
        if len(others) == len(rows):
            raise BadInput(
                f"no correction of {title!r} is kept; python -m core correct --list shows those that are"
            )
        _write(store, others)


def corrections(store: Store) -> pd.DataFrame:
    """Return all corrections: title, year and imdb_id, which is missing where the film is not in IMDb.

    Raises BadInput where the file is damaged.
    """
    frame = pd.DataFrame(_read(store), columns=["title", "year", "imdb_id"])
    return frame.astype({"title": "str", "year": "Int16", "imdb_id": "str"})


def corrections_of(films: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Return the corrections of these films: film_id and imdb_id. Raises BadInput where the file is damaged."""
    return films[["film_id", "title", "year"]].merge(corrections(store), on=["title", "year"])[
        ["film_id", "imdb_id"]
    ]


def year_of(title: str) -> int | None:
    """Return the year at the end of a title, before the id of an ambiguous one; None where there is none.

    >>> year_of("Postino, Il (1994)"), year_of("Emma (1996) [id 838]"), year_of("unknown")
    (1994, 1996, None)
    """
    match = re.search(YEAR_IN_TITLE, _DUPLICATE_MARK.sub("", title.strip()))
    return int(match[1]) if match else None


def as_imdb_id(text: str) -> str:
    """Return the IMDb id in a text. Raises BadInput where it is none.

    >>> as_imdb_id("https://www.imdb.com/title/tt0114814/reviews")
    'tt0114814'
    >>> as_imdb_id("114814".zfill(7))
    'tt0114814'
    """
    match = _ID.fullmatch(text.strip())
    if not match:
        raise BadInput(
            f"{text.strip()[:40]!r} is no IMDb id; give one like tt0114814, or the film's address on IMDb"
        )
    return f"tt{match[1]}"


def _read(store: Store) -> list[dict[str, Any]]:
    path = store.root / FILE
    try:
        rows = read_json(path)
        for row in rows:
            title, year, imdb_id = row["title"], row["year"], row["imdb_id"]
            if not (
                isinstance(title, str)
                and (year is None or YEARS[0] <= year <= YEARS[1])
                and (imdb_id is None or as_imdb_id(imdb_id) == imdb_id)
            ):
                raise ValueError(row)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, BadInput) as error:
        raise BadInput(
            f"{path} cannot be read as corrections; mend it, or delete it to start again"
        ) from error
    return list(rows)


def _write(store: Store, rows: list[dict[str, Any]]) -> None:
    path = store.root / FILE
    path.parent.mkdir(exist_ok=True)
    write_json(path, sorted(rows, key=lambda row: (row["title"], row["year"] or 0)))
