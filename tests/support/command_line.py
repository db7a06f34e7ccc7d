"""Calls of the command line, each in its own process with exactly the given environment."""

import contextlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

from core.__main__ import main

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 300
"""Time limit of a call, which only a hanging one exceeds."""
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
    """Call the command line as users do; return the completed process."""
    command = [sys.executable, "-m", "core", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def forked(environment: Mapping[str, str], *words: str) -> CompletedProcess[str]:
    """Call in a fork of a process that has imported the libraries: the import takes longer than most calls.

    Tests of variables that Python or the libraries read when they start need `fresh`.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = _PROCESSES.Process(target=_called, args=(words, dict(environment), out, err))
        with _empty_main():
            process.start()
        process.join(LIMIT_SECONDS)
        code = process.exitcode
        if code is None:
            process.kill()
            raise TimeoutError(f"{words} has not ended after {LIMIT_SECONDS} s")
        return CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))


@contextlib.contextmanager
def _empty_main() -> Iterator[None]:
    """Hide the main module: a fork would import it, and after a test of a page it is Streamlit's stand-in."""
    main_module = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main_module


def _called(words: tuple[str, ...], environment: dict[str, str], out: Path, err: Path) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    # Libraries also write to the file descriptors, past Python's streams.
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
    raise SystemExit(main(list(words)))
