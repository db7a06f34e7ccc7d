"""A child process that answers each question with a line of JSON: the parent's side and the child's side.

The parent starts one of our modules as a `Child` and reads its answers; the child writes them to
`answer_stream` with `write_answer` and exits with `end`. A FactorscopeError in the child is raised again in
the parent. The content of questions and answers is left to the modules that use this one.

A file that a page is given is read in a child with this one question (`ask_about_file`, `answer_about_file`), whose
memory and time are bounded by the size of the file.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, TextIO

from core import errors
from core.memory import bounded_memory, seconds_for

ROOT = Path(__file__).parents[1]
"""Working directory of the child, so that it finds this package."""
TIDYING_SECONDS = 5.0
"""Time after the limit in which a child that reads a file may remove partial files."""


@dataclass(frozen=True)
class FileQuestion:
    """A question about a user's file."""

    module: str
    """Answers it, by `answer_about_file`."""
    name: str
    """Of the file, for people."""
    size: int
    """Of the file."""
    content: Mapping[str, Any]
    attached: bytes = b""
    """What the answer needs besides."""


class Child:
    """The parent's side of a child process.

    `stdin` is a file that holds the whole question; without it, `answer` writes one line per question. The
    child has `tidying_seconds` from SIGTERM until it is killed.
    """

    def __init__(self, module: str, stdin: IO[bytes] | None = None, tidying_seconds: float = 0.0) -> None:
        self._tidying_seconds = tidying_seconds
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE if stdin is None else stdin,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._one_question = stdin is not None
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child has not ended yet."""
        return self._process.poll() is None

    def answer(self, seconds: float, question: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a question, or to the one in the child's `stdin`.

        Raise the FactorscopeError that the child sent. If no complete answer comes, end the child, and raise
        EOFError if it had exited by itself, TimeoutError if it took longer than `seconds`.
        """
        process, late = self._process, threading.Event()
        assert process.stdout is not None

        def give_up() -> None:
            late.set()
            self._terminate()

        timer = threading.Timer(seconds, give_up)
        timer.start()
        try:
            if process.stdin is not None:
                process.stdin.write(json.dumps(question) + "\n")
                process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        except BaseException:
            # The caller stopped waiting, and this answer must not be taken for that to the next question.
            self.end()
            raise
        finally:
            timer.cancel()
        # A truncated line is not an answer.
        if not line.endswith("\n"):
            self.end()
            raise TimeoutError if late.is_set() else EOFError
        if self._one_question:
            # The child exits by itself now.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self._tidying_seconds)
            self.end()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise getattr(errors, answer["error"])(answer["message"])
        return answer

    def end(self) -> None:
        """End the child, if it is alive, and close its pipes."""
        self._terminate()
        with contextlib.suppress(OSError):
            self._process.communicate()

    def _terminate(self) -> None:
        if self._tidying_seconds:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self._tidying_seconds)
        self._process.kill()


def answer_stream() -> TextIO:
    """Return the child's standard output, reserved for answers: prints of libraries go to standard error."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream


def ask_about_file(question: FileQuestion, folder: Path) -> dict[str, Any]:
    """Return the answer of a child process, which is asked by a file in a folder.

    Raise the FactorscopeError that the child sent, CannotAnswer where it fails or takes too long, and OSError where
    the folder cannot be written.
    """
    about = {"name": question.name, "size": question.size, "attached": len(question.attached)}
    # In a file: a pipe would keep this process busy, and its reader could not tell a part from the whole.
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(json.dumps({**about, "content": dict(question.content)}).encode() + b"\n")
        file.write(question.attached)
        file.seek(0)
        child = Child(question.module, file, TIDYING_SECONDS)
    seconds = seconds_for(question.size)
    try:
        return child.answer(seconds)
    except TimeoutError as error:
        raise errors.CannotAnswer(
            f"{question.name} takes longer than {seconds:.0f} seconds to read; give a shorter one"
        ) from error
    except EOFError as error:
        raise errors.CannotAnswer(
            f"the process that reads {question.name} ended, perhaps for want of memory; give a smaller file"
        ) from error


def answer_about_file(answer: Callable[[Mapping[str, Any], bytes], Mapping[str, Any]]) -> NoReturn:
    """Answer the question on standard input, by its content and what is attached, and end this process."""
    # The parent gave up: partial files are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    code = 1
    try:
        answers = answer_stream()
        question = json.loads(sys.stdin.buffer.readline())
        attached = sys.stdin.buffer.read(question["attached"])

        def bounded() -> Mapping[str, Any]:
            with bounded_memory(question["name"], question["size"]):
                return answer(question["content"], attached)

        write_answer(answers, bounded)
        code = 0
    except SystemExit:
        # On SIGTERM; partial files are removed by now.
        pass
    except Exception:  # noqa: BLE001 - the outermost boundary: the server prints it
        traceback.print_exc()
    end(code)


def write_answer(stream: TextIO, compute: Callable[[], Mapping[str, Any]]) -> None:
    """Write the return value of `compute`, or the FactorscopeError that it raises, as a line of JSON."""
    try:
        line = json.dumps(compute())
    except errors.FactorscopeError as error:
        line = json.dumps({"error": type(error).__name__, "message": str(error)})
    stream.write(line + "\n")
    stream.flush()


def end(code: int) -> NoReturn:
    """Flush the output and end this process with an exit status, without the shutdown of the interpreter.

    Arrow reads tables in threads that outlive the reading for a moment. An interpreter that shuts down while
    such a thread holds a Python stream aborts or hangs: on a busy machine, this happened in a few of a
    thousand calls that refuse a table. Exit handlers of libraries do not run.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
