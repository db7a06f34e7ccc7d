"""Reviews that are on the page -> the same with the phrases marked that moved a run's own classifier, one by one."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.reviews.sources.tmdb.expiry import WITHHELD
from pages.components.shared.marking.marked import marked
from pages.components.shared.reader import ask
from pages.components.shared.runs import FinishedRun


def mark_phrases(
    run: FinishedRun, factor: int, texts: Sequence[str], places: Sequence[DeltaGenerator]
) -> None:
    """Draw each text in its place anew, with the phrases marked that moved the factor.

    The reader is asked for one text after the other. Raises the errors of `ask`.
    """
    changed = (run.folder / "run.json").stat().st_mtime_ns
    for text, place in zip(texts, places, strict=True):
        if text == WITHHELD:
            continue
        reading = _read(str(run.folder), changed, text, run)
        moved = [row for row in reading["highlights"] if row["factor"] == factor]
        place.html(marked(text, moved, set(reading["unknown"]), legend=False))


@st.cache_data(show_spinner=False, max_entries=200)
def _read(folder: str, changed: int, text: str, _run: FinishedRun) -> dict[str, Any]:
    answer = ask(_run, [text], "answers")["answers"][0]
    return {name: answer[name] for name in ("highlights", "unknown")}
