"""The time left of a running run, as all pages show it."""

import time

import streamlit as st

from core import jobs
from core.jobs.past_runs import past_runs
from core.jobs.time_left import TimeLeft, in_words, left, next_shown
from core.results.run_record import read_first_results
from core.store import Store

SHOWN = "time left as shown"
"""Session key of what was shown last, by run and start, so that no page shows more without the reason."""


def time_left(job: jobs.JobStatus, store: Store) -> str:
    """Return the time left in words; empty for a run that waits."""
    if job.state != "running":
        return ""
    shown: dict[tuple[str, float | None], TimeLeft] = st.session_state.setdefault(SHOWN, {})
    # A run that is resumed starts anew.
    key = job.run_id, job.started
    so_far = read_first_results(jobs.run_folder(job.run_id, store))
    estimate = left(job, past_runs(store), time.time(), so_far)
    shown[key] = next_shown(shown.get(key), estimate)
    return in_words(shown[key])


def with_time_left(line: str, job: jobs.JobStatus, store: Store) -> str:
    """Return a line about a run with the time left behind it."""
    words = time_left(job, store)
    return f"{line} · {words}" if words else line
