"""The progress of runs: stages, time left, and curves of losses and errors against baselines."""

import time
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core import figures, jobs
from core.paths import database_address
from core.results.curves import BASELINES, Points, axes_of, last_values, steps_of
from core.settings import settings_from_dict
from core.store import Store
from core.training.device import KEY, device_line
from pages.components.shared.run_notes.progress import UNDER_WAY, show_stages, state_line, with_time_left
from pages.components.shared.runs import POLL_SECONDS, label_of
from pages.components.shared.show import show_chart
from pages.components.shared.text import errors, plain


def watch(store: Store) -> None:
    """Draw the device, and all waiting and running runs, each with a button to end it."""
    run_ids = tuple(job.run_id for job in jobs.runs(store) if job.state in UNDER_WAY)
    if run_ids:
        _watch(store, run_ids)
    else:
        _device(store)


def _device(store: Store) -> None:
    device = store.get(KEY)
    # Of workers on other machines the run's record tells it.
    if device is not None or database_address() is None:
        st.caption(f"Device: {plain(device_line(device))}")


@st.fragment(run_every=POLL_SECONDS)
@errors()
def _watch(store: Store, run_ids: tuple[str, ...]) -> None:
    current = [job for job in jobs.runs(store) if job.state in UNDER_WAY]
    # A run ended, was deleted elsewhere, or is new: the rest of the page must be redrawn too.
    if {job.run_id for job in current} != set(run_ids):
        st.rerun()
    # The worker detects the device when it starts.
    _device(store)
    st.subheader("Under way", anchor=False)
    for job in reversed(current):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{plain(label_of(job))}** :blue-badge[{job.state}]")
                if st.button("Cancel", key=f"cancel {job.run_id}", icon=":material/stop:"):
                    jobs.cancel(job.run_id, store)
                    st.rerun(scope="fragment")
            line = with_time_left(progress_line(job, time.time()), job, store)
            st.progress(job.progress, text=plain(line))
            stages = jobs.status(job.run_id, store).stages
            show_curves({stage.name: stage.curve for stage in stages}, job)
            with st.expander("Stage by stage"):
                show_stages(job)


def progress_line(job: jobs.JobStatus, now: float) -> str:
    """Return the stage at work, what it says, and how long the run has taken so far, in one line.

    Of a run that waits, starts or is being cancelled it is the line that other pages have.
    """
    stage = job.reporting
    if stage is None:
        return state_line(job)
    number = [each.name for each in job.stages].index(stage.name) + 1
    ran = f" · {now - job.started:.0f} s so far" if job.started else ""
    return f"Stage {number} of {len(job.stages)}, {stage.name}: {stage.message}{ran}"


def show_curves(curves: Mapping[str, Points], job: jobs.JobStatus) -> None:
    """Draw the curves of each stage that has some."""
    drawn = {stage: points for stage, points in curves.items() if points}
    if not drawn:
        return
    with errors():
        settings = settings_from_dict(job.settings)
    with st.grid(columns=min(len(drawn), 3), min_column_width=300):
        for stage, points in drawn.items():
            with st.container():
                axes, steps = axes_of(stage, settings.factor_model.method), steps_of(stage, settings)
                st.markdown(f"**{stage.capitalize()}**")
                show_chart(
                    figures.curves(points, BASELINES, axes.step, axes.value, steps),
                    f"curves of {stage} of {job.run_id}",
                    f"Lines over {axes.step}s: {axes.value} of the {stage}; {last_values(points)}",
                    pd.DataFrame(points).rename(columns={"step": axes.step}),
                )
                at = f"{axes.step.capitalize()} {points[-1]['step']:.4g} of {steps}: {last_values(points)}."
                st.caption(plain(f"{at} {axes.note}"))
