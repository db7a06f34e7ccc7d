"""The command line, each call in a process of its own, with no other environment than the one given."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from core.__main__ import main

ROOT = Path(__file__).parents[2]
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        "core.__main__",
        "core.classification.classifier",
        "core.factors.models.dot_bias",
        "core.language_model.fine_tuning",
        "core.pipeline.chain",
    ]
)


def fresh(environment: Mapping[str, str], *words: str) -> CompletedProcess[str]:
    """Call as users do."""
    command = [sys.executable, "-m", "core", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def forked(environment: Mapping[str, str], *words: str) -> CompletedProcess[str]:
    """Call in a fork of a process that has the libraries at hand: to import them takes longer than most calls.

    What Python and the libraries look up in the environment as they start needs `fresh`.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = _PROCESSES.Process(target=_called, args=(words, dict(environment), out, err))
        process.start()
        process.join()
        code = process.exitcode
        assert code is not None
        return CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _called(words: tuple[str, ...], environment: dict[str, str], out: Path, err: Path) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    # Libraries write below Python's own streams, too.
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
    raise SystemExit(main(list(words)))
