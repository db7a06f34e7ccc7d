"""A film -> who TMDB says it is, and all its reviews there.

Takes the films that are not yet kept, asks for them one by one, and keeps each as soon as all of it has come.
"""

import time
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.data.reviews.matching.titles import keys, names
from core.data.reviews.sources.tmdb.api import KEPT, Tmdb
from core.data.reviews.sources.tmdb.key import key
from core.data.reviews.sources.tmdb.responses import Answer, Kept
from core.errors import DataNotFound
from core.progress import Report
from core.store import digest_of

LANGUAGE = "en-US"
MOST_PAGES = 500
"""Pages of a film's reviews; TMDB documents that it gives no more."""
PAGES_AT = "https://www.themoviedb.org/"
SEARCH = "2"
"""Changes when the same name and year would be looked for otherwise."""
RATINGS = (0.5, 10)
"""Lowest and highest rating on TMDB."""


@dataclass(frozen=True)
class Question:
    """A film as it is asked for: by its IMDb id, or by name and year where that is not known."""

    imdb_id: str | None
    title: str
    year: int | None

    @property
    def name(self) -> str | None:
        """Name under which the answer is kept; None where there is nothing to ask by."""
        if self.imdb_id is not None:
            return self.imdb_id
        if self.year is None or not names(self.title):
            return None
        return f"search-{digest_of([SEARCH, names(self.title), self.year])[:32]}"


async def fetch(
    answers: dict[str, Answer | None], questions: dict[str, Question], kept: Kept, report: Report
) -> None:
    """Put in all answers that are missing, asking TMDB.

    Raises DataNotFound where it cannot be read, BadSettings where it does not accept the key, StorageError, and
    what `report` raises, within a second; what came until then is kept.
    """
    missing = [name for name, answer in answers.items() if answer is None]
    before, began = len(answers) - len(missing), time.monotonic()
    reviews = sum(len(answer.reviews) for answer in answers.values() if answer)
    done = 0

    def tick(waiting: str) -> None:
        left = (time.monotonic() - began) / max(done, 1) * (len(missing) - done) / 60
        time_left = f"{left:.0f} min left" if left >= 1 else "less than a minute left"
        line = f"{before + done:,} of {len(answers):,} films, {reviews:,} reviews"
        report("reviews", (before + done) / len(answers), f"{line}, {waiting or time_left}")

    async with Tmdb(key(), tick) as tmdb:
        for name in missing:
            # Another process may have fetched it while this one waited for its turn.
            answer = kept.read(name) or kept.write(name, *await _ask(tmdb, questions[name]))
            answers[name] = answer
            done, reviews = done + 1, reviews + len(answer.reviews)


async def _ask(tmdb: Tmdb, film: Question) -> tuple[int | None, list[dict[str, Any]]]:
    """Return TMDB's id of a film, None where it has none, and what is kept of its reviews, sorted by their ids."""
    if film.imdb_id is not None:
        found = _rows(await tmdb.get(f"/find/{film.imdb_id}", external_source="imdb_id"), "movie_results")
    else:
        # TMDB gives films of just that year where it is told one, and its year may be off by one.
        for of_year in ({"year": str(film.year)}, {}):
            about = {"query": names(film.title)[0], "language": LANGUAGE, **of_year}
            found = same_film(_rows(await tmdb.get("/search/movie", **about), "results"), film)
            if found:
                break
    movie = next((row["id"] for row in found if type(row.get("id")) is int), None)
    rows: list[dict[str, Any]] = []
    page = pages = 1
    while movie is not None and page <= pages:
        answer = await tmdb.get(f"/movie/{movie}/reviews", language=LANGUAGE, page=page)
        page_of = _rows(answer, "results")
        rows += page_of
        told = answer.get("total_pages") if answer and page_of else 0
        pages = min(told, MOST_PAGES) if type(told) is int else 0
        page += 1
    kept = {row["id"]: row for row in map(review_of, rows) if row}
    return movie, [kept[number] for number in sorted(kept)]


def _rows(answer: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """Return the rows of an answer; none where TMDB has no such thing. DataNotFound where the form is another."""
    rows = [] if answer is None else answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataNotFound(f"TMDB answers in another form than it documents (no list of {name}); {KEPT}")
    return rows


def same_film(rows: list[dict[str, Any]], film: Question) -> list[dict[str, Any]]:
    """Return the rows that bear a name of the film and are of its year, give or take one; the nearest first.

    >>> rows = [{"title": "Heat", "release_date": "1986-11-14"}, {"title": "HEAT", "release_date": "1995-12-15"}]
    >>> same_film(rows, Question(None, "Heat (1995)", 1995))
    [{'title': 'HEAT', 'release_date': '1995-12-15'}]
    """
    own, found = set(keys(film.title)), []
    for row in rows:
        year = pd.to_numeric(str(row.get("release_date"))[:4], errors="coerce")
        theirs = [key for name in ("title", "original_title") for key in keys(str(row.get(name) or ""))]
        if abs(year - (film.year or 0)) <= 1 and own.intersection(theirs):
            found.append((abs(year - (film.year or 0)), row))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def review_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is kept of a review: id, review, address, language, stars; None where it is blank or has no id.

    Half a star counts as one, since stars begin there everywhere else. Who wrote it is not kept.
    """
    number, content = row.get("id"), row.get("content")
    if not isinstance(number, str) or not isinstance(content, str) or not content.strip():
        return None
    details = row.get("author_details")
    rating = details.get("rating") if isinstance(details, dict) else None
    stars = None
    if isinstance(rating, int | float) and RATINGS[0] <= rating <= RATINGS[1]:
        stars = max(1.0, float(rating))
    url, language = row.get("url"), row.get("iso_639_1")
    return {
        "id": _text(number),
        "review": _text(content).strip(),
        "address": _text(url) if isinstance(url, str) and url.startswith(PAGES_AT) else None,
        "language": _text(language) if isinstance(language, str) and language else None,
        "stars": stars,
    }


def _text(told: str) -> str:
    """Return the text without halves of letters, which JSON can tell and no file can keep."""
    return told.encode("utf-8", "replace").decode("utf-8")
