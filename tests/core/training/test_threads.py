"""Work in threads: all of it is done, and it stops where somebody says so."""

import threading
from collections.abc import Callable
from contextvars import ContextVar

import pytest
import torch

from core.errors import Cancelled
from core.training import processor, threads
from core.training.processor import workers
from core.training.threads import in_threads


def test_each_part_is_worked_on_once_by_threads_with_one_thread_of_torch() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    done: list[tuple[int, int]] = []
    in_threads(lambda part, check: done.append((part, torch.get_num_threads())), range(9), 3, lambda: None)
    assert sorted(done) == [(part, 1) for part in range(9)] and torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_nothing_to_do_is_no_work() -> None:
    in_threads(lambda part, check: None, [], 2, lambda: pytest.fail("nobody waits"))


def test_a_cancelled_report_stops_the_threads() -> None:
    stopped: list[int] = []

    def work(part: int, check: object) -> None:
        assert callable(check)
        try:
            while True:
                check()
                threading.Event().wait(0.001)
        except Cancelled:
            stopped.append(part)
            raise

    def cancel() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        in_threads(work, range(5), 2, cancel)
    # The others had not begun.
    assert sorted(stopped) == [0, 1]


def test_a_single_thread_reports_within_a_part_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "TICK_SECONDS", 0.0)
    told: list[str] = []

    def work(part: str, check: Callable[[], None]) -> None:
        check()
        told.append(part)

    in_threads(work, ["one", "two"], 1, lambda: told.append("tick"))
    assert told == ["tick", "one", "tick", "tick", "two", "tick"]


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_of_the_parts_whose_work_knows_what_was_asked_for(count: int) -> None:
    asked = ContextVar("asked", default="nothing")
    asked.set("a device")
    second_is_done = threading.Event()

    def work(part: int, check: object) -> tuple[int, str]:
        if part == 1 or count == 1:
            second_is_done.set()
        assert second_is_done.wait(10)
        return part, asked.get()

    assert in_threads(work, range(2), count, lambda: None) == [(0, "a device"), (1, "a device")]


def test_an_error_of_a_part_is_raised() -> None:
    def work(part: int, check: object) -> None:
        if part == 1:
            raise ValueError("the second part")

    with pytest.raises(ValueError, match="the second part"):
        in_threads(work, range(3), 2, lambda: None)


@pytest.mark.parametrize(("asked", "expected"), [("3", 3), ("0", 4), ("99", 4), ("", 4), (None, 4)])
def test_as_many_threads_as_the_environment_and_the_cores_allow(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, expected: int
) -> None:
    monkeypatch.setattr(processor, "cores", lambda: 4)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert workers() == expected
