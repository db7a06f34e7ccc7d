"""A film -> its id on TMDB, and all its reviews there.

Fetches the films without a stored response one by one, and stores each once it is complete.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.data.reviews.matching.title_matching import keys, names
from core.data.reviews.sources.tmdb.api import KEPT, TmdbClient
from core.data.reviews.sources.tmdb.key import key
from core.data.reviews.sources.tmdb.responses import FilmResponse, ResponseStore
from core.errors import DataNotFound
from core.progress import Report
from core.store import digest_of

LANGUAGE = "en-US"
MAX_PAGES = 500
"""Pages of a film's reviews; TMDB's documented maximum."""
PAGES_AT = "https://www.themoviedb.org/"
SEARCH = "2"
"""Changes when the same name and year would be searched differently."""
RATINGS = (0.5, 10)
"""Lowest and highest rating on TMDB."""


@dataclass(frozen=True)
class FilmQuery:
    """How a film is queried: by IMDb id, or by name and year where that is unknown."""

    imdb_id: str | None
    title: str
    year: int | None

    @property
    def name(self) -> str | None:
        """Return the name of the stored response; None where there is nothing to query by."""
        if self.imdb_id is not None:
            return self.imdb_id
        if self.year is None or not names(self.title):
            return None
        return f"search-{digest_of([SEARCH, names(self.title), self.year])[:32]}"


async def fetch(
    responses: dict[str, FilmResponse | None],
    queries: dict[str, FilmQuery],
    stored: ResponseStore,
    report: Report,
) -> None:
    """Fill in all missing responses from TMDB.

    Raises DataNotFound where TMDB cannot be read, BadSettings where it does not accept the key, StorageError, and
    what `report` raises, within a second; responses received until then stay stored.
    """
    missing = [name for name, response in responses.items() if response is None]
    before = len(responses) - len(missing)
    reviews = sum(len(response.reviews) for response in responses.values() if response)
    done = 0

    def tick(waiting: str) -> None:
        line = f"{before + done:,} of {len(responses):,} films, {reviews:,} reviews"
        report("reviews", (before + done) / len(responses), f"{line}, {waiting}" if waiting else line)

    async with TmdbClient(key(), tick) as tmdb:
        for name in missing:
            # Another process may have fetched it while this one waited for its turn.
            response = stored.read(name) or stored.write(name, *await _fetch_film(tmdb, queries[name]))
            responses[name] = response
            done, reviews = done + 1, reviews + len(response.reviews)


async def _fetch_film(tmdb: TmdbClient, film: FilmQuery) -> tuple[int | None, list[dict[str, Any]]]:
    """Return TMDB's id of a film, None where it has none, and its reviews (see `review_of`), sorted by id."""
    if film.imdb_id is not None:
        matches = _rows(await tmdb.get(f"/find/{film.imdb_id}", external_source="imdb_id"), "movie_results")
    else:
        # With a year, TMDB returns films of exactly that year only, and its year may be off by one.
        for of_year in ({"year": str(film.year)}, {}):
            parameters = {"query": names(film.title)[0], "language": LANGUAGE, **of_year}
            matches = same_film(_rows(await tmdb.get("/search/movie", **parameters), "results"), film)
            if matches:
                break
    movie = next((row["id"] for row in matches if type(row.get("id")) is int), None)
    rows: list[dict[str, Any]] = []
    page = pages = 1
    while movie is not None and page <= pages:
        response = await tmdb.get(f"/movie/{movie}/reviews", language=LANGUAGE, page=page)
        page_rows = _rows(response, "results")
        rows += page_rows
        total = response.get("total_pages") if response and page_rows else 0
        pages = min(total, MAX_PAGES) if type(total) is int else 0
        page += 1
    reviews = {row["id"]: row for row in map(review_of, rows) if row}
    return movie, [reviews[review_id] for review_id in sorted(reviews)]


def _rows(response: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """Return a list in a response; empty where there is no response. Raises DataNotFound where it is malformed."""
    rows = [] if response is None else response.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataNotFound(f"TMDB answers in another form than it documents (no list of {name}). {KEPT}")
    return rows


def same_film(rows: list[dict[str, Any]], film: FilmQuery) -> list[dict[str, Any]]:
    """Return the rows with a name of the film and a year that differs by one at most, the nearest first.

    >>> rows = [{"title": "Heat", "release_date": "1986-11-14"}, {"title": "HEAT", "release_date": "1995-12-15"}]
    >>> same_film(rows, FilmQuery(None, "Heat (1995)", 1995))
    [{'title': 'HEAT', 'release_date': '1995-12-15'}]
    """
    film_keys, matches = set(keys(film.title)), []
    for row in rows:
        year = pd.to_numeric(str(row.get("release_date"))[:4], errors="coerce")
        row_keys = [key for name in ("title", "original_title") for key in keys(str(row.get(name) or ""))]
        if abs(year - (film.year or 0)) <= 1 and film_keys.intersection(row_keys):
            matches.append((abs(year - (film.year or 0)), row))
    return [row for _, row in sorted(matches, key=lambda pair: pair[0])]


def review_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """Return id, review, address, language and stars of a review; None where it is blank or has no id.

    Half a star counts as one, the lowest of all sources. The author is not stored.
    """
    review_id, content = row.get("id"), row.get("content")
    if not isinstance(review_id, str) or not isinstance(content, str) or not content.strip():
        return None
    details = row.get("author_details")
    rating = details.get("rating") if isinstance(details, dict) else None
    stars = None
    if isinstance(rating, int | float) and RATINGS[0] <= rating <= RATINGS[1]:
        stars = max(1.0, float(rating))
    url, language = row.get("url"), row.get("iso_639_1")
    return {
        "id": _text(review_id),
        "review": _text(content).strip(),
        "address": _text(url) if isinstance(url, str) and url.startswith(PAGES_AT) else None,
        "language": _text(language) if isinstance(language, str) and language else None,
        "stars": stars,
    }


def _text(text: str) -> str:
    """Return the text without lone surrogates, which JSON can escape and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
