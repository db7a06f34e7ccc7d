"""Results of finished runs in short, cached until a run's record changes."""

from collections import defaultdict
from pathlib import Path

import streamlit as st

from core import jobs
from core.errors import BadInput
from core.results.comparison import Result, result_of
from core.results.factor_names import read_names
from core.results.run_record import read_record
from core.store import Store
from pages.components.shared.runs import finished_runs

NEWEST = 20
"""Most runs of a preset whose cost is read."""


def results_of(run_id: str, store: Store) -> Result | None:
    """Return the result of a finished run; None if it cannot be read."""
    folder = jobs.run_folder(run_id, store)
    try:
        names = read_names(folder)
        return _result(str(folder), (folder / "run.json").stat().st_mtime_ns, tuple(names.items()))
    except (OSError, BadInput):
        return None


def results_by_preset(store: Store, ratings: str, reviews: str) -> dict[str, list[tuple[bool, Result]]]:
    """Return, by preset, the results of the newest finished runs, each with whether it used these data."""
    by_kind: defaultdict[str, list[tuple[bool, Result]]] = defaultdict(list)
    for run_id, job in finished_runs(store).items():
        kind = job.settings.get("preset", "quick")
        kind = "quick" if kind == "fast" else kind
        if len(by_kind[kind]) < NEWEST and (result := results_of(run_id, store)):
            same = (result.ratings.name, result.reviews.source) == (ratings, reviews)
            by_kind[kind].append((same, result))
    return by_kind


@st.cache_resource(show_spinner=False, max_entries=1000)
def _result(folder: str, changed: int, names: tuple[tuple[int, str], ...]) -> Result:
    return result_of(read_record(Path(folder)), dict(names))
