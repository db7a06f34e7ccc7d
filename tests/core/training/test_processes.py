"""Several processes of one training: who they are, and what is refused before they join."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import ROOT
from support.ports import free_port

from core.cli import main
from core.errors import BadSettings
from core.training import processes
from core.training.processes import Place, file_of_first, in_turn, launched, of_first, place, together


def launch(monkeypatch: pytest.MonkeyPatch, rank: int, many: int) -> None:
    """Let the environment be that of a process which `accelerate launch` started."""
    for name, value in {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": many, "MASTER_PORT": 1}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(processes, "LINGER_SECONDS", 0.0)


def test_a_process_by_itself_waits_for_nobody(tmp_path: Path) -> None:
    with together(7, "cpu") as here, in_turn(), file_of_first(tmp_path) as path:
        assert here == place() == launched() == Place(rank=0, local=0, processes=1)
        assert of_first("device", "cpu") == "cpu" and path == tmp_path


@pytest.mark.parametrize(
    ("streams", "many", "sentence"),
    [
        (64, 3, "a batch of 64 streams does not divide by 3 processes; launch 2"),
        (10, 7, "a batch of 10 streams does not divide by 7 processes; launch 5"),
        (2, 3, "3 processes cannot share 2 streams of text; launch fewer"),
    ],
)
def test_streams_that_cannot_be_shared_are_refused_by_one_of_the_processes(
    monkeypatch: pytest.MonkeyPatch, streams: int, many: int, sentence: str
) -> None:
    launch(monkeypatch, 0, many)
    with pytest.raises(BadSettings, match=sentence), together(streams, "cpu"):
        pass
    launch(monkeypatch, 1, many)
    with pytest.raises(SystemExit) as ended, together(streams, "cpu"):
        pass
    assert ended.value.code == 2


def test_without_accelerate_the_command_line_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    launch(monkeypatch, 0, 2)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("FACTORSCOPE_CACHE", str(tmp_path))
    assert main(["train-language-model", "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "several processes need Accelerate" in line and "requirements-cluster.txt" in line


def test_what_one_process_does_is_not_launched_in_several(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    launch(monkeypatch, 0, 2)
    assert main(["describe", "--run", "RUN"]) == 2
    assert "accelerate can launch train-language-model alone" in capsys.readouterr().err


def test_a_number_of_processes_without_their_places_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(BadSettings, match="start them by accelerate launch"):
        launched()


@pytest.mark.parametrize(
    ("patience", "what", "first", "second"),
    [
        (60.0, "raise", processes.ENDED, "no reviews here"),
        pytest.param(5.0, "stop", processes.ENDED, "", marks=pytest.mark.slow),
        pytest.param(5.0, "work", "done", "done", marks=pytest.mark.slow),
    ],
)
def test_who_waits_for_its_turn_learns_of_a_failure_on_another_machine(
    patience: float, what: str, first: str, second: str
) -> None:
    common = {"WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1", "OMP_NUM_THREADS": "1"}
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "support.turns", str(patience), what],
            env=os.environ | common | address | {"RANK": rank, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in "01"
    ]
    try:
        assert both[0].communicate(timeout=240)[0].strip() == first
        if second:
            assert both[1].communicate(timeout=240)[0].strip() == second
    finally:
        for process in both:
            process.kill()
            process.communicate()
