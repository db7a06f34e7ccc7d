"""What TMDB said of a film, kept as a small file each, so that a fetch that is cut off goes on.

A film's file is written when all of it has come. One older than TMDB's terms allow is not read, but asked for anew
where a run wants it. Those of another address lie apart from TMDB's own.
"""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.data.reviews.sources.tmdb.api import ADDRESS, address
from core.data.reviews.sources.tmdb.expiry import KEEP_SECONDS, NAME
from core.store import Store, digest_of, disk_errors, read_json, write_json

VERSION = "1"
"""Changes when the same answers would be kept in another form."""


@dataclass(frozen=True)
class Answer:
    """What TMDB said of one film."""

    movie: int | None
    """TMDB's id of it; None where it knows no such film."""
    reviews: list[dict[str, Any]]
    """Each with `id`, `review`, `address`, `language` and `stars`, in the order of their ids."""
    fetched: str
    """When, as ISO time in UTC."""


class Kept:
    """The folder of the answers. Raises StorageError where it cannot be written."""

    def __init__(self, store: Store) -> None:
        base = address()
        name = NAME if base == ADDRESS else f"{NAME}-{digest_of(base)[:12]}"
        self.folder = store.root / "sources" / name

    def read(self, name: str) -> Answer | None:
        """Return the answer of this name; None where it is missing, damaged, too old or of another version."""
        try:
            data = read_json(self.folder / f"{name}.json")
            if data.pop("version") != VERSION:
                return None
            answer = Answer(**data)
            age = time.time() - datetime.fromisoformat(answer.fetched).timestamp()
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return None
        return answer if age <= KEEP_SECONDS else None

    def write(self, name: str, movie: int | None, reviews: list[dict[str, Any]]) -> Answer:
        """Keep an answer that has just come."""
        answer = Answer(movie, reviews, datetime.now(UTC).isoformat(timespec="seconds"))
        with disk_errors(self.folder):
            write_json(self.folder / f"{name}.json", {"version": VERSION, **asdict(answer)})
        return answer

    def names(self) -> list[str]:
        """Return the names of all answers, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.json"))
