"""The verdict on a factor: one word from stability and readability, with a reason that names both."""

from typing import Any

import pytest
from support.run_records import run_record

from core.results.run_record import Unmeasured
from core.results.verdict import CLASSES, NO_CLASS, VERDICTS, has_learnt, may_be_luck, verdicts

MISSING = Unmeasured(unmeasured="too few films")
STABLE, WEAK, NOISE, NONE = "stable", "weak", "noise", None


@pytest.mark.parametrize(
    ("stability", "readable", "word"),
    [
        (STABLE, True, "solid"),
        (STABLE, False, "shaky"),
        (STABLE, None, "shaky"),
        (WEAK, True, "shaky"),
        (WEAK, False, "shaky"),
        (NOISE, True, "chance"),
        (NOISE, False, "chance"),
        (NOISE, None, "chance"),
        (NONE, True, "shaky"),
        (NONE, None, "shaky"),
    ],
)
def test_one_word_from_two_measurements(stability: str | None, readable: bool | None, word: str) -> None:
    changes: dict[str, Any] = {
        "stability": {"factors": [{"factor": 0, "verdict": stability}]} if stability else MISSING.plain(),
        "readability": {"per_label": [{"factor": 0, "readable": readable}]},
    }
    record = run_record(factor_model={"factors": 1}, **changes)
    (verdict,) = verdicts(record)
    assert verdict.word == word and word in VERDICTS
    assert "other people's ratings" in verdict.reason.lower()
    assert "reviews" in verdict.reason.lower() and verdict.reason.endswith(".")


def test_each_reason_is_a_number_beside_its_baseline() -> None:
    grade = {"readable": False, "average_precision": 0.31, "chance": 0.3}
    record = run_record(
        factor_model={"factors": 1},
        stability={"factors": [{"stability": 0.84, "verdict": STABLE}], "null": {"high": 0.14}},
        readability={"per_label": [{"factor": 0} | grade]},
    )
    (verdict,) = verdicts(record)
    assert verdict.reason == (
        "Other people's ratings lead to nearly the same factor (correlation 0.84; shuffled tastes reach 0.14). "
        "Reviews of new films do not clearly reveal it (precision 0.31; guessing reaches 0.30)."
    )


def test_of_large_data_the_reason_says_among_which_users_stability_was_measured() -> None:
    factors = [{"factor": 0, "stability": 0.84, "verdict": STABLE}]
    for of_users, measured in ((40, True), (10, False), (None, False)):
        stability = {"factors": factors, "users": 10, "of_users": of_users}
        (verdict,) = verdicts(run_record(factor_model={"factors": 1}, stability=stability))
        assert ("). Measured among 10 of 40 users, drawn at random. " in verdict.reason) == measured
        assert measured or "Measured" not in verdict.reason


@pytest.mark.parametrize(
    ("interval", "error", "learnt"),
    [
        ((0.01, 0.03), 0.93, True),
        # Better by luck, and worse.
        ((-0.01, 0.05), 0.93, False),
        ((-0.2, -0.1), 1.1, False),
        # A run that predates the interval.
        (None, 0.93, True),
        (None, 0.945, False),
    ],
)
def test_no_factor_of_a_model_that_is_no_better_than_means_gets_a_class(
    interval: tuple[float, float] | None, error: float, learnt: bool
) -> None:
    record = run_record(
        factor_model={
            "factors": 2,
            "rmse_valid": error,
            "rmse_means": 0.95,
            "rmse_gain_interval": interval,
        },
        stability={"factors": [{"factor": 0, "verdict": STABLE}, {"factor": 1, "verdict": NOISE}]},
    )
    assert has_learnt(record.factor_model) == learnt
    words = [verdict.word for verdict in verdicts(record)]
    assert words == (["shaky", "chance"] if learnt else [NO_CLASS] * 2)
    assert learnt or all(may_be_luck(word) and word not in CLASSES for word in words)


def test_a_factor_that_is_no_label_was_not_read() -> None:
    record = run_record(
        stability={"factors": [{"factor": 0, "verdict": STABLE}, {"factor": 1, "verdict": STABLE}]},
        readability={"per_label": [{"factor": 0, "readable": True}]},
        factor_model={"factors": 2},
    )
    assert [each.word for each in verdicts(record)] == ["solid", "shaky"]
    record = run_record(stability=MISSING.plain(), readability=MISSING.plain(), factor_model={"factors": 2})
    assert [each.word for each in verdicts(record)] == ["shaky", "shaky"]


def test_a_factor_in_raw_form_is_never_solid() -> None:
    changes: dict[str, Any] = {
        "stability": {"factors": [{"factor": 0, "verdict": STABLE}]},
        "readability": {"per_label": [{"factor": 0, "readable": True}]},
    }
    (verdict,) = verdicts(run_record(factor_model={"factors": 1, "form": "raw"}, **changes))
    assert verdict.word == "shaky" and "one of many equivalent axes" in verdict.reason
