"""IMDb's own reviews, as far as the installed cinemagoer can serve them.

Since June 2026 it cannot: it reads what IMDb offers for download, and there are no reviews in that. This source
asks it all the same, says why not, and works with a version that can.
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
"""Changes when the same answers would give other reviews."""
STAGE, FILE = "imdb reviews", "reviews.json"
"""Under which the answers are kept, a film each."""
ADDRESS = "https://www.imdb.com/title/{}/reviews"


class ImdbReviews:
    """Reviews by users of IMDb, asked of cinemagoer film by film."""

    name = "imdb"
    title = "IMDb by cinemagoer"
    licence = "The reviews belong to their authors on IMDb; IMDb's conditions of use hold."
    fetched = ""
    covers = "the films of IMDb, where the installed cinemagoer can serve reviews"

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return whether cinemagoer serves reviews, and if not, why and what to use instead."""
        try:
            review_access()
        except DataNotFound as error:
            return SourceState("not to be had", str(error))
        return SourceState("to be fetched", f"will be asked of cinemagoer {version()}, film by film")

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls(store)

    def __init__(self, store: Store) -> None:
        """Raise DataNotFound where there are no reviews to be had, so that no run starts on them."""
        self._access = review_access()
        self._store = store

    def digest(self, films: pd.DataFrame | None) -> str:
        """Cover the version that is asked and, where it decides which film is which, title.basics."""
        titles = "not needed" if films is None else titles_digest(films, self._store)
        return digest_of({"cinemagoer": version(), "titles": titles, "version": VERSION})

    def texts(self, report: Report) -> NoReturn:
        """Raise BadInput: IMDb's reviews are asked for film by film."""
        raise BadInput(
            "IMDb's reviews are asked for film by film, so there are none beside those of the rated films; "
            "learn from the reviews of rated films, or from another source"
        )

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films with an IMDb id, each asked for once; beside them `address` and `fetched`.

        Raises DataNotFound where an answer fails; what came until then is kept.
        """
        known = matches_by_id(films, self._store, report)
        known = known[known["how"] != ""]
        rows = []
        for done, (film_id, imdb_id) in enumerate(zip(known["film_id"], known["imdb_id"], strict=True)):
            report("reviews", done / len(known), f"cinemagoer: {imdb_id}, film {done + 1} of {len(known)}")
            rows += [
                {"film_id": film_id, "review_id": f"imdb-{imdb_id}-{number}", **review}
                | {"source": self.name, "address": ADDRESS.format(imdb_id)}
                for number, review in enumerate(self._of(imdb_id), 1)
            ]
        columns = ["film_id", "review_id", "review", "stars", "source", "address", "fetched"]
        kinds = dict.fromkeys(columns[1:], "str") | {"stars": "Float32"}
        return pd.DataFrame(rows, columns=columns).astype({"film_id": films["film_id"].dtype} | kinds)

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return of each film how its IMDb id was found, or why not: film_id, imdb_id, how, reason."""
        return matches_by_id(films, self._store, report)

    def _of(self, imdb_id: str) -> list[dict[str, Any]]:
        """Return a film's reviews, asked for now or before: review, stars and fetched (ISO 8601)."""

        def build(folder: Path) -> None:
            try:
                reviews = _read(self._access.get_movie_reviews(imdb_id.removeprefix("tt")))
            except Exception as error:  # noqa: BLE001 - an access system may raise anything and answer anything
                raise DataNotFound(
                    f"cinemagoer gave no reviews of {imdb_id} ({type(error).__name__}: {str(error)[:80]}); "
                    "what it gave before is kept, start again to go on from there"
                ) from error
            fetched = datetime.now(UTC).isoformat(timespec="seconds")
            write_json(folder / FILE, [review | {"fetched": fetched} for review in reviews])

        inputs = {"imdb_id": imdb_id, "cinemagoer": version()}
        reviews: list[dict[str, Any]] = read_json(self._store.artifact(STAGE, VERSION, inputs, build) / FILE)
        return reviews


def _read(answer: Any) -> list[dict[str, Any]]:
    """Return review and stars (1 to 10 or None) of an answer shaped `{"data": {"reviews": [{"content": …}]}}`.

    >>> _read({"data": {"reviews": [{"content": " Good. ", "rating": 8}, {"content": ""}]}})
    [{'review': 'Good.', 'stars': 8}]
    """
    rows = answer.get("data", {}).get("reviews", [])
    texts = [(str(row.get("content") or "").strip(), row.get("rating")) for row in rows]
    return [
        {"review": text, "stars": stars if isinstance(stars, int) and 1 <= stars <= 10 else None}
        for text, stars in texts
        if text
    ]
