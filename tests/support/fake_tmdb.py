"""A fake TMDB server on this machine: the documented responses, and faults on request."""

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from core.data.reviews.sources.tmdb.responses import ResponseStore
from core.store import Store

V3 = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYWRlIHVwIn0.bWFkZSB1cCBmb3IgdGVzdHM"
FAULT = Callable[["Handler"], None]


def review(number: int, text: str, rating: float | None = None) -> dict[str, Any]:
    """Return a review as in TMDB's documentation."""
    name = f"{number:024x}"
    return {
        "author": "Somebody Private",
        "author_details": {"name": "", "username": "private", "avatar_path": None, "rating": rating},
        "content": text,
        "created_at": "2018-06-09T17:51:53.359Z",
        "id": name,
        "updated_at": "2021-06-23T15:58:09.421Z",
        "url": f"https://www.themoviedb.org/review/{name}",
    }


class Server(ThreadingHTTPServer):
    """A fake TMDB: films by IMDb id and by name, and pages of reviews. Each fault occurs once, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.by_id: dict[str, int] = {"tt0113277": 949}
        self.listed: list[dict[str, Any]] = []
        self.pages: dict[int, list[list[dict[str, Any]]]] = {
            949: [[review(1, "A duel in a coffee shop.", 9.0)]]
        }
        self.faults: list[FAULT | None] = []
        self.broken: FAULT | None = None
        """A fault that occurs on every request until it is removed."""
        self.asked: list[tuple[str, dict[str, str], str | None]] = []
        self.times: list[float] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore that the client disconnected, as in some tests."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def know(self, films: pd.DataFrame, reviews: pd.DataFrame) -> None:
        """Serve these films, under their ids, and these reviews, two pages per film."""
        self.listed = [
            {"id": int(film.film_id), "title": film.title[:-7], "release_date": f"{film.year}-06-01"}
            for film in films.itertuples()
        ]
        self.by_id = {film.imdb_id: int(film.film_id) for film in films.dropna(subset="imdb_id").itertuples()}
        self.pages = {}
        for film, texts in reviews.groupby("film_id").review:
            rows = [review(100 * int(film) + place, text, 7.0) for place, text in enumerate(texts)]
            self.pages[int(film)] = [rows[:5], rows[5:]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.server.asked.append((url.path, query, self.headers.get("Authorization")))
        self.server.times.append(time.monotonic())
        fault = self.server.faults.pop(0) if self.server.faults else self.server.broken
        if fault:
            fault(self)
            return
        if V3 not in query.get("api_key", "") and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            refused(self)
            return
        parts = url.path.removeprefix("/3/").split("/")
        if parts[0] == "find":
            assert query["external_source"] == "imdb_id"
            movie = self.server.by_id.get(parts[1])
            self.answer(200, {"movie_results": [{"id": movie}] if movie else [], "tv_results": []})
        elif parts[0] == "search":
            matches = [
                film for film in self.server.listed if film["release_date"].startswith(query.get("year", ""))
            ]
            self.answer(200, {"page": 1, "results": matches, "total_pages": 1})
        elif (pages := self.server.pages.get(int(parts[1]))) is not None:
            page = int(query["page"])
            rows = pages[page - 1]
            self.answer(200, {"id": 1, "page": page, "results": rows, "total_pages": len(pages)})
        else:
            self.answer(404, {"status_code": 34, "status_message": "not found", "success": False})

    def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.send(status, json.dumps(body).encode(), headers)

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def refused(handler: Handler) -> None:
    """Answer as TMDB does to an unknown key."""
    handler.answer(401, {"status_code": 7, "status_message": "Invalid API key", "success": False})


def broken(handler: Handler) -> None:
    """Answer as TMDB does on an internal error."""
    handler.answer(500, {"status_code": 11, "status_message": "Internal error", "success": False})


def too_many(wait: str) -> FAULT:
    """Return the fault of too many requests."""
    return lambda handler: handler.answer(429, {"status_code": 25}, {"Retry-After": wait})


@contextlib.contextmanager
def serving_tmdb() -> Iterator[Server]:
    """Yield a running server, which stops when the block ends."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def keep_answer(store: Store, name: str, age_seconds: float = 0) -> None:
    """Write an answer of TMDB with one review to the cache, as if it had come `age_seconds` ago."""
    responses = ResponseStore(store)
    responses.folder.mkdir(parents=True, exist_ok=True)
    responses.write(
        name, 1, [{"id": name, "review": "Good.", "address": None, "language": None, "stars": None}]
    )
    then = time.time() - age_seconds
    os.utime(responses.folder / f"{name}.json", (then, then))
