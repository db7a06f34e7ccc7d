"""The process that reads texts: what it raises, that it comes back after a kill, that it ends with its asker."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput, CannotAnswer
from core.inference.reader_process import Answers

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    found = Answers()
    yield found
    found.end()


def test_an_error_comes_back_as_it_was_raised(answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="missing or damaged"):
        answers.ask(tmp_path, ["A fine film."], "answers")


def test_after_a_kill_it_is_started_anew(answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        answers.ask(tmp_path, [], "warm")
    before = answers._process
    assert before is not None
    os.kill(before.pid, signal.SIGKILL)
    with pytest.raises(BadInput):
        answers.ask(tmp_path, [], "warm")
    assert answers._process is not None and answers._process.pid != before.pid


def test_it_ends_when_whoever_asked_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-m", "core.inference"], cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0


def test_pages_and_asker_load_nothing_heavy() -> None:
    heavy = {"torch", "fastai", "scipy", "sklearn", "matplotlib"}
    modules = "core.inference.reader_process, pages.components.shared.page"
    code = f"import sys, {modules}; print(*{heavy} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout.strip()) == (0, "")


def test_while_one_is_answered_another_waits_and_warming_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Answers()
    monkeypatch.setattr("core.inference.reader_process.WAITING_SECONDS", 0.01)
    with busy._turn:
        with pytest.raises(CannotAnswer, match="busy"):
            busy.ask(tmp_path, ["A fine film."], "answers")
        busy.warm(tmp_path)
    assert busy._process is None
