"""Pieces of work in threads: results in their order, reports by the caller, and an end for all."""

import threading

import pytest

from core.errors import Cancelled
from core.progress import Report
from core.training.in_threads import in_threads


def test_results_come_in_the_order_of_the_pieces_and_the_caller_reports() -> None:
    seen: list[tuple[float, int]] = []
    both = threading.Barrier(2)

    def piece(number: int, report: Report) -> int:
        report("", 1.0, "")
        both.wait(10)
        return number

    results = in_threads(
        [lambda report, number=number: piece(number, report) for number in range(2)],
        2,
        lambda done: seen.append((done, threading.get_ident())),
    )
    assert results == [0, 1]
    assert seen[-1] == (1.0, threading.get_ident())


@pytest.mark.parametrize("who", ["a piece", "the report"])
def test_what_ends_one_ends_all(who: str) -> None:
    """The second piece would go on for ever."""

    def fails(report: Report) -> None:
        if who == "a piece":
            raise Cancelled("enough")

    def goes_on(report: Report) -> None:
        while True:
            report("", 0.5, "")

    def note(done: float) -> None:
        if who == "the report":
            raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        in_threads([fails, goes_on], 2, note)
