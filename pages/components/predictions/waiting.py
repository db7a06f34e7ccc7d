"""Questions to the reader about other labels: the page can be used, and looks now and then for the answer."""

import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.inference.reader_process import AboutLabels
from core.settings import SelectionSettings
from core.store import Store
from pages.components.shared import reader
from pages.components.shared.runs import FinishedRun
from pages.components.shared.text import errors

ASKED = "question about labels"
"""Session key of the last question, which is dropped where it waits and another follows."""
FAILED = "failed question about labels"
"""Session key of a question whose error is to be shown instead of asking it again at once."""
LOOK_EVERY = 0.3
"""Seconds between two looks for the answer."""


@dataclass(frozen=True)
class Question:
    """A question to the reader, and its answer to come."""

    key: tuple[str, str, str]
    """Run, selection, and what is asked."""
    answer: Future[dict[str, Any]]
    since: float
    """When this session began to wait."""

    @property
    def is_over(self) -> bool:
        """Whether it was answered or failed; one that was dropped is not over: it is asked anew."""
        return self.answer.done() and not self.answer.cancelled()

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer that is no error."""
        return self.is_over and self.answer.exception() is None


def ask(run: FinishedRun, store: Store, selection: SelectionSettings, what: AboutLabels) -> Question:
    """Return a question to the reader; the session's last one is dropped, if it was another and waits.

    Sessions share the answers to equal questions, so another may wait for one that was dropped: it asks anew.
    """
    key = (run.run_id, selection.model_dump_json(), what)
    failed: Question | None = st.session_state.get(FAILED)
    if failed is not None and failed.key == key:
        del st.session_state[FAILED]
        return failed
    before: Question | None = st.session_state.get(ASKED)
    answer = reader.ask_about_labels(run, store, selection, what)
    if before is not None and before.answer is answer:
        return before
    if before is not None:
        before.answer.cancel()
    question = Question(key, answer, time.monotonic())
    st.session_state[ASKED] = question
    return question


@st.fragment(run_every=LOOK_EVERY)
@errors()
def wait_for(question: Question, message: str) -> None:
    """Say what is waited for, and draw the page anew once the question is answered."""
    if not question.answer.done():
        st.caption(f"{message} {time.monotonic() - question.since:.0f} s")
        return
    if question.is_over and not question.is_answered:
        st.session_state[FAILED] = question
    st.rerun()
