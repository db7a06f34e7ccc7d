"""Cards of the ended runs: differences from the preset, results and actions."""

import time
from pathlib import Path

import streamlit as st

from core import jobs
from core.data.reviews.sources.combined import sources_in
from core.errors import BadSettings, FactorscopeError
from core.jobs.export import zipped
from core.jobs.job_status import MOST_LETTERS
from core.paths import given_name
from core.results.comparison import Result, result_line
from core.results.curves import recorded
from core.results.run_record import read_record
from core.results.sentences import devices_line
from core.settings import DEFAULT_DATA, settings_from_dict
from core.settings.changes import changes, label_of, preset_of, text_of
from core.store import Store
from pages.components.shared.presets import CARDS
from pages.components.shared.run_notes.progress import UNDER_WAY, show_stages
from pages.components.shared.runs import choose, forget
from pages.components.shared.runs import label_of as run_label
from pages.components.shared.text import errors, plain, sentence
from pages.components.train.results import results_of
from pages.components.train.settings_form import take_over
from pages.components.train.watching import show_curves

A_PAGE = 10
"""Cards per page."""
MOST_CHANGES = 6
"""Most changed settings named on a card."""
STATES = {
    "done": (":material/check_circle:", "green"),
    "failed": (":material/error:", "red"),
    "cancelled": (":material/cancel:", "gray"),
}
PARTS = ("New run", "Runs", "Compare")
"""Tabs of the page Train."""


def run_cards(store: Store) -> None:
    """Draw one page of ended runs, newest first."""
    ended = [job for job in jobs.runs(store) if job.state not in UNDER_WAY]
    if not ended:
        st.info("No run has ended yet. Start one under “New run”.")
        return
    pages = -(-len(ended) // A_PAGE)
    page = 1
    if pages > 1:
        page = st.pagination(pages, key="page of runs", bind="query-params")
        st.caption(f"{len(ended):,} runs, {A_PAGE} a page, newest first")
    for job in ended[(page - 1) * A_PAGE : page * A_PAGE]:
        with st.container(border=True, key=f"run {job.run_id}"):
            _card(job, store)


def _card(job: jobs.JobStatus, store: Store) -> None:
    icon, colour = STATES[job.state]
    st.markdown(f"**{plain(run_label(job))}** :{colour}-badge[{icon} {job.state}]")
    results = results_of(job.run_id, store) if job.state == "done" else None
    if job.state == "done":
        st.write(plain(result_line(results)) if results else "Its results cannot be read. Run it again.")
    if job.error:
        st.error(plain(sentence(job.error)))
    st.caption(plain(_settings_line(job, results)))
    with st.container(horizontal=True, key=f"actions {job.run_id}"):
        if job.state == "done" and st.button(
            "Look at it", key=f"look {job.run_id}", icon=":material/visibility:"
        ):
            choose(job.run_id)
            st.switch_page("app.py", query_params={"run": job.run_id})
        if job.state != "done" and st.button(
            "Resume", key=f"resume {job.run_id}", icon=":material/play_arrow:"
        ):
            with errors():
                jobs.resume(job.run_id, store)
            st.rerun()
        st.button(
            "Use these settings",
            key=f"use {job.run_id}",
            icon=":material/edit_note:",
            on_click=_use,
            args=(job, store),
            help="Fills the form under “New run” with this run's data and settings.",
        )
        _rename(job, store)
        if job.state == "done":
            _export(job, store)
        with st.popover("Delete", icon=":material/delete:", key=f"deleting {job.run_id}"):
            st.write("This removes the run and its results for good. What it computed stays in the cache.")
            if st.button("Delete this run", key=f"delete {job.run_id}", type="primary"):
                with errors():
                    jobs.delete(job.run_id, store)
                forget(job.run_id)
                st.rerun()
    details = st.expander("How it went", key=f"details of {job.run_id}", on_change="rerun")
    if details.open:
        with details:
            _details(job, store)


def _settings_line(job: jobs.JobStatus, results: Result | None) -> str:
    """Return the preset, the data, and the settings that differ from the preset, in one line.

    Once there are results, default data have the names of what was read.
    """
    try:
        settings = settings_from_dict(job.settings)
    except BadSettings as error:
        return f"Its settings cannot be read: {error}."
    named = [
        f"{label_of(name)} {text_of(now)} (preset: {text_of(preset_value)})"
        for name, (now, preset_value) in changes(settings).items()
    ]
    more = f" and {len(named) - MOST_CHANGES} more" if len(named) > MOST_CHANGES else ""
    differs = f"Changed: {' · '.join(named[:MOST_CHANGES])}{more}" if named else "Nothing is changed"
    ratings, reviews = settings.ratings, settings.reviews
    if results is not None:
        ratings = results.ratings.name if ratings == DEFAULT_DATA else ratings
        reviews = results.reviews.source if reviews == DEFAULT_DATA else reviews
    sets = (ratings, *sources_in(reviews))
    data = " and ".join(given_name(Path(name)) for name in sets)
    data = "the default data" if set(sets) == {DEFAULT_DATA} else data
    return f"Preset {CARDS[preset_of(settings)].title}, {data}. {differs}."


def _use(job: jobs.JobStatus, store: Store) -> None:
    """Fill the form with a run's settings; default data are replaced by the data that the run used."""
    try:
        saved = read_record(jobs.run_folder(job.run_id, store)).settings
    except FactorscopeError:
        saved = job.settings
    try:
        take_over(saved)
    except FactorscopeError as error:
        st.toast(plain(sentence(str(error))), icon=":material/error:")
    else:
        st.session_state["part"] = PARTS[0]
        st.toast(plain(f"The form holds the settings of {run_label(job)}."), icon=":material/edit_note:")


def _rename(job: jobs.JobStatus, store: Store) -> None:
    with (
        st.popover("Rename", icon=":material/edit:", key=f"renaming {job.run_id}"),
        st.form(f"rename {job.run_id}", border=False),
    ):
        name = st.text_input(
            "New name",
            "" if job.name == job.run_id else job.name,
            max_chars=MOST_LETTERS,
            key=f"name {job.run_id}",
        )
        if st.form_submit_button("Rename this run", key=f"rename it {job.run_id}"):
            with errors():
                jobs.rename(job.run_id, name, store)
            st.rerun()


def _export(job: jobs.JobStatus, store: Store) -> None:
    """Draw the download of the run's files as a zip, which is made only when asked for."""
    popover = st.popover("Export", icon=":material/folder_zip:", key=f"exporting {job.run_id}")
    with popover:
        st.write(
            "A zip of the run's tables, classifier, report and run.json. Uploads and other runs are not in it."
        )
        if st.button("Make the zip", key=f"zip {job.run_id}"):
            with errors(), st.spinner("Packing"):
                # The file is deleted when it is replaced, or with the session.
                st.session_state["export"] = (job.run_id, zipped(job.run_id, store))
        run_id, file = st.session_state.get("export", ("", None))
        if run_id == job.run_id:
            size = file.seek(0, 2) / 1e6

            def whole() -> bytes:
                file.seek(0)
                content: bytes = file.read()
                return content

            st.download_button(
                f"Save the zip ({size:.0f} MB)",
                whole,
                f"factorscope-{job.run_id}.zip",
                "application/zip",
                key=f"save {job.run_id}",
                icon=":material/download:",
                on_click="ignore",
            )


def _details(job: jobs.JobStatus, store: Store) -> None:
    """Draw curves and stages; the curves of a stage read from the cache come from the run's record."""
    with errors():
        curves = {stage.name: stage.curve for stage in jobs.status(job.run_id, store).stages}
        if job.state == "done":
            record = read_record(jobs.run_folder(job.run_id, store))
            curves = {name: curves.get(name) or () for name in curves} | {
                name: curves.get(name) or points for name, points in recorded(record).items()
            }
            if record.devices:
                st.caption(plain(devices_line(record.devices)))
    show_curves(curves, job)
    show_stages(job)
    if job.finished:
        st.caption(time.strftime("Ended %d %b %Y, %H:%M", time.localtime(job.finished)))
