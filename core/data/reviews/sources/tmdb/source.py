"""Reviews from TMDB (The Movie Database), by the user's own key.

    key     the user's key, and their word that TMDB permits this use
    api     TMDB's answers: the key, the pace, waiting and asking again
    kept    what it said of each film, kept for six months
    expiry  what is older than that
    asking  a film -> who TMDB says it is, and its reviews

What is asked of its API, version 3, as documented at developer.themoviedb.org: `/find/{imdb_id}` gives the film of
an IMDb id in `movie_results`; `/search/movie` films by name, with `title`, `original_title` and `release_date`;
`/movie/{id}/reviews` a page of reviews (`results`, `page`, `total_pages`), each with `id`, `content`, `url` and
`author_details.rating` (0.5 to 10, or null). `language` is en-US where none is given, and gives English reviews.
"""

import asyncio
from typing import Self

import numpy as np
import pandas as pd

from core.data.datasets.download import fetching
from core.data.datasets.find import on_this_machine
from core.data.ratings.movielens import IMDB_ID
from core.data.reviews.matching.corrections import corrections_of
from core.data.reviews.matching.imdb_ids import NOT_IN_IMDB, film_ids
from core.data.reviews.sources.state import SourceState
from core.data.reviews.sources.tmdb.api import ADDRESS, address
from core.data.reviews.sources.tmdb.expiry import NAME, forget_old
from core.data.reviews.sources.tmdb.key import NO_KEY, NO_PERMISSION, key, permitted
from core.data.reviews.sources.tmdb.queries import Question, fetch
from core.data.reviews.sources.tmdb.responses import Answer, Kept
from core.errors import BadSettings, DataNotFound
from core.formatting import counted
from core.progress import Report
from core.store import Store, digest_of, disk_errors

VERSION = "1"
"""Changes when the same answers would give other reviews."""
GUESS = "title and year on TMDB: a guess"
NO_ID = "neither its IMDb id nor its year is known, so it is not looked for"
NO_FILM = "TMDB has no film of its IMDb id"
NO_NAME = "TMDB has no film of its name and year"
TWICE = "another film of the ratings is the same one on TMDB"


class TmdbReviews:
    """Reviews of the rated films by users of TMDB.

    A film is found by its IMDb id, where the user, the ratings or title.basics on this machine tell it, else by
    name and year, which is marked as a guess. Authors' names are not kept: the terms ask to name TMDB, and each
    review's address leads to its author.
    """

    name = NAME
    title = "TMDB (The Movie Database)"
    licence = (
        "This product uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB. "
        "The reviews belong to their authors on TMDB (themoviedb.org); no commercial use, no machine learning "
        "without TMDB's consent, to be kept for six months at most."
    )
    fetched = ""
    covers = "films of all years, with a few reviews each by users of TMDB, fetched with your own key"

    @staticmethod
    def state(store: Store) -> SourceState:
        """Return whether there is a key, never which, and how many films are kept."""
        try:
            count = len(Kept(store).names())
            lacks = NO_KEY if not key() else "" if permitted() else f"key is set; {NO_PERMISSION}"
            asked = f"; asked of {address()}, film by film"
            if address() != ADDRESS:
                asked = f"; asked of {address()} in place of TMDB (FACTORSCOPE_TMDB)"
        except BadSettings as error:
            return SourceState("not to be had", str(error))
        said = lacks or "key is set" + asked
        if count:
            return SourceState(
                "cache", f"answers for {counted(count, 'film')} are kept; for other films: {said}"
            )
        return SourceState("not to be had" if lacks else "to be fetched", said)

    @classmethod
    def open(cls, store: Store, report: Report) -> Self:
        return cls(store, report)

    def __init__(self, store: Store, report: Report) -> None:
        self._store, self._report = store, report
        self._kept = Kept(store)
        forget_old(store.root)
        self._known: tuple[pd.DataFrame, pd.DataFrame] | None = None
        if address() != ADDRESS:
            self.title = f"{self.title}, played by {address()}"

    def digest(self, films: pd.DataFrame | None) -> str:
        """Cover all that TMDB said of the films and when, fetched first where it is not kept.

        So the answers themselves settle it. They are kept, so the same run finds the same answers and needs neither
        network nor key. When TMDB's terms let them be kept no longer, they are asked for anew, and it is another.
        """
        if films is None:
            said = [(name, None, answer) for name, answer in self._all().items()]
        else:
            known = self._answers(films, self._report)
            said = list(zip(known["film_id"].astype("str"), known["how"], known["answer"], strict=True))
        plain = [(who, how, answer and vars(answer)) for who, how, answer in said]
        return digest_of({"said": plain, "version": VERSION})

    def texts(self, report: Report) -> list[pd.DataFrame]:
        """Return all reviews that are kept, of whatever films, each with `fetched`; TMDB has no list of all."""
        rows = [
            {"review_id": f"{NAME}-{row['id']}", "review": row["review"], "fetched": answer.fetched}
            for answer in self._all().values()
            for row in answer.reviews
        ]
        if not rows:
            raise DataNotFound("no review of TMDB is kept yet; run with TMDB as the source of reviews first")
        return [pd.DataFrame(rows).drop_duplicates("review_id", keep="last", ignore_index=True)]

    def reviews(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return the reviews of the films, and beside the columns of every source `address` and `fetched` (ISO, UTC).

        `language` is there where TMDB tells it of any review, which it does not document.
        """
        known = self._answers(films, report)
        known = known[known["how"] != ""]
        rows = [
            {"film_id": film, "fetched": answer.fetched, **row}
            for film, answer in zip(known["film_id"], known["answer"], strict=True)
            for row in answer.reviews
        ]
        columns = ["film_id", "id", "review", "stars", "address", "language", "fetched"]
        table = pd.DataFrame(rows, columns=columns).rename(columns={"id": "review_id"})
        table["review_id"] = f"{NAME}-" + table["review_id"].astype("str")
        report(
            "reviews",
            1.0,
            f"{counted(len(table), 'review')} of {counted(table['film_id'].nunique(), 'film')}",
        )
        kinds = dict.fromkeys(("review_id", "review", "address", "language", "fetched"), "str")
        kinds |= {"film_id": films["film_id"].dtype, "stars": "Float32"}
        table = table.astype(kinds).assign(source=self.name)
        return table.drop(columns="language") if table["language"].isna().all() else table

    def matches(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return of each film how it was found on TMDB, or why not: film_id, imdb_id, how, reason."""
        return self._answers(films, report)[["film_id", "imdb_id", "how", "reason"]]

    def _all(self) -> dict[str, Answer]:
        """Return all answers that are kept, by their names."""
        answers = {name: self._kept.read(name) for name in self._kept.names()}
        return {name: answer for name, answer in answers.items() if answer is not None}

    def _answers(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return a row a film: film_id, imdb_id, how, reason, answer (None where not asked); once for the same films.

        What is not kept is fetched first, by one process at a time.
        """
        if self._known is not None and self._known[0] is films:
            return self._known[1]
        known = self._ids(films, report)
        # What the user says is no film of IMDb's was guessed wrongly before, and is not guessed at here.
        years = films["year"].reset_index(drop=True).mask(known["reason"] == NOT_IN_IMDB)
        asked = [
            Question(None if pd.isna(one) else one, title, None if pd.isna(year) else int(year))
            for one, title, year in zip(known["imdb_id"], films["title"], years, strict=True)
        ]
        questions = {question.name: question for question in asked if question.name}
        answers = {name: self._kept.read(name) for name in questions}
        if None in answers.values():
            if not key():
                raise BadSettings(f"TMDB {NO_KEY}")
            if not permitted():
                raise BadSettings(NO_PERMISSION)
            with disk_errors(self._kept.folder):
                self._kept.folder.mkdir(parents=True, exist_ok=True)
                with fetching(self._kept.folder / "lock", "reviews of TMDB", report):
                    asyncio.run(fetch(answers, questions, self._kept, report))
        told = [answers[question.name] if question.name else None for question in asked]
        self._known = films, _with_reasons(known.assign(answer=pd.Series(told, dtype=object)))
        return self._known[1]

    def _ids(self, films: pd.DataFrame, report: Report) -> pd.DataFrame:
        """Return film_id, imdb_id, how and reason of each film; title.basics is read where it is, never fetched."""
        told = films["imdb_id"].notna() | films["film_id"].isin(corrections_of(films, self._store)["film_id"])
        here = on_this_machine("title-basics", self._store) is not None
        known = film_ids(films if here else films[told], self._store, report)
        known = films[["film_id"]].merge(known, on="film_id", how="left")
        real = known["imdb_id"].astype("str").str.fullmatch(IMDB_ID).fillna(False).astype(bool)
        return known.assign(
            imdb_id=known["imdb_id"].astype("str").where(real), how=known["how"].where(real, GUESS)
        )


def _with_reasons(known: pd.DataFrame) -> pd.DataFrame:
    """Return the films with the reason why one has no answer; then `how` is ""."""
    movie = known["answer"].map(lambda answer: answer.movie if answer else None)
    found = movie.notna()
    twice = found & movie.duplicated()
    barred = known["reason"] == NOT_IN_IMDB
    cases = [twice, found, barred, known["imdb_id"].notna(), known["answer"].notna()]
    reason = np.select(cases, [TWICE, "", NOT_IN_IMDB, NO_FILM, NO_NAME], NO_ID)
    return known.assign(reason=reason, how=known["how"].where(found & ~twice, ""))
