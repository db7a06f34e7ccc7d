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

import pytest
from support.command_line import ROOT
from support.ports import free_port
from support.small_run import FEW_FITS, QUICK

from core.pipeline.chain import run
from core.settings import SMALL_LANGUAGE_MODEL
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
LIMIT_SECONDS = 240


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
    environment = os.environ | {
        "FACTORSCOPE_CACHE": str(folder / "cache"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
    }
    folder.mkdir(exist_ok=True)
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen(
            [*launch, *port, *program, *words, "--out", str(folder / "encoder")],
            cwd=ROOT,
            env=environment,
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


def info_of(folder: Path) -> dict[str, float]:
    info: dict[str, float] = json.loads((folder / "encoder" / "info.json").read_text())
    return info


def test_two_processes_end_where_one_does_and_a_run_reads_their_encoder(tmp_path: Path) -> None:
    epochs = 8
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    environment = os.environ | {"FACTORSCOPE_CACHE": str(alone / "cache"), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "core", *PLANTED, "--epochs", str(epochs), "--out", str(alone / "encoder")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        timeout=LIMIT_SECONDS,
    )
    launcher = begin(shared, *PLANTED, "--epochs", str(epochs), "--json")
    assert launcher.wait(LIMIT_SECONDS) == 0, (shared / "err").read_text()
    one, two = info_of(alone), info_of(shared)
    assert two["perplexity"] == pytest.approx(one["perplexity"], rel=0.02)
    assert two["perplexity"] < 0.8 * two["perplexity_unigram"]
    # One of the processes prints and reports, and what it prints is the figures of the encoder.
    assert json.loads((shared / "out").read_text()) == two
    assert (shared / "err").read_text().count("960 reviews of 120 films") == 1

    settings = QUICK.replace(stability=FEW_FITS, language_model=SMALL_LANGUAGE_MODEL.replace(epochs=epochs))
    stages: list[str] = []
    record = run(
        settings, Store(shared / "cache"), lambda *report: stages.append(report[2]), tmp_path / "run"
    )
    assert record.language_model["perplexity"] == two["perplexity"]
    assert not any(message.startswith(f"epoch 1 of {epochs}") for message in stages)


def test_a_process_that_is_killed_ends_all_and_the_same_command_goes_on(tmp_path: Path) -> None:
    words = (*PLANTED, "--epochs", "3", "--max-reviews", "200")
    launcher = begin(tmp_path, *words)
    os.kill(begun(launcher, tmp_path, 2)[1], signal.SIGKILL)
    assert launcher.wait(60) != 0
    (line,) = told(tmp_path)
    assert line.startswith(ENDED)
    launcher = begin(tmp_path, *words)
    assert launcher.wait(LIMIT_SECONDS) == 0, (tmp_path / "err").read_text()
    assert "epoch 1 of" not in (tmp_path / "err").read_text()
    assert len(json.loads((tmp_path / "encoder" / "info.json").read_text())["losses"]) == 3


def test_a_process_that_stands_still_is_waited_for_no_longer_than_it_takes(tmp_path: Path) -> None:
    program = (str(ROOT / "tests" / "support" / "impatient.py"), "30")
    launcher = begin(tmp_path, *PLANTED, "--epochs", "3", "--max-reviews", "200", program=program)
    os.kill(begun(launcher, tmp_path, 1)[1], signal.SIGSTOP)
    assert launcher.wait(LIMIT_SECONDS) != 0
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
