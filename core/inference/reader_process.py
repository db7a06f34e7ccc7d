"""A run's classifier in a process of its own: texts in, what was read in them out.

Takes a run's folder and texts, gives what `predict` and `film` read in them. The process loads torch, so that the
parent, such as a server of pages, need not: it stays small, and serves others meanwhile. The process starts when it
is first needed, keeps the classifiers that it opened, ends by itself when nobody has asked for a while or when its
parent is gone, and starts anew when it is needed again. `__main__` is the child.
"""

import contextlib
import threading
from pathlib import Path
from typing import Any, Literal

from core.child_process import Child
from core.errors import CannotAnswer, FactorscopeError
from core.settings import SelectionSettings

What = Literal["answers", "film", "answers and film", "warm"]
"""Each text by itself, the film that all of them are of, both, or nothing but an open classifier."""
AboutLabels = Literal["labels", "grades of labels"]
"""What reviews say of other labels, or how good that is."""
LONGEST_SECONDS = 300.0
"""An answer that takes longer is given up; 500 long reviews take about a minute."""
LABELS_SECONDS = 45.0
"""So long heads may train, which is less than others wait."""
WAITING_SECONDS = 60.0
"""So long a question waits for those before it."""


class ReaderProcess:
    """Asks the reader process, one question at a time; any number of threads may share one."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._runs: set[Path] = set()
        """Runs that this child was asked about, whose classifiers it has opened if it could."""

    def ask(self, run: Path, texts: list[str], what: What) -> dict[str, Any]:
        """Return `answers`, as `predict.answer` gives them, `film`, as `film.place` does, both, or {} for `warm`.

        Raises the errors that these raise, and CannotAnswer where the process fails twice or takes too long.
        """
        return self._ask(run, {"run": str(run), "texts": texts, "what": what}, LONGEST_SECONDS)

    def ask_about_labels(
        self, run: Path, cache: Path, selection: SelectionSettings, what: AboutLabels
    ) -> dict[str, Any]:
        """Return what `labels.read_labels` or `labels.grade_labels` returns; raises their errors, and CannotAnswer.

        `cache` is the folder of the store.
        """
        question = {"run": str(run), "cache": str(cache), "selection": selection.model_dump(), "what": what}
        return self._ask(run, question, LABELS_SECONDS)

    def warm(self, run: Path) -> None:
        """Open a run's classifier without waiting for it; an error comes back to whoever asks next.

        Does nothing where it was opened before, or while somebody waits for an answer.
        """
        if self._turn.locked() or (self._child is not None and self._child.alive and run in self._runs):
            return

        def open_classifier() -> None:
            with contextlib.suppress(FactorscopeError):
                self.ask(run, [], "warm")

        threading.Thread(target=open_classifier, daemon=True).start()

    def end(self) -> None:
        """End the process, if it lives."""
        with self._turn:
            if self._child is not None:
                self._child.end()
                self._child = None

    def _ask(self, run: Path, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        if not self._turn.acquire(timeout=WAITING_SECONDS):
            raise CannotAnswer("the reader is busy with many reviews; try again in a minute")
        try:
            return self._answer(run, question, seconds)
        finally:
            self._turn.release()

    def _answer(self, run: Path, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        for _ in range(2):
            if self._child is None or not self._child.alive:
                self._child = Child("core.inference")
                self._runs.clear()
            self._runs.add(run)
            try:
                return self._child.answer(seconds, question)
            except TimeoutError:
                raise CannotAnswer(
                    f"reading took more than {seconds:g} seconds; give fewer or shorter texts"
                ) from None
            except EOFError:
                # It had ended, of idleness or by force, since it was last asked.
                continue
        raise CannotAnswer("the process that reads texts ended; see what the server printed, and try again")
