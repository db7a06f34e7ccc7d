"""The selected run, its state, and what to show while it has no results.

The choice is kept in the session and in the address (`?run=ID`), so that a link reopens the same view.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from core import jobs
from core.results.run_record import (
    ENDED,
    PENDING,
    SO_FAR,
    FirstResults,
    RunRecord,
    read_first_results,
    read_record,
)
from core.settings import DEFAULT_DATA, RunSettings, preset
from core.store import Store
from pages.components.shared.run_notes.progress import UNDER_WAY, show_stages, state_line, with_time_left
from pages.components.shared.text import errors, plain, sentence

CHOSEN = "chosen run"
PICKER = "run picker"
FROM_MAP = "films from the map"
"""Session key of the run and the ids of its films that were picked on the map for the page Reviews."""
GUIDE_RUN = "guided example"
"""Name of the run that the guided example shows."""
POLL_SECONDS = 1.5
FIRST_RUN = preset("starter", ratings=DEFAULT_DATA, reviews=DEFAULT_DATA)
"""The run that starts by itself on an empty cache, so that there are real results to show."""


@dataclass(frozen=True)
class FinishedRun:
    """A finished run, whose results can be shown."""

    run_id: str
    folder: Path
    """Folder of its files."""
    record: RunRecord


@dataclass(frozen=True)
class UnfinishedRun:
    """A run without all of its results, of which the first can be shown."""

    run_id: str
    folder: Path
    record: FirstResults
    written: int
    """When the record was written, to tell a newer one from it."""


Run = FinishedRun | UnfinishedRun
"""A run of which something can be shown."""


def choose(run_id: str) -> None:
    """Select a run on all pages."""
    st.session_state[CHOSEN] = run_id
    st.query_params["run"] = run_id


def forget(run_id: str) -> None:
    """Deselect a run, if it is the selected one."""
    if st.session_state.get(CHOSEN) == run_id:
        del st.session_state[CHOSEN]
        st.query_params.pop("run", None)


def chosen_run(store: Store) -> jobs.JobStatus | None:
    """Return the status of the selected run; None if there are no runs."""
    run_id = st.session_state.get(CHOSEN)
    return jobs.status(run_id, store) if run_id else None


def settle_run(store: Store) -> str | None:
    """Select the run in the address, else the session's, else the newest finished one; return its id."""
    jobs_by_id = {job.run_id: job for job in jobs.runs(store)}
    finished = [run_id for run_id, job in jobs_by_id.items() if job.state == "done"]
    run_id = st.query_params.get("run") or st.session_state.get(CHOSEN)
    if run_id and run_id not in jobs_by_id:
        instead = "The newest finished run is shown" if finished else "There is no finished run to show"
        st.warning(f"The run in the link is not here; it may have been deleted. {instead}.")
        st.session_state.pop(CHOSEN, None)
        st.query_params.pop("run", None)
        run_id = None
    # The guide's run is of a made-up world, so it is shown only where it is asked for.
    others = [one for one in finished if jobs_by_id[one].name != GUIDE_RUN]
    run_id = run_id or next(iter(others or finished or jobs_by_id), None)
    if run_id:
        choose(run_id)
    return run_id


def pick_run(store: Store, run_id: str) -> None:
    """Draw the choice of the selected run."""
    jobs_by_id = {job.run_id: job for job in jobs.runs(store)}
    st.session_state[PICKER] = run_id
    st.selectbox(
        "Run",
        list(jobs_by_id),
        format_func=lambda run_id: label_of(jobs_by_id[run_id]),
        key=PICKER,
        on_change=lambda: choose(st.session_state[PICKER]),
        help="One pass from ratings to histograms. All pages show the run picked here; the address keeps it.",
    )
    if jobs_by_id[run_id].state not in UNDER_WAY:
        st.caption(f"State: {jobs_by_id[run_id].state}")


def label_of(job: jobs.JobStatus) -> str:
    """Return a run's start time and name, without its state, since labels of a select box must not change."""
    return f"{began(job)}, {name_of(job)}"


def began(job: jobs.JobStatus) -> str:
    """Return a run's local start time, as “24 Nov 13:00:00”."""
    return time.strftime("%d %b %H:%M:%S", time.localtime(job.created))


def name_of(job: jobs.JobStatus) -> str:
    """Return a run's name."""
    return "first run" if job.name == job.run_id else job.name


def under_way(store: Store) -> None:
    """Draw the progress of all waiting and running runs, for as long as there are any."""
    unfinished = tuple(job.run_id for job in jobs.runs(store) if job.state in UNDER_WAY)
    if unfinished:
        _under_way(store, unfinished)


@st.fragment(run_every=POLL_SECONDS)
@errors()
def _under_way(store: Store, run_ids: tuple[str, ...]) -> None:
    jobs.ensure_worker(store)
    current = [job for job in jobs.runs(store) if job.state in UNDER_WAY]
    if {job.run_id for job in current} != set(run_ids):
        st.rerun()
    for job in current:
        line = with_time_left(f"{label_of(job)} · {state_line(job)}", job, store)
        st.progress(job.progress, text=plain(line))


def require_finished_run(store: Store) -> FinishedRun:
    """Return the selected run. If it has no results, show why and what to do, and end the page."""
    with errors():
        job = chosen_run(store)
        if job is None or job.state != "done":
            show_what_is_missing(store, job)
        return open_run(job.run_id, store)


def open_run(run_id: str, store: Store) -> FinishedRun:
    """Return a finished run. Raise BadInput if its record cannot be read."""
    folder = jobs.run_folder(run_id, store)
    return FinishedRun(run_id, folder, read_record(folder))


def unfinished_run(job: jobs.JobStatus, store: Store) -> UnfinishedRun | None:
    """Return the first results of a run that is not done; None where there are none yet."""
    folder = jobs.run_folder(job.run_id, store)
    # In this order, so that a record that is replaced in between is read again.
    written, record = first_results_written(folder), read_first_results(folder)
    if record is None:
        return None
    if job.state not in UNDER_WAY:
        pending = [name for name, part in record if part == PENDING]
        record = record.model_copy(update=dict.fromkeys(pending, ENDED))
    return UnfinishedRun(job.run_id, folder, record, written)


def first_results_written(folder: Path) -> int:
    """Return when the first results of a run were written, 0 where there are none."""
    try:
        return (folder / SO_FAR).stat().st_mtime_ns
    except OSError:
        return 0


def finished_runs(store: Store) -> dict[str, jobs.JobStatus]:
    """Return the finished runs by id, newest first."""
    return {job.run_id: job for job in jobs.runs(store) if job.state == "done"}


def show_what_is_missing(store: Store, job: jobs.JobStatus | None) -> NoReturn:
    """Draw why the selected run has no results and what to do, and end the page."""
    if job is None:
        st.info(
            "There is no run yet, so there is nothing to show. Start one here, or choose data and settings."
        )
        offer(store, "Start the first run", FIRST_RUN, "first run")
    elif job.state in UNDER_WAY:
        any_done = any(other.state == "done" for other in jobs.runs(store))
        st.info(
            "This run is under way. This page shows it when it is done. The page Start shows early results."
            + (" The sidebar has the finished runs." if any_done else "")
        )
        st.page_link("app.py", label="See what it has found so far", icon=":material/home:")
        follow(store, job.run_id)
    else:
        explain_end(store, job)
    st.page_link("pages/1_Train.py", label="Choose data and settings", icon=":material/tune:")
    st.stop()


def explain_end(store: Store, job: jobs.JobStatus) -> None:
    """Draw why a run has no results, and the button to resume it."""
    if job.state == "failed":
        at = f" at the stage “{job.current.name}”" if job.current else ""
        st.error(plain(f"This run failed{at}. {sentence(job.error or 'The reason is in worker.log')}"))
    else:
        st.warning(
            "This run was cancelled. Its finished stages are kept, so a resumed run continues from there."
        )
    show_stages(job)
    with st.container(horizontal=True):
        if st.button("Resume this run", type="primary", icon=":material/play_arrow:"):
            jobs.resume(job.run_id, store)
            st.rerun()
        made_up = preset("quick", ratings="planted", reviews="planted")
        offer(store, "Try made-up data instead", made_up, "made-up data, quick")


def offer(store: Store, text: str, settings: RunSettings, name: str) -> None:
    """Draw a button that starts a run with these settings and shows it."""
    if st.button(text, icon=":material/play_arrow:"):
        with errors():
            choose(jobs.start(settings, store, name))
        st.rerun()


@st.fragment(run_every=POLL_SECONDS)
@errors()
def follow(store: Store, run_id: str) -> None:
    """Draw the stages of a waiting or running run; redraw the whole page when it ends."""
    job = jobs.status(run_id, store)
    if job.state not in UNDER_WAY:
        st.rerun()
    st.progress(job.progress, text=plain(with_time_left(state_line(job), job, store)))
    show_stages(job)
