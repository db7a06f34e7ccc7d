"""IMDb's own reviews, where the installed cinemagoer serves them.

Since June 2026 it does not: it reads IMDb's downloadable files, which have no reviews. This source asks it all the
same, reports the reason, and works with a version that does.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, Self

import pandas as pd

from core.data.reviews.matching.cinemagoer import review_access, version
from core.data.reviews.matching.imdb_ids import matches_by_id, titles_digest
from core.data.reviews.sources.state import SourceState
from core.errors import BadInput, DataNotFound
from core.progress import Report
from core.store import Store, digest_of, read_json, write_json

VERSION = "1"
"""Changes when the same responses would give other reviews."""
STAGE, FILE = "imdb reviews", "reviews.json"
"""Artifact stage and file of the stored reviews, one artifact a film."""
ADDRESS = "https://www.imdb.com/title/{}/reviews"


class ImdbReviews:
    """Reviews by users of IMDb, requested from cinemagoer film by film."""

    name = "imdb"
    title = "IMDb by cinemagoer"
    licence = "The reviews belong to their authors on IMDb; IMDb's conditions of use hold."
    fetched = ""
    covers = "the films of IMDb, where the installed cinemagoer can serve reviews"

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return whether cinemagoer serves reviews, and if not, the reason and an alternative."""
        try:
            review_access()
        except DataNotFound as error:
            return SourceState("not to be had", str(error))
        return SourceState("to be fetched", f"will be asked of cinemagoer {version()}, film by film")

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls(store)

    def __init__(self, store: Store) -> None:
        """Raise DataNotFound where cinemagoer serves no reviews, so that no run starts on them."""
        self._access = review_access()
        self._store = store

    def digest(self, films: pd.DataFrame | None) -> str:
        """Return the SHA-256 of cinemagoer's version and, where films are matched by it, of title.basics."""
        titles = "not needed" if films is None else titles_digest(films, self._store)
        return digest_of({"cinemagoer": version(), "titles": titles, "version": VERSION})

    def texts(self, report: Report) -> NoReturn:
        """Raise BadInput: IMDb's reviews can only be requested film by film."""
        raise BadInput(
            "cinemagoer serves IMDb's reviews film by film, so only rated films have any; "
            "learn from these, or from another source"
        )

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films with an IMDb id, with `address` and `fetched`; each film is requested once.

        Raises DataNotFound where a request fails; reviews fetched until then stay stored.
        """
        matches = matches_by_id(films, self._store, report)
        known = matches[matches["how"] != ""]
        rows = []
        for done, (film_id, imdb_id) in enumerate(zip(known["film_id"], known["imdb_id"], strict=True)):
            report("reviews", done / len(known), f"cinemagoer: {imdb_id}, film {done + 1} of {len(known)}")
            rows += [
                {"film_id": film_id, "review_id": f"imdb-{imdb_id}-{number}", **review}
                | {"source": self.name, "address": ADDRESS.format(imdb_id)}
                for number, review in enumerate(self._reviews_of(imdb_id), 1)
            ]
        columns = ["film_id", "review_id", "review", "stars", "source", "address", "fetched"]
        types = dict.fromkeys(columns[1:], "str") | {"stars": "Float32"}
        return pd.DataFrame(rows, columns=columns).astype({"film_id": films["film_id"].dtype} | types)

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the match of each film by IMDb id: film_id, imdb_id, how, reason."""
        return matches_by_id(films, self._store, report)

    def _reviews_of(self, imdb_id: str) -> list[dict[str, Any]]:
        """Return a film's reviews, fetched now or before: review, stars and fetched (ISO 8601)."""

        def build(folder: Path) -> None:
            try:
                reviews = _parse(self._access.get_movie_reviews(imdb_id.removeprefix("tt")))
            except Exception as error:  # noqa: BLE001 - an access system may raise and return anything
                raise DataNotFound(
                    f"cinemagoer gave no reviews of {imdb_id} ({type(error).__name__}: {str(error)[:80]}). "
                    "What it gave before is kept; start again to go on from there"
                ) from error
            fetched = datetime.now(UTC).isoformat(timespec="seconds")
            write_json(folder / FILE, [review | {"fetched": fetched} for review in reviews])

        inputs = {"imdb_id": imdb_id, "cinemagoer": version()}
        reviews: list[dict[str, Any]] = read_json(self._store.artifact(STAGE, VERSION, inputs, build) / FILE)
        return reviews


def _parse(response: Any) -> list[dict[str, Any]]:
    """Return review and stars (1 to 10 or None) of a response of the form `{"data": {"reviews": [{"content": …}]}}`.

    >>> _parse({"data": {"reviews": [{"content": " Good. ", "rating": 8}, {"content": ""}]}})
    [{'review': 'Good.', 'stars': 8}]
    """
    rows = response.get("data", {}).get("reviews", [])
    texts = [(str(row.get("content") or "").strip(), row.get("rating")) for row in rows]
    return [
        {"review": text, "stars": stars if isinstance(stars, int) and 1 <= stars <= 10 else None}
        for text, stars in texts
        if text
    ]
