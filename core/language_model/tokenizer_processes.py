"""Batches of texts -> the numbers of their words, in several processes, in the order of the texts.

The module is the child process too. A child answers a batch with the number of each word in its own list of words,
and the words that are new in that list; so little passes between processes, and the numbers come out as if one
process had read all texts.

{"texts": ["…", …]}   ->   {"numbers": "base64 of int32", "ends": [words until the end of each text], "new": ["…", …]}
"""

import base64
import contextlib
import json
import os
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from core.child_process import Child, answer_stream, end, write_answer

SECONDS = 60.0
"""A child that takes longer for a batch is ended, and this process reads the batch; it takes a tenth of a second."""


class Batch(NamedTuple):
    """The words of some texts."""

    numbers: np.ndarray
    """Of each word (int32)."""
    ends: list[int]
    """How many words there are until the end of each text."""
    new: list[str]
    """Words that none of the batches before had, in the order of their numbers."""


class Splitter:
    """Splits batches of texts, and numbers the words that it has seen."""

    def __init__(self) -> None:
        self._number_of: defaultdict[str, int] = defaultdict(lambda: len(self._number_of))

    def split(self, texts: list[str]) -> Batch:
        """Return the words of a batch."""
        # Here, since that module uses this one.
        from core.language_model.tokenizer import words_of

        seen, numbers, ends = len(self._number_of), list[int](), list[int]()
        for text in texts:
            numbers.extend(map(self._number_of.__getitem__, words_of(text)))
            ends.append(len(numbers))
        return Batch(np.array(numbers, dtype=np.int32), ends, list(self._number_of)[seen:])


def split_in_order(batches: Iterator[list[str]], children: int) -> Iterator[Batch]:
    """Yield the words of each batch, numbered in the order of the texts, whoever split it.

    This process splits too; what a child fails at, it does.
    """
    work = _Work(batches)
    helpers: list[_Helper] = []
    number_of: dict[str, int] = {}
    # By who split a batch: our number of each of its words.
    ours = [np.empty(0, dtype=np.int32) for _ in range(1 + children)]
    own = Splitter()
    try:
        _start(helpers, work, children)
        for source, batch in work.results(own):
            new = [word for word in batch.new if word not in number_of]
            for word in new:
                number_of[word] = len(number_of)
            numbers = np.array([number_of[word] for word in batch.new], dtype=np.int32)
            ours[source] = np.concatenate([ours[source], numbers])
            yield Batch(ours[source][batch.numbers], batch.ends, new)
    finally:
        for helper in helpers:
            helper.end()


def _start(helpers: list["_Helper"], work: "_Work", children: int) -> None:
    """Add so many helpers, or fewer where the system has no memory, processes or threads for them."""
    with contextlib.suppress(OSError, RuntimeError):
        for source in range(1, 1 + children):
            helpers.append(_Helper(work, source))
            helpers[-1].start()


class _Work:
    """The batches to split, who has which, and what came out so far; any number of threads may share it."""

    def __init__(self, batches: Iterator[list[str]]) -> None:
        self._batches, self._changed = enumerate(batches), threading.Condition()
        self._returned: list[tuple[int, list[str]]] = []
        self._done: dict[int, tuple[int, Batch]] = {}
        self._taken = 0
        self._error: BaseException | None = None

    def take(self) -> tuple[int, list[str]] | None:
        """Return the next batch and its number; None where none is left."""
        with self._changed:
            if self._returned:
                return self._returned.pop()
            try:
                job = next(self._batches, None)
            except BaseException as error:  # noqa: BLE001 - raised again where all is read
                self._error, job = error, None
            self._taken += job is not None
            return job

    def put(self, number: int, source: int, batch: Batch) -> None:
        """Note what came out of a batch."""
        with self._changed:
            self._done[number] = source, batch
            self._changed.notify()

    def put_back(self, job: tuple[int, list[str]]) -> None:
        """Leave a batch to somebody else."""
        with self._changed:
            self._returned.append(job)
            self._changed.notify()

    def results(self, own: Splitter) -> Iterator[tuple[int, Batch]]:
        """Yield what comes out of each batch, in their order, with its source; split here what nobody else does."""
        due = 0
        while True:
            while due in self._done:
                yield self._done.pop(due)
                due += 1
            if job := self.take():
                self.put(job[0], 0, own.split(job[1]))
            elif self._error is not None:
                raise self._error
            elif due == self._taken:
                return
            else:
                with self._changed:
                    while due not in self._done and not self._returned:
                        self._changed.wait()


class _Helper(threading.Thread):
    """Lets a child split batches until none is left, or until it fails."""

    def __init__(self, work: _Work, source: int) -> None:
        super().__init__(daemon=True)
        self._work, self._source = work, source
        self._child = Child("core.language_model.tokenizer_processes")

    def run(self) -> None:
        job: tuple[int, list[str]] | None = None
        try:
            # It takes work when it has loaded spaCy.
            self._child.answer(SECONDS, {"texts": []})
            while job := self._work.take():
                told = self._child.answer(SECONDS, {"texts": job[1]})
                numbers = np.frombuffer(base64.b64decode(told["numbers"]), dtype=np.int32)
                self._work.put(job[0], self._source, Batch(numbers, told["ends"], told["new"]))
                job = None
        except (EOFError, TimeoutError, OSError, RuntimeError):
            # It ended, or no thread was left to end it in time; this process goes on without it.
            pass
        finally:
            if job is not None:
                self._work.put_back(job)

    def end(self) -> None:
        """End the child, whatever it is at."""
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGKILL)
            self.join()
        self._child.end()


def main() -> None:
    """Answer until the parent has no more questions."""
    # Here, since that module uses this one. The rules are loaded before a batch comes.
    from core.language_model.tokenizer import words_of

    words_of("")
    answers, splitter = answer_stream(), Splitter()

    def split(texts: list[str]) -> dict[str, Any]:
        batch = splitter.split(texts)
        numbers = base64.b64encode(batch.numbers.tobytes()).decode()
        return {"numbers": numbers, "ends": batch.ends, "new": batch.new}

    for line in sys.stdin.buffer:
        write_answer(answers, partial(split, json.loads(line)["texts"]))


if __name__ == "__main__":
    main()
    end(0)
