"""Sentences on weak evidence of a film read from its reviews."""

from typing import Any

import pytest
from support.run_records import run_record

from core.results.caveats import caveats

FILM = {
    "known": 50,
    "words": 100,
    "unknown_share": 0.0,
    "reviews": 4,
    "nearest": [{"title": "Near", "likeness": 0.5}],
}


FEW = [{"reviews": n, "rmse": rmse, "nearest_low": 0.3} for n, rmse in ((1, 1.1), (3, 1.04), (10, 1.01))]


OLDER_PLACING = {"rmse": None, "few_reviews": [], "nearest_low": None}


MEASURED = {
    "placing": {"rmse": {"users_means": 1.1, "left_out": 1.0}, "few_reviews": FEW},
    "readability": {"per_label": [{"factor": 0, "readable": True}]},
}


@pytest.mark.parametrize(
    ("film", "record", "sentences"),
    [
        # At most 3 reviews gain 0.06 of the 0.1 that all reviews gain; 1 gains nothing.
        ({}, {}, []),
        ({"reviews": 1}, {}, ["1 review says little about the rating"]),
        ({"reviews": 500}, {}, []),
        ({"words": 19}, {}, ["fewer than 20 words"]),
        ({"known": 0, "unknown_share": 1, "words": 3}, {}, ["cannot say what the text speaks of"]),
        ({"unknown_share": 0.31}, {}, ["does not know 31%"]),
        ({"nearest": [{"title": "Near", "likeness": 0.29}]}, {}, ["likeness to the nearest is 0.29"]),
        ({}, {"readability": {"per_label": [{"factor": 0, "readable": False}]}}, ["No factor of this run"]),
        (
            {},
            {"readability": {"per_label": [{"factor": 0, "readable": None}]}},
            ["cannot say which factors reviews reveal"],
        ),
        ({}, {"readability": {"unmeasured": "older"}}, []),
        ({"unmeasured": "why"}, {"placing": {"unmeasured": "why"}}, []),
        (
            {"words": 1, "reviews": 1},
            {"placing": {"rmse": None, "few_reviews": [], "nearest_low": None}},
            ["fewer than 20 words"],
        ),
    ],
)
def test_thin_evidence_is_told_by_rule(film: Any, record: Any, sentences: list[str]) -> None:
    found = caveats(FILM | film, run_record(**MEASURED | record))
    assert len(found) == len(sentences) and all(
        part in caveat for part, caveat in zip(sentences, found, strict=True)
    )
