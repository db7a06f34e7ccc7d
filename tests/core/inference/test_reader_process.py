"""The process that reads texts: what it raises, that it comes back after a kill, that it ends with its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput, CannotAnswer
from core.inference import reader_process
from core.inference.reader_process import ReaderProcess
from core.settings import SelectionSettings

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    process = ReaderProcess()
    yield process
    process.end()


def test_an_error_comes_back_as_it_was_raised(reader: ReaderProcess, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="missing or damaged"):
        reader.ask(tmp_path, ["A fine film."], "answers")


def test_after_a_kill_it_is_started_anew(reader: ReaderProcess, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        reader.ask(tmp_path, [], "warm")
    before = reader._child
    assert before is not None
    os.kill(before.pid, signal.SIGKILL)
    with pytest.raises(BadInput):
        reader.ask(tmp_path, [], "warm")
    assert reader._child is not None and reader._child.pid != before.pid


def test_it_ends_when_its_parent_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-m", "core.inference"], cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0


def test_pages_and_the_parent_load_nothing_heavy() -> None:
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
    busy = ReaderProcess()
    monkeypatch.setattr("core.inference.reader_process.WAITING_SECONDS", 0.01)
    with busy._turn:
        with pytest.raises(CannotAnswer, match="busy"):
            busy.ask(tmp_path, ["A fine film."], "answers")
        busy.warm(tmp_path)
    assert busy._child is None


def test_a_late_answer_is_given_up_and_not_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, started = ReaderProcess(), []
    monkeypatch.setattr("core.inference.reader_process.LONGEST_SECONDS", 0.05)
    monkeypatch.setattr("core.inference.reader_process.LABELS_SECONDS", 0.04)
    child = reader_process.Child
    monkeypatch.setattr(reader_process, "Child", lambda *args: started.append(child(*args)) or started[-1])
    with pytest.raises(CannotAnswer, match="more than 0.05 seconds"):
        slow.ask(tmp_path, ["A fine film."], "answers")
    assert len(started) == 1 and not started[0].alive
    with pytest.raises(CannotAnswer, match="more than 0.04 seconds"):
        slow.ask_about_labels(tmp_path, tmp_path, SelectionSettings(), "labels")
    assert len(started) == 2 and not started[1].alive
    assert reader_process.LABELS_SECONDS < reader_process.WAITING_SECONDS
