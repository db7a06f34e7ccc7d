"""A run's classifier for all pages of this server: one reader process, shared by all."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import streamlit as st

from core.inference.reader_process import AboutLabels, ReaderProcess, What
from core.settings import SelectionSettings
from core.store import Store
from pages.components.shared.runs import FinishedRun

REMEMBERED = 50
"""Questions about labels whose answers are remembered."""


def ask(run: FinishedRun, texts: list[str], outputs: What) -> dict[str, Any]:
    """Return the predictions from texts: for each ("answers"), as reviews of one film ("film"), or both.

    See `core.inference`.
    """
    return _process().ask(run.folder, texts, outputs)


def ask_about_labels(
    run: FinishedRun, store: Store, selection: SelectionSettings, what: AboutLabels
) -> Future[dict[str, Any]]:
    """Return the answer to come: what reviews say of other labels, or how good that is.

    Equal questions share an answer. They are asked one after the other, so that others get their turn between.
    """
    executor, asked = _questions()
    key = (str(run.folder), selection.model_dump_json(), what)
    answer = asked.get(key)
    if answer is None or _is_lost(answer):
        while len(asked) >= REMEMBERED:
            asked.pop(next(iter(asked)), None)
        answer = executor.submit(_process().ask_about_labels, run.folder, store.root, selection, what)
        asked[key] = answer
    return answer


def _is_lost(answer: Future[dict[str, Any]]) -> bool:
    """Return whether an answer was dropped, failed, or names a folder that the cache no longer has."""
    if not answer.done():
        return False
    if answer.cancelled() or answer.exception():
        return True
    folder = answer.result().get("folder")
    return folder is not None and not Path(folder).is_dir()


def warm_reader(run: FinishedRun) -> None:
    """Open the run's classifier now, without waiting, so that it is open when a review is read."""
    _process().warm(run.folder)


@st.cache_resource(show_spinner=False)
def _process() -> ReaderProcess:
    return ReaderProcess()


@st.cache_resource(show_spinner=False)
def _questions() -> tuple[ThreadPoolExecutor, dict[tuple[str, str, str], Future[dict[str, Any]]]]:
    """Return the thread that asks about labels, and the answers so far."""
    return ThreadPoolExecutor(1), {}
