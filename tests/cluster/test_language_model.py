"""The language model in two processes of the processor, as `accelerate launch` starts them."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.command_line import ROOT
from support.launched import PLAIN
from support.ports import free_port
from support.small_run import FEW_FITS, QUICK

from core.pipeline.chain import run
from core.store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.cluster,
    pytest.mark.skipif(
        importlib.util.find_spec("accelerate") is None,
        reason="Accelerate is not installed; `make test-cluster` installs it",
    ),
]

PLANTED = ("train-language-model", "--ratings", "planted", "--reviews", "planted")
ENDED = "factorscope: a process of this training ended or was cut off"
LAUNCHED = str(ROOT / "tests" / "support" / "launched.py")
LIMIT_SECONDS = 600
"""Time limit of a training, which only a hanging one exceeds."""
ENDED_SECONDS = 300
"""Within it a training ends whose process is gone: half of the time for which one that is silent is waited for."""


def environment(folder: Path) -> dict[str, str]:
    """Return an environment with a cache of its own."""
    own = {"FACTORSCOPE_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return os.environ | own


def begin(
    folder: Path, *words: str, processes: int = 2, program: tuple[str, ...] = ("-m", "core")
) -> "subprocess.Popen[str]":
    """Start the command line in several processes, with a cache of its own; what they say goes to a file."""
    launch = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--multi_gpu",
        "--num_processes",
        str(processes),
    ]
    port = ["--main_process_port", str(free_port())]
    folder.mkdir(exist_ok=True)
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen(
            [*launch, *port, *program, *words, "--out", str(folder / "encoder")],
            cwd=ROOT,
            env=environment(folder),
            stdout=out,
            stderr=err,
            text=True,
            start_new_session=True,
        )


def told(folder: Path) -> list[str]:
    """Return the lines in which the processes say what is wrong."""
    return [line for line in (folder / "err").read_text().splitlines() if line.startswith("factorscope:")]


def begun(launcher: "subprocess.Popen[str]", folder: Path, epoch: int) -> dict[int, int]:
    """Wait until an epoch trains; return the numbers of the processes by their rank."""
    until = time.monotonic() + LIMIT_SECONDS
    while f"epoch {epoch} of" not in (folder / "err").read_text():
        assert time.monotonic() < until and launcher.poll() is None, (folder / "err").read_text()
        time.sleep(0.1)
    children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
    environments = {int(child): Path(f"/proc/{child}/environ").read_text() for child in children}
    ranks = {re.search(r"\0RANK=(\d+)", text): child for child, text in environments.items()}
    return {int(rank[1]): child for rank, child in ranks.items() if rank}


def info_of(folder: Path) -> dict[str, Any]:
    info: dict[str, Any] = json.loads((folder / "encoder" / "info.json").read_text())
    return info


def alone(folder: Path, *words: str, program: tuple[str, ...] = ("-m", "core")) -> None:
    """Run the command line in one process, as `begin` does in several."""
    folder.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, *program, *words, "--out", str(folder / "encoder")],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        check=True,
        timeout=LIMIT_SECONDS,
    )


def test_what_draws_nothing_comes_out_as_in_one_process_and_a_run_reads_it(tmp_path: Path) -> None:
    words = (*PLANTED, "--epochs", "3")
    alone(tmp_path / "one", *words, program=(LAUNCHED, "120"))
    launcher = begin(tmp_path / "two", *words, program=(LAUNCHED, "120"))
    assert launcher.wait(LIMIT_SECONDS) == 0, (tmp_path / "two" / "err").read_text()
    one, two = info_of(tmp_path / "one"), info_of(tmp_path / "two")
    # It learns more than how often words are used, so each stream's words were read in their order.
    assert one["perplexity"] < 0.9 * one["perplexity_unigram"]
    assert two["perplexity"] == pytest.approx(one["perplexity"], rel=1e-3)
    for loss, of_two in zip(one["losses"], two["losses"], strict=True):
        # Which of two words of nearly equal chances comes first, rounding decides.
        assert of_two == pytest.approx(loss | {"accuracy": of_two["accuracy"]}, rel=1e-3)
        assert of_two["accuracy"] == pytest.approx(loss["accuracy"], abs=0.02)

    settings = QUICK.replace(stability=FEW_FITS, language_model=PLAIN.replace(epochs=3))
    messages: list[str] = []
    store = Store(tmp_path / "two" / "cache")
    record = run(settings, store, lambda *report: messages.append(report[2]), tmp_path / "run")
    assert record.language_model.perplexity == two["perplexity"]
    assert not any("epoch 1 of 3" in message for message in messages)


def test_two_processes_end_where_one_does(tmp_path: Path) -> None:
    words = ("train-language-model", "--ratings", "planted", "--reviews", "sample", "--reads", "all")
    # So many reviews make 46 streams, which two processes share: the batch is that of one.
    words = (*words, "--start", "bundled", "--epochs", "2", "--max-reviews", "750")
    one, two = tmp_path / "one", tmp_path / "two"
    alone(one, *words)
    launcher = begin(two, *words, "--json")
    assert launcher.wait(LIMIT_SECONDS) == 0, (two / "err").read_text()
    info = info_of(two)
    assert info["perplexity"] == pytest.approx(info_of(one)["perplexity"], rel=0.02)
    # One of the processes prints and reports, and what it prints is the figures of the encoder.
    assert json.loads((two / "out").read_text()) == info
    assert (two / "err").read_text().count("epoch 2 of 2, done") == 1


def test_a_process_that_is_killed_ends_all_and_the_same_command_goes_on(tmp_path: Path) -> None:
    words = (*PLANTED, "--epochs", "3", "--max-reviews", "200")
    launcher = begin(tmp_path, *words)
    os.kill(begun(launcher, tmp_path, 2)[1], signal.SIGKILL)
    assert launcher.wait(ENDED_SECONDS) != 0
    (line,) = told(tmp_path)
    assert line.startswith(ENDED)
    launcher = begin(tmp_path, *words)
    assert launcher.wait(LIMIT_SECONDS) == 0, (tmp_path / "err").read_text()
    assert "epoch 1 of" not in (tmp_path / "err").read_text()
    assert len(info_of(tmp_path)["losses"]) == 3


def test_a_process_that_stands_still_is_waited_for_no_longer_than_it_takes(tmp_path: Path) -> None:
    launcher = begin(tmp_path, *PLANTED, "--epochs", "3", "--max-reviews", "200", program=(LAUNCHED, "30"))
    os.kill(begun(launcher, tmp_path, 1)[1], signal.SIGSTOP)
    assert launcher.wait(ENDED_SECONDS) != 0
    (line,) = told(tmp_path)
    assert line.startswith(ENDED)


def test_three_processes_cannot_share_64_streams(tmp_path: Path) -> None:
    assert begin(tmp_path, *PLANTED, processes=3).wait(LIMIT_SECONDS) != 0
    (line,) = told(tmp_path)
    assert line == "factorscope: a batch of 64 streams does not divide by 3 processes; launch 2"
    assert "exitcode  : 2 " in (tmp_path / "err").read_text()


def test_more_processes_than_the_text_has_streams_are_refused(tmp_path: Path) -> None:
    launcher = begin(tmp_path, *PLANTED, "--max-reviews", "40")
    assert launcher.wait(LIMIT_SECONDS) != 0
    (line,) = told(tmp_path)
    assert line == "factorscope: there is too little text for 2 processes; launch fewer"
