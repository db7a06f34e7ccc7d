"""A run's classifier in a process of its own: texts in, answers out.

Takes a run's folder and texts, gives what `core.inference.predict` says of them. The process loads torch, so that
whoever asks, such as a server of pages, need not: it stays small, and serves others meanwhile. It starts when it is
first needed, keeps the classifiers that it opened, ends by itself when nobody has asked for a while or when whoever
started it is gone, and starts anew when it is needed again. What it hears and says is a line of JSON each
(`__main__`).
"""

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Literal

from core import errors

What = Literal["answers", "film", "answers and film", "warm"]
"""Each text by itself, the film that all of them are of, both, or nothing but an open classifier."""
LONGEST_SECONDS = 300.0
"""An answer that takes longer is given up; 500 long reviews take about a minute."""

WAITING_SECONDS = 60.0
"""So long a question waits for those before it."""


class Answers:
    """Asks the process, one question at a time; any number of threads may share one."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._open: set[str] = set()
        """Runs whose classifiers the process has opened."""

    def ask(self, run: Path, texts: list[str], what: What) -> dict[str, Any]:
        """Return `answers`, as `predict.answer` gives them, `film`, as `film.place` does, both, or {} for `warm`.

        Raises the errors that these raise, and CannotAnswer where the process fails twice or takes too long.
        """
        question = json.dumps({"run": str(run), "texts": texts, "what": what})
        if not self._turn.acquire(timeout=WAITING_SECONDS):
            raise errors.CannotAnswer("the reader is busy with many reviews; try again in a minute")
        try:
            line, late = self._asked(question)
            if not line and not late:
                # It had ended, of idleness or by force, since it was asked last.
                line, _ = self._asked(question)
            if line:
                self._open.add(str(run))
        finally:
            self._turn.release()
        if not line:
            raise errors.CannotAnswer(
                "the process that reads texts ended; see what the server printed, and try again"
            )
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            raise getattr(errors, said["error"])(said["message"])
        return said

    def warm(self, run: Path) -> None:
        """Open a run's classifier without waiting for it; what goes wrong is told to who asks next.

        Does nothing where it was opened before, or while somebody waits for an answer.
        """
        alive = self._process is not None and self._process.poll() is None
        if self._turn.locked() or (alive and str(run) in self._open):
            return

        def open_it() -> None:
            with contextlib.suppress(errors.FactorscopeError):
                self.ask(run, [], "warm")

        threading.Thread(target=open_it, daemon=True).start()

    def end(self) -> None:
        """End the process, if it lives."""
        with self._turn:
            self._end()

    def _asked(self, question: str) -> tuple[str, bool]:
        """Return the line that answers, empty where the process ended before, and whether that was for being late."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = _started()
            self._open.clear()
        assert process.stdin is not None and process.stdout is not None
        timer = threading.Timer(LONGEST_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            late = timer.finished.is_set()
            timer.cancel()
        # Cut off in the midst of a line, it is no answer.
        line = line if line.endswith("\n") else ""
        if not line:
            self._end()
        return line, late

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            # Closes both pipes, and takes note of the end.
            with contextlib.suppress(OSError):
                process.communicate()


def _started() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "core.inference"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
