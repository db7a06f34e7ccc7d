"""Coverage of the films by a source: which have reviews, which have none, and why."""

from typing import Any

import numpy as np
import pandas as pd

from core.data.ratings.dataset import Ratings
from core.data.ratings.films import YEAR_IN_TITLE
from core.data.reviews.matching.title_matching import A_GUESS
from core.data.reviews.sources.base import ReviewSource
from core.progress import Report

READ = "read in this run"
PASSED = "has reviews, passed over"
NO_REVIEW = "matched, no review"
NOT_MATCHED = "not matched"
UNKNOWN = "no review, reason unknown"
STATES = (READ, PASSED, NO_REVIEW, NOT_MATCHED, UNKNOWN)
"""States of a film in a run, the best first; every film is in one of them."""
NO_REVIEW_OF_IT = "the source has no review of it"
OLDER = "this older run kept no reasons"
FILM_COLUMNS = ["film_id", "title", "year", "other_ids"]


def source_coverage(
    ratings: Ratings, source: ReviewSource, reviews: pd.DataFrame, report: Report
) -> pd.DataFrame:
    """Return a row a rated film: film_id, title, year, imdb_id, other_ids, ratings, reviews, how, reason.

    `how` is the match method of the source, "" where there is no match; `reason` is why there is no review, ""
    where there is one. `imdb_id` is missing where it is neither in the ratings nor was matched.
    """
    films = ratings.films
    matches = source.matches(films, report)
    counts = films["film_id"].map(reviews["film_id"].value_counts()).fillna(0).astype("int64").to_numpy()
    reason = matches["reason"].mask(matches["reason"] == "", NO_REVIEW_OF_IT).to_numpy()
    return films[FILM_COLUMNS].assign(
        imdb_id=matches["imdb_id"].to_numpy() if "imdb_id" in matches else films["imdb_id"],
        ratings=np.bincount(ratings.table["film"], minlength=len(films)),
        reviews=counts,
        how=matches["how"].to_numpy(),
        reason=np.where(counts > 0, "", reason),
    )


def without_run(known: pd.DataFrame) -> pd.DataFrame:
    """Return the coverage of a source with each film's `state`, without a run."""
    state = np.select([known["reviews"] > 0, known["how"] != ""], [READ, NO_REVIEW], NOT_MATCHED)
    return known.assign(state=state)


def coverage_of_older(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the coverage of a run that stored none, of its chosen films."""
    reviewed = (chosen["reviews"] > 0).to_numpy()
    return chosen[["film_id", "title", "ratings", "reviews"]].assign(
        how="", reason=np.where(reviewed, "", OLDER), state=np.where(reviewed, READ, UNKNOWN)
    )


def films_to_find(films: pd.DataFrame, coverage: pd.DataFrame | None) -> pd.DataFrame:
    """Return the films of a run as a source matches them: film_id, title, year, imdb_id, other_ids.

    Without coverage, these are the films with weights. A missing IMDb id is "", so that none is looked up.
    """
    if coverage is not None:
        known = coverage[["film_id", "title", "year", "imdb_id", "other_ids"]]
        return known.assign(imdb_id=known["imdb_id"].astype("str").fillna(""))
    year = pd.to_numeric(films["title"].str.extract(YEAR_IN_TITLE)[0]).astype("Int16")
    return films[["film_id", "title"]].assign(year=year, imdb_id="", other_ids=[()] * len(films))


def state_counts(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each state with films: state, films, share, reviews.

    >>> table = pd.DataFrame({"state": [READ, NOT_MATCHED, READ], "reviews": [4, 0, 2]})
    >>> state_counts(table)[["state", "films", "reviews"]].values.tolist()
    [['read in this run', 2, 6], ['not matched', 1, 0]]
    """
    grouped = coverage.groupby("state")["reviews"].agg(films="size", reviews="sum").reindex(STATES).dropna()
    counts = grouped.astype(int).reset_index()
    return counts.assign(share=counts["films"] / counts["films"].sum())[
        ["state", "films", "share", "reviews"]
    ]


def matched(coverage: pd.DataFrame) -> pd.Series:
    """Return whether each film is matched by the source, or has reviews."""
    return coverage["state"].isin((READ, PASSED, NO_REVIEW))


def guessed(coverage: pd.DataFrame) -> pd.Series:
    """Return whether each film's match is a guess."""
    return coverage["how"].str.contains(A_GUESS, regex=False)


def reason_counts(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each reason why films are not read: state, reason, films; the most common first."""
    unread = coverage[coverage["reason"] != ""]
    counts = unread.groupby(["state", "reason"]).size().reset_index(name="films")
    return counts.sort_values("films", ascending=False, ignore_index=True, kind="stable")


def reviews_a_film(coverage: pd.DataFrame, bars: int = 30) -> pd.DataFrame:
    """Return a histogram of reviews a film, without films that have none: low, high (both included), films.

    >>> reviews_a_film(pd.DataFrame({"reviews": [0, 1, 1, 3]})).values.tolist()
    [[1, 1, 2], [2, 2, 0], [3, 3, 1]]
    """
    counts = coverage["reviews"][coverage["reviews"] > 0].to_numpy()
    if not len(counts):
        return pd.DataFrame({"low": [], "high": [], "films": []}, dtype="int64")
    width = -(-int(counts.max()) // bars)
    last = -(-int(counts.max()) // width)
    films = np.bincount((counts - 1) // width, minlength=last)
    low = 1 + width * np.arange(last)
    return pd.DataFrame({"low": low, "high": low + width - 1, "films": films})


def summary(coverage: pd.DataFrame) -> dict[str, Any]:
    """Return the entry of `run.json`: counts of films and reviews, and why films are not read."""
    reasons = reason_counts(coverage)
    return {
        "films": len(coverage),
        "films_matched": int(matched(coverage).sum()),
        "films_with_reviews": int((coverage["reviews"] > 0).sum()),
        "reviews": int(coverage["reviews"].sum()),
        "why_not": dict(zip(reasons["reason"], reasons["films"].tolist(), strict=True)),
    }
