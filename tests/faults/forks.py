"""Processes to kill and to measure: forks of one that has what takes longest behind it, such as imports."""

import contextlib
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "FACTORSCOPE_PRECISION": "float32-slots"}
"""Of each process. The precision is measured otherwise, and runs in two of them have other numbers."""


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    """Its exit status, or the number of the signal that killed it, negative."""
    seconds: float
    """The processor time that it took."""
    megabytes: float
    """The most memory that it or a child of its own had."""
    out: str
    err: str


class Fork:
    """A process that calls a function."""

    def __init__(self, forks: "Forks", pid: int, folder: Path) -> None:
        self.pid, self._forks, self._folder = pid, forks, folder

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        """Return how it ended, once it has."""
        code, seconds, kilobytes = self._forks.answer()
        out, err = ((self._folder / name).read_text("utf-8", "replace") for name in ("out", "err"))
        return Ended(code, seconds, kilobytes / 1024, out, err)


def wait_until_used(pid: int, seconds: float) -> None:
    """Wait until a process took so much processor time, which other work does not make longer, or has ended."""
    ticks = seconds * os.sysconf("SC_CLK_TCK")
    with contextlib.suppress(OSError, IndexError):
        while True:
            state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if state == "Z" or int(fields[10]) + int(fields[11]) >= ticks:
                return
            time.sleep(0.002)


class ForkedModule:
    """In place of a `subprocess.Popen` of `python -m MODULE`: a fork of this process, with what it has imported."""

    def __init__(self, command: list[str], *, stdin: IO[bytes], **_: Any) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                os.dup2(stdin.fileno(), 0)
                os.dup2(writing, 1)
                os.close(reading)
                sys.stdin = os.fdopen(0, encoding="utf-8")
                runpy.run_module(command[-1], run_name="__main__")
                code = 0
            finally:
                os._exit(code)
        os.close(writing)
        self.stdin, self.stdout = None, os.fdopen(reading, encoding="utf-8")
        self._code: int | None = None

    def poll(self) -> int | None:
        return self._ended(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int | None:
        return self._ended(0)

    def communicate(self) -> None:
        self.stdout.close()
        self._ended(0)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def _ended(self, options: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, options)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code


class Forks:
    """Starts processes, one after the other has ended, in a process that has called `beginnings`.

    A beginning is `module:function`, or a module to import.
    """

    def __init__(self, folder: Path, *beginnings: str) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._origin = subprocess.Popen(
            [sys.executable, "-m", "faults.forks", *beginnings],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.answer() == "ready"

    def start(self, function: str, *arguments: str, **environment: str) -> Fork:
        """Return a process that calls `module:function` with these arguments."""
        question = {"function": function, "arguments": arguments, "environment": environment}
        assert self._origin.stdin is not None
        self._origin.stdin.write(json.dumps(question | {"folder": str(self._folder)}).encode() + b"\n")
        self._origin.stdin.flush()
        return Fork(self, self.answer(), self._folder)

    def call(self, function: str, *arguments: str, **environment: str) -> Ended:
        """Return how a process ended that called `module:function` with these arguments."""
        return self.start(function, *arguments, **environment).wait()

    def answer(self) -> Any:
        """Return the next line of the process behind."""
        assert self._origin.stdout is not None
        return json.loads(self._origin.stdout.readline())

    def end(self) -> None:
        """End the process behind, which takes no part in those that it started."""
        self._origin.kill()
        self._origin.communicate()


@contextlib.contextmanager
def forks(folder: Path, *beginnings: str) -> Iterator[Forks]:
    """Yield the means to start processes, whose output lies in a folder."""
    started = Forks(folder, *beginnings)
    try:
        yield started
    finally:
        started.end()


def _call(function: str, arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
    """Call a function as a process of its own would: its environment, its output, its exit status."""
    os.setsid()
    os.chdir(ROOT)
    os.environ.update(environment)
    # Libraries also write to the file descriptors, past Python's streams.
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - as long as the process
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
    module, _, name = function.partition(":")
    raise SystemExit(getattr(importlib.import_module(module), name)(*arguments))


def main() -> None:
    """Fork for each question on standard input; answer with the process id, then with how it ended."""
    # Standard output is for the answers; what libraries print is not.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for beginning in sys.argv[1:]:
        module, _, function = beginning.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()

    def answer(value: object) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    answer("ready")
    for line in sys.stdin:
        question = json.loads(line)
        pid = os.fork()
        if not pid:
            code = 1
            try:
                _call(
                    *(question[key] for key in ("function", "arguments", "environment")),
                    Path(question["folder"]),
                )
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
            except BaseException:  # noqa: BLE001 - the outermost boundary of the process
                sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        answer(pid)
        _, status, usage = os.wait4(pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        answer([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss])


if __name__ == "__main__":
    main()
