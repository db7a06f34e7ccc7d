"""The progress of a run, as all pages show it: the time left, and the stages."""

import time

import pandas as pd
import streamlit as st

from core import jobs
from core.jobs.past_runs import past_runs
from core.jobs.time_left import TimeLeft, in_words, left, next_shown
from core.results.run_record import read_first_results
from core.store import Store
from pages.components.shared.data_table import data_table
from pages.components.shared.text import sentence

UNDER_WAY = ("waiting", "running")
"""States of a run that has not ended."""
SHOWN = "time left as shown"
"""Session key of what was shown last, and when, by run and start, so that no page shows more without the reason."""


def time_left(job: jobs.JobStatus, store: Store) -> str:
    """Return the time left in words; empty for a run that waits."""
    if job.state != "running":
        return ""
    shown: dict[tuple[str, float | None], tuple[TimeLeft, float]] = st.session_state.setdefault(SHOWN, {})
    # A run that is resumed starts anew.
    key = job.run_id, job.started
    so_far = read_first_results(jobs.run_folder(job.run_id, store))
    now = time.time()
    before, when = shown.get(key, (None, now))
    after = next_shown(before, left(job, past_runs(store), now, so_far), now - when)
    shown[key] = after, now
    return in_words(after)


def state_line(job: jobs.JobStatus) -> str:
    """Return why a run waits or that it is being cancelled, else its stage at work, in one line."""
    if job.message and not job.reporting:
        return sentence(job.message)
    return f"Under way: {job.current.name if job.current else 'starting'}"


def with_time_left(line: str, job: jobs.JobStatus, store: Store) -> str:
    """Return a line about a run with the time left behind it."""
    words = time_left(job, store)
    return f"{line} · {words}" if words else line


def show_stages(job: jobs.JobStatus) -> None:
    """Draw each stage with its state, seconds and last message."""
    if not job.stages:
        return
    rows = [
        {
            "Stage": stage.name,
            "State": _state_of(stage, job),
            "Seconds": "" if stage.seconds is None else f"{stage.seconds:.1f}",
            "What it says": stage.message,
        }
        for stage in job.stages
    ]
    data_table(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        key=f"stages of {job.run_id}",
        column_config={
            "Seconds": st.column_config.TextColumn(width="small", alignment="right"),
            "What it says": st.column_config.TextColumn(width="large"),
        },
    )


def _state_of(stage: jobs.StageStatus, job: jobs.JobStatus) -> str:
    if stage.done == 1 and (stage.seconds is not None or job.state == "done"):
        return "done"
    if job.current is not None and stage.name == job.current.name:
        return "running" if job.state in UNDER_WAY else job.state
    return "waiting" if job.state in UNDER_WAY else "not reached"
