"""Reviews from TMDB (The Movie Database), with the user's own API key.

    key        the user's key, and the statement that TMDB permits this use
    api        the HTTP client: key, rate limit, retries
    queries    a film -> its id on TMDB, and its reviews
    responses  stored responses, a file a film, for six months
    expiry     what is older than that

The endpoints used of its API, version 3, as documented at developer.themoviedb.org: `/find/{imdb_id}` gives the film
of an IMDb id in `movie_results`; `/search/movie` films by name, with `title`, `original_title` and `release_date`;
`/movie/{id}/reviews` a page of reviews (`results`, `page`, `total_pages`), each with `id`, `content`, `url` and
`author_details.rating` (0.5 to 10, or null). `language` is en-US where none is given, and gives English reviews.
"""

import asyncio
from typing import Self

import numpy as np
import pandas as pd

from core.data.datasets.download import fetching
from core.data.datasets.find import on_this_machine
from core.data.ratings.checks import IMDB_ID
from core.data.reviews.matching.corrections import corrections_of
from core.data.reviews.matching.imdb_ids import NOT_IN_IMDB, film_ids
from core.data.reviews.sources.state import SourceState
from core.data.reviews.sources.tmdb.api import ADDRESS, address
from core.data.reviews.sources.tmdb.expiry import NAME, forget_old
from core.data.reviews.sources.tmdb.key import NO_KEY, NO_PERMISSION, key, permitted
from core.data.reviews.sources.tmdb.queries import FilmQuery, fetch
from core.data.reviews.sources.tmdb.responses import FilmResponse, ResponseStore
from core.errors import BadSettings, DataNotFound
from core.formatting import counted
from core.progress import Report
from core.store import Store, digest_of, disk_errors

VERSION = "1"
"""Changes when the same responses would give other reviews."""
GUESS = "title and year on TMDB: a guess"
NO_ID = "neither its IMDb id nor its year is known, so it is not looked for"
NO_FILM = "TMDB has no film of its IMDb id"
NO_NAME = "TMDB has no film of its name and year"
TWICE = "another film of the ratings is the same one on TMDB"


class TmdbReviews:
    """Reviews of the rated films by users of TMDB.

    A film is matched by its IMDb id where a correction, the ratings or a local title.basics give it, else by name and
    year, marked as a guess. Authors' names are not stored: the terms require to name TMDB, and each review's address
    leads to its author.
    """

    name = NAME
    title = "TMDB (The Movie Database)"
    licence = (
        "This product uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB. "
        "The reviews belong to their authors on TMDB (themoviedb.org). No commercial use, no machine learning "
        "without TMDB's consent. They may be kept for six months at most."
    )
    fetched = ""
    covers = "films of all years, with a few reviews each by users of TMDB, fetched with your own key"

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return whether there is a key, never the key itself, and how many films are stored."""
        try:
            count = len(ResponseStore(store).names())
            lacks = NO_KEY if not key() else "" if permitted() else f"key is set; {NO_PERMISSION}"
            server = f"; asked of {address()}, film by film"
            if address() != ADDRESS:
                server = f"; asked of {address()} in place of TMDB (FACTORSCOPE_TMDB)"
        except BadSettings as error:
            return SourceState("not to be had", str(error))
        sentence = lacks or "key is set" + server
        if count:
            return SourceState(
                "cache", f"answers for {counted(count, 'film')} are kept; for other films: {sentence}"
            )
        return SourceState("not to be had" if lacks else "to be fetched", sentence)

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls(store, report)

    def __init__(self, store: Store, report: Report) -> None:
        self._store, self._report = store, report
        self._responses = ResponseStore(store)
        forget_old(store.root)
        self._known: tuple[pd.DataFrame, pd.DataFrame] | None = None
        if address() != ADDRESS:
            self.title = f"{self.title}, played by {address()}"

    def digest(self, films: pd.DataFrame | None) -> str:
        """Return the SHA-256 of TMDB's responses for the films and their times, fetched first where need be.

        Stored responses give the same digest again without network or key, until they expire and are fetched anew.
        """
        if films is None:
            responses = [(name, None, response) for name, response in self._all().items()]
        else:
            known = self._matched(films, self._report)
            film_ids = known["film_id"].astype("str")
            responses = list(zip(film_ids, known["how"], known["response"], strict=True))
        plain = [(film, method, response and vars(response)) for film, method, response in responses]
        return digest_of({"said": plain, "version": VERSION})

    def texts(self, report: Report) -> list[pd.DataFrame]:
        """Return all stored reviews, of any films, each with `fetched`; TMDB has no list of all."""
        rows = [
            {"review_id": f"{NAME}-{row['id']}", "review": row["review"], "fetched": response.fetched}
            for response in self._all().values()
            for row in response.reviews
        ]
        if not rows:
            raise DataNotFound("no review of TMDB is kept yet; run with TMDB as the source of reviews first")
        return [pd.DataFrame(rows).drop_duplicates("review_id", keep="last", ignore_index=True)]

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films, with `address` and `fetched`.

        `language` is there where TMDB gives it for any review, which it does not document.
        """
        known = self._matched(films, report)
        known = known[known["how"] != ""]
        rows = [
            {"film_id": film, "fetched": response.fetched, **row}
            for film, response in zip(known["film_id"], known["response"], strict=True)
            for row in response.reviews
        ]
        columns = ["film_id", "id", "review", "stars", "address", "language", "fetched"]
        table = pd.DataFrame(rows, columns=columns).rename(columns={"id": "review_id"})
        table["review_id"] = f"{NAME}-" + table["review_id"].astype("str")
        report(
            "reviews",
            1.0,
            f"{counted(len(table), 'review')} of {counted(table['film_id'].nunique(), 'film')}",
        )
        types = dict.fromkeys(("review_id", "review", "address", "language", "fetched"), "str")
        types |= {"film_id": films["film_id"].dtype, "stars": "Float32"}
        table = table.astype(types).assign(source=self.name)
        return table.drop(columns="language") if table["language"].isna().all() else table

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the match of each film on TMDB: film_id, imdb_id, how, reason."""
        return self._matched(films, report)[["film_id", "imdb_id", "how", "reason"]]

    def _all(self) -> dict[str, FilmResponse]:
        """Return all stored responses by name."""
        responses = {name: self._responses.read(name) for name in self._responses.names()}
        return {name: response for name, response in responses.items() if response is not None}

    def _matched(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return a row a film: film_id, imdb_id, how, reason, response (None where there is none).

        Missing responses are fetched first, by one process at a time. Computed once for the same films.
        """
        if self._known is not None and self._known[0] is films:
            return self._known[1]
        known = self._ids(films, report)
        # A film that the user marked as not in IMDb was matched wrongly before, and is not guessed here either.
        years = films["year"].reset_index(drop=True).mask(known["reason"] == NOT_IN_IMDB)
        film_queries = [
            FilmQuery(None if pd.isna(one) else one, title, None if pd.isna(year) else int(year))
            for one, title, year in zip(known["imdb_id"], films["title"], years, strict=True)
        ]
        queries = {query.name: query for query in film_queries if query.name}
        responses = {name: self._responses.read(name) for name in queries}
        if None in responses.values():
            if not key():
                raise BadSettings(f"TMDB {NO_KEY}")
            if not permitted():
                raise BadSettings(NO_PERMISSION)
            with disk_errors(self._responses.folder):
                self._responses.folder.mkdir(parents=True, exist_ok=True)
                with fetching(self._responses.folder / "lock", "reviews of TMDB", report):
                    asyncio.run(fetch(responses, queries, self._responses, report))
        by_film = [responses[query.name] if query.name else None for query in film_queries]
        self._known = films, _with_reasons(known.assign(response=pd.Series(by_film, dtype=object)))
        return self._known[1]

    def _ids(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return film_id, imdb_id, how and reason of each film; title.basics is never fetched for it."""
        has_id = films["imdb_id"].notna() | films["film_id"].isin(
            corrections_of(films, self._store)["film_id"]
        )
        has_titles = on_this_machine("title-basics", self._store) is not None
        known = film_ids(films if has_titles else films[has_id], self._store, report)
        known = films[["film_id"]].merge(known, on="film_id", how="left")
        is_id = known["imdb_id"].astype("str").str.fullmatch(IMDB_ID).fillna(False).astype(bool)
        return known.assign(
            imdb_id=known["imdb_id"].astype("str").where(is_id), how=known["how"].where(is_id, GUESS)
        )


def _with_reasons(known: pd.DataFrame) -> pd.DataFrame:
    """Return the films with the reason why a film has no match; then `how` is ""."""
    movie = known["response"].map(lambda response: response.movie if response else None)
    on_tmdb = movie.notna()
    duplicate = on_tmdb & movie.duplicated()
    barred = known["reason"] == NOT_IN_IMDB
    cases = [duplicate, on_tmdb, barred, known["imdb_id"].notna(), known["response"].notna()]
    reason = np.select(cases, [TWICE, "", NOT_IN_IMDB, NO_FILM, NO_NAME], NO_ID)
    return known.assign(reason=reason, how=known["how"].where(on_tmdb & ~duplicate, ""))
