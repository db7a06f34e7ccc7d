"""The factors that reviews speak of, and the labels shown first."""

from typing import Any

import pandas as pd
import pytest
from support.run_records import run_record

from core.results.factors_read import factors_read, farthest, highest_above
from core.results.run_record import Unmeasured
from core.results.verdict import VerdictWord

TABLE = pd.DataFrame(
    {
        "factor": [0, 1, 2, 3],
        "probability": [0.9, 0.5, 0.3, 0.1],
        "base_rate": [0.8, 0.1, 0.3, 0.4],
        "predicted": [True, True, True, True],
    }
)
SHAKY: list[VerdictWord] = ["shaky"] * 4


def readability(**readable: bool | None) -> Any:
    labels = [{"factor": int(name[1:]), "readable": told} for name, told in readable.items()]
    return run_record(readability={"per_label": labels}).readability


def test_a_factor_is_read_above_its_threshold_and_its_base_rate() -> None:
    # 2 is at its base rate, 3 below it.
    readable = readability(f0=True, f1=True, f2=True, f3=True)
    assert factors_read(TABLE, SHAKY, readable) == ([1, 0], [], [])
    # Odds of 6 to 4 are 1.5 times those of 1 to 1, odds of 55 to 45 are not.
    close = TABLE.assign(probability=[0.61, 0.55, 0.3, 0.1], base_rate=[0.5, 0.5, 0.3, 0.4])
    assert factors_read(close, SHAKY, readable) == ([0], [1], [])
    none = TABLE.assign(predicted=[False] * 4)
    assert factors_read(none, SHAKY, readable) == ([], [], [])


def test_a_factor_that_may_be_luck_is_set_apart() -> None:
    words: list[VerdictWord] = ["chance", "solid", "shaky", "shaky"]
    assert factors_read(TABLE, words, readability(f1=True)) == ([1], [0], [])
    assert factors_read(TABLE, SHAKY, readability(f0=True, f1=False)) == ([0], [1], [])


def test_a_factor_that_nobody_measured_is_no_evidence() -> None:
    assert factors_read(TABLE, SHAKY, readability(f0=None, f1=True)) == ([1], [], [0])
    assert factors_read(TABLE, SHAKY, readability()) == ([], [], [1, 0])
    assert factors_read(TABLE, SHAKY, Unmeasured(unmeasured="too few films")) == ([], [], [1, 0])
    assert factors_read(TABLE, ["chance"] * 4, readability(f0=None)) == ([], [1, 0], [])


def test_of_several_reviews_the_interval_decides() -> None:
    several = TABLE.assign(predicted=[3, 2, 1, 0], clear=[False, True, True, True])
    assert factors_read(several, SHAKY, readability(f0=True, f1=True)) == ([1], [], [])


@pytest.mark.parametrize("predicted", [[True, False, False, False], [3, 0, 0, 0]])
def test_the_labels_drawn_first_are_those_that_reviews_move_most(predicted: list[int]) -> None:
    table = TABLE.assign(predicted=predicted)
    # Farthest are 1 (0.4 above) and 3 (0.3 below); 0 is predicted.
    assert farthest(table, 2).factor.tolist() == ([0, 1, 3] if predicted[0] is True else [1, 3])
    assert highest_above(table) == [1, 0, 2, 3]
