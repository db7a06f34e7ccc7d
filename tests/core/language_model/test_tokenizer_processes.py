"""Texts split by several processes: the tokens of one, in the same order, whatever happens to the others."""

import base64
import errno
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled
from core.language_model import tokenizer, tokenizer_processes
from core.language_model.tokenizer import tokenise
from core.language_model.tokenizer_processes import Splitter
from core.language_model.tokens import Tokens
from core.progress import silent

TEXTS = [f"A film of {word} and {word[::-1]}." for word in "love war gold time fire snow".split()] * 9


class MadeUpChild:
    """Splits in this process; exits instead of an answer to its question number `lasts`."""

    pid, lasts = 0, 1000
    answered = threading.Event()
    """Whether one has answered about a batch, after it said that it is there, or has exited."""

    def __init__(self, module: str) -> None:
        self._splitter, self._asked = Splitter(), 0

    def answer(self, seconds: float, question: Mapping[str, Any]) -> dict[str, Any]:
        self._asked += 1
        # The third question follows the answer about the first batch.
        if self._asked == min(self.lasts, 3):
            self.answered.set()
        if self._asked >= self.lasts:
            raise EOFError
        batch = self._splitter.split(question["texts"])
        numbers = base64.b64encode(batch.numbers.tobytes()).decode()
        return {"numbers": numbers, "ends": batch.ends, "new": batch.new}

    def end(self) -> None:
        pass


@pytest.fixture
def in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three children help with the smallest work; nobody is asked how many cores there are."""
    monkeypatch.setattr(tokenizer, "BATCH", 4)
    monkeypatch.setattr(tokenizer, "TEXTS_FOR_PROCESSES", 0)
    monkeypatch.setattr(tokenizer, "workers", lambda: 4)


class Waiting(Splitter):
    """Splits in this process once a made-up child has done what it does."""

    def split(self, texts: list[str]) -> tokenizer_processes.Batch:
        assert MadeUpChild.answered.wait(60)
        return super().split(texts)


def same(one: Tokens, other: Tokens) -> bool:
    return (
        np.array_equal(one.numbers, other.numbers)
        and np.array_equal(one.offsets, other.offsets)
        and one.words == other.words
    )


@pytest.mark.parametrize("lasts", [1000, 3, 1])
def test_tokens_are_those_of_one_process(
    in_processes: None, monkeypatch: pytest.MonkeyPatch, lasts: int
) -> None:
    monkeypatch.setattr(tokenizer_processes, "Child", MadeUpChild)
    monkeypatch.setattr(tokenizer_processes, "Splitter", Waiting)
    monkeypatch.setattr(MadeUpChild, "lasts", lasts)
    monkeypatch.setattr(MadeUpChild, "answered", threading.Event())
    several = tokenise(TEXTS, silent, "")
    monkeypatch.setattr(tokenizer, "TEXTS_FOR_PROCESSES", len(TEXTS) + 1)
    assert same(several, tokenise(TEXTS, silent, ""))


@pytest.mark.parametrize("fault", [OSError(errno.ENOMEM, "no memory"), OSError(errno.EAGAIN, "too many")])
def test_children_that_cannot_start_are_done_without(
    in_processes: None, monkeypatch: pytest.MonkeyPatch, fault: OSError
) -> None:
    started, ended = list[str](), list[str]()

    class Child(MadeUpChild):
        def __init__(self, module: str) -> None:
            if started:
                raise fault
            super().__init__(module)
            started.append(module)

        def end(self) -> None:
            ended.extend(started)

    monkeypatch.setattr(tokenizer_processes, "Child", Child)
    several = tokenise(TEXTS, silent, "")
    assert len(started) == len(ended) == 1
    monkeypatch.setattr(tokenizer, "TEXTS_FOR_PROCESSES", len(TEXTS) + 1)
    assert same(several, tokenise(TEXTS, silent, ""))


def test_a_text_that_cannot_be_read_ends_it(in_processes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_processes, "Child", MadeUpChild)

    def texts() -> Iterator[str]:
        yield from TEXTS[:10]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        tokenise(texts(), silent, "", count=40)


@pytest.mark.slow
def test_real_children_help_and_end_when_it_is_cancelled(
    in_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenizer, "workers", lambda: 2)
    children: list[tokenizer_processes.Child] = []
    # The child's second answer, after it has loaded its rules, is that to a batch.
    helped = threading.Event()

    class Child(tokenizer_processes.Child):
        def __init__(self, module: str) -> None:
            super().__init__(module)
            self.answers = 0
            children.append(self)

        def answer(self, seconds: float, question: Mapping[str, Any] | None = None) -> dict[str, Any]:
            answer = super().answer(seconds, question)
            self.answers += 1
            if self.answers == 2:
                helped.set()
            return answer

    class Patient(Splitter):
        def split(self, texts: list[str]) -> tokenizer_processes.Batch:
            assert helped.wait(60)
            return super().split(texts)

    monkeypatch.setattr(tokenizer_processes, "Child", Child)
    monkeypatch.setattr(tokenizer_processes, "Splitter", Patient)
    several = tokenise(TEXTS, silent, "")
    monkeypatch.setattr(tokenizer, "TEXTS_FOR_PROCESSES", len(TEXTS) + 1)
    assert same(several, tokenise(TEXTS, silent, ""))

    def cancel(stage: str, done: float, message: str, values: object = None) -> None:
        raise Cancelled("enough")

    monkeypatch.setattr(tokenizer, "TEXTS_FOR_PROCESSES", 0)
    with pytest.raises(Cancelled):
        tokenise(TEXTS, cancel, "")
    assert len(children) == 2 and not any(child.alive for child in children)
