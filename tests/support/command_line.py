"""The command line, each call in a process of its own, with no other environment than the one given."""

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
"""Only a call that hangs takes as long."""
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
    """Hide the main module: a fork would import it first, and after a page was tested it is Streamlit's stand-in."""
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
    # Libraries write below Python's own streams, too.
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
    raise SystemExit(main(list(words)))
