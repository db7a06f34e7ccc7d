"""TMDB's responses, stored in a small file a film, so that an interrupted fetch can be continued.

A film's file is written once its response is complete. A file older than TMDB's terms allow is not read, but fetched
again where a run needs it. Responses of another server are stored apart from TMDB's.
"""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.data.reviews.sources.tmdb.api import ADDRESS, address
from core.data.reviews.sources.tmdb.expiry import KEEP_SECONDS, NAME
from core.store import Store, digest_of, disk_errors, read_json, write_json

VERSION = "1"
"""Changes when the same responses would be stored in another format."""


@dataclass(frozen=True)
class FilmResponse:
    """TMDB's id and reviews of a film."""

    movie: int | None
    """TMDB's id; None where it has no such film."""
    reviews: list[dict[str, Any]]
    """Each with `id`, `review`, `address`, `language` and `stars`, sorted by id."""
    fetched: str
    """ISO 8601, UTC."""


class ResponseStore:
    """The folder of stored responses. Raises StorageError where it cannot be written."""

    def __init__(self, store: Store) -> None:
        base = address()
        name = NAME if base == ADDRESS else f"{NAME}-{digest_of(base)[:12]}"
        self.folder = store.root / "sources" / name

    def read(self, name: str) -> FilmResponse | None:
        """Return the response of this name; None where it is missing, damaged, too old or of another version."""
        try:
            data = read_json(self.folder / f"{name}.json")
            if data.pop("version") != VERSION:
                return None
            response = FilmResponse(**data)
            age = time.time() - datetime.fromisoformat(response.fetched).timestamp()
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return None
        return response if age <= KEEP_SECONDS else None

    def write(self, name: str, movie: int | None, reviews: list[dict[str, Any]]) -> FilmResponse:
        """Store a response that was just received."""
        response = FilmResponse(movie, reviews, datetime.now(UTC).isoformat(timespec="seconds"))
        with disk_errors(self.folder):
            write_json(self.folder / f"{name}.json", {"version": VERSION, **asdict(response)})
        return response

    def names(self) -> list[str]:
        """Return the names of all responses, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.json"))
