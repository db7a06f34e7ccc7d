"""A run's classifier for all pages of this server: one reader process, shared by all."""

from typing import Any

import streamlit as st

from core.inference.reader_process import ReaderProcess, What
from pages.components.shared.runs import FinishedRun


def ask(run: FinishedRun, texts: list[str], outputs: What) -> dict[str, Any]:
    """Return the predictions from texts: for each ("answers"), as reviews of one film ("film"), or both.

    See `core.inference`.
    """
    return _process().ask(run.folder, texts, outputs)


def warm_reader(run: FinishedRun) -> None:
    """Open the run's classifier now, without waiting, so that it is open when a review is read."""
    _process().warm(run.folder)


@st.cache_resource(show_spinner=False)
def _process() -> ReaderProcess:
    return ReaderProcess()
