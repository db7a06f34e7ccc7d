"""Which films have reviews, and why the others have none."""

import json
from pathlib import Path

import pandas as pd

from core.data.reviews.coverage import (
    NO_REVIEW,
    NOT_MATCHED,
    PASSED,
    READ,
    guessed,
    matched,
    source_coverage,
    state_counts,
    summary,
)
from core.data.reviews.sources.sample import SampleReviews
from core.pipeline.coverage import run_coverage
from core.progress import silent
from core.settings import SelectionSettings


def test_each_film_is_in_one_state_and_has_a_reason() -> None:
    known = pd.DataFrame(
        {
            "film_id": [1, 2, 3, 4, 5],
            "reviews": [3, 1, 0, 0, 2],
            "how": ["title", "title", "title", "", "title"],
            "reason": ["", "", "the source has no review of it", "no such title", ""],
        }
    )
    films = pd.DataFrame({"film_id": [1, 2, 3, 4], "ratings": [50, 5, 50, 50]})
    tops = pd.DataFrame({"film_id": [1, 2, 3, 4], "factor": [0, 0, 0, 0]})
    found = run_coverage(known, films, tops, films[:1], SelectionSettings(least_ratings=20))
    assert found.state.tolist() == [READ, PASSED, NO_REVIEW, NOT_MATCHED, PASSED]
    assert found.reason.tolist() == [
        "",
        "fewer than 20 ratings",
        "the source has no review of it",
        "no such title",
        "all its ratings were kept out of training, so it has no weights",
    ]


def test_a_source_says_how_it_knows_a_film_and_why_not(small_run: Path) -> None:
    from core.data.ratings.synthetic import synthetic_world

    ratings = synthetic_world().ratings
    nothing = pd.DataFrame({"film_id": pd.array([], "int64")})
    table = source_coverage(ratings, SampleReviews(), nothing, silent)
    assert set(table.reason) == {"the sample has no film of this exact title"} and set(table.how) == {""}
    assert table.ratings.sum() == len(ratings.table)
    run = pd.read_parquet(small_run / "coverage.parquet")
    assert len(run) == len(ratings.films) and (run.state == READ).sum() == 30
    record = json.loads((small_run / "run.json").read_text())["reviews"]["coverage"]
    assert record["films"] == 120 and sum(record["why_not"].values()) == 90


def test_matched_is_one_number_everywhere() -> None:
    known = pd.DataFrame(
        {
            "film_id": [1, 2, 3, 4],
            "reviews": [3, 0, 0, 2],
            # The first has reviews, though its source does not say by what it knows it.
            "how": ["", "title", "", "title, year off by one: a guess"],
            "reason": ["", "the source has no review of it", "no such title", ""],
        }
    )
    films = pd.DataFrame({"film_id": [1, 2, 3, 4], "ratings": 50})
    tops = pd.DataFrame({"film_id": [1, 2, 3, 4], "factor": 0})
    coverage = run_coverage(known, films, tops, films[:1], SelectionSettings(least_ratings=20))
    counts = state_counts(coverage).set_index("state").films
    assert matched(coverage).tolist() == [True, True, False, True] and counts[NOT_MATCHED] == 1
    assert summary(coverage)["films_matched"] == 3 and guessed(coverage).tolist() == [
        False,
        False,
        False,
        True,
    ]
