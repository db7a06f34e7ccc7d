"""Results and costs of finished runs in short, cached until a run's record changes."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import streamlit as st

from core import jobs
from core.errors import BadInput
from core.jobs.past_runs import full_seconds, past_runs
from core.results.comparison import Result, result_of
from core.results.factor_names import legible_names
from core.results.run_record import read_record
from core.store import Store

MUCH = 1.25
"""A run whose stages took so many times its own seconds in earlier runs had much of it from the cache."""


def results_of(run_id: str, store: Store) -> Result | None:
    """Return the result of a finished run; None if it cannot be read."""
    folder = jobs.run_folder(run_id, store)
    try:
        names = legible_names(folder)
        result = _result(str(folder), (folder / "run.json").stat().st_mtime_ns, tuple(names.items()))
    except (OSError, BadInput):
        return None
    past = past_runs(store)
    place = next((number for number, run in enumerate(past) if run.folder == folder), None)
    if place is None:
        return result
    own = sum(past[place].seconds.values())
    return replace(result, cached=full_seconds(past[place], past[place + 1 :]) > MUCH * own)


def costs_by_preset(store: Store, ratings: str, reviews: str) -> dict[str, list[tuple[bool, float]]]:
    """Return, by preset, the seconds of finished runs without the cache, each with whether it used these data."""
    by_kind: defaultdict[str, list[tuple[bool, float]]] = defaultdict(list)
    past = past_runs(store)
    for number, run in enumerate(past):
        same = (run.settings["ratings"], run.settings["reviews"]) == (ratings, reviews)
        by_kind[run.preset].append((same, full_seconds(run, past[number + 1 :])))
    return by_kind


@st.cache_resource(show_spinner=False, max_entries=1000)
def _result(folder: str, changed: int, names: tuple[tuple[int, str], ...]) -> Result:
    return result_of(read_record(Path(folder)), dict(names))
