"""The verdict on a factor: one word from stability and readability, with a reason that names both."""

from typing import Any

import pytest
from support.run_records import run_record

from core.results.run_record import Unmeasured
from core.results.verdict import VERDICTS, verdicts

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
    assert "Other people's ratings" in verdict.reason or "other people's ratings" in verdict.reason
    assert "reviews" in verdict.reason and verdict.reason.endswith(".")
    joint = (
        ", but " if (stability in (STABLE, WEAK), readable) in ((True, False), (False, True)) else ", and "
    )
    assert joint in verdict.reason


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
