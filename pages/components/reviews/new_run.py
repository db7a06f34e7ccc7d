"""The start of a run on other films or reviews: its button, why it cannot start, and its progress below."""

import streamlit as st

from core import jobs
from core.classification.labels import FEWEST_FILMS
from core.jobs.obstacles import obstacle
from core.jobs.reviewed_films import ReviewedFilms
from core.store import Store
from core.uploads.storage import removed_uploads
from pages.components.data.sources import Sources
from pages.components.reviews.films import PickedFilms
from pages.components.shared.browser.address import keep
from pages.components.shared.run_notes.progress import UNDER_WAY, state_line, with_time_left
from pages.components.shared.runs import FROM_MAP, POLL_SECONDS, FinishedRun, choose
from pages.components.shared.text import errors, plain, sentence

FETCHING = "fetching"
"""Session key of the run that was started on this page, whose progress is shown here."""


def start_button(
    store: Store, run: FinishedRun, source: Sources, films: PickedFilms, known: ReviewedFilms | None
) -> None:
    """Draw the button that starts a run like this one on other films or reviews, and the progress of that run.

    `known` are the films with reviews in the source; None where it takes a run to know.
    """
    reason = _why_not(store, run, source, films, known)
    selection, count = films.selection, len(films.listed)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Start a run on just these films" if selection.only else "Start a run on these films",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(reason),
        )
        if reason:
            st.markdown(f":red[:material/block: {plain(reason)}]", width="content")
    if pressed:
        with errors():
            new = run.record.run_settings.replace(reviews=source.saved(), selection=selection)
            name = f"{count:,} films of {run.record.ratings.name}, {source.title}"
            st.session_state[FETCHING] = jobs.start(new, store, name)
            if FROM_MAP in st.session_state:
                forget_map()
            st.rerun()
    _progress(store)


def forget_map() -> None:
    """Forget the films that were picked on the map."""
    st.session_state.pop(FROM_MAP, None)
    keep("by", "ranking")


def _why_not(
    store: Store, run: FinishedRun, source: Sources, films: PickedFilms, known: ReviewedFilms | None
) -> str:
    """Return why a run cannot start, "" if nothing is known against it."""
    if "ratings" in removed_uploads(run.record.settings, store.root):
        return "The file of this run’s ratings was removed. Add it again on the page Train."
    if len(films.listed) < FEWEST_FILMS:
        return f"A run needs at least {FEWEST_FILMS} films. Pick more."
    if source.why_not:
        return source.why_not
    hindrance = obstacle(run.record.run_settings.replace(selection=films.selection), known)
    return hindrance.reason if hindrance else ""


def _progress(store: Store) -> None:
    """Draw the progress of the run started here, until its results are opened or the message is closed."""
    run_id = st.session_state.get(FETCHING)
    if run_id is None:
        return
    if run_id not in {job.run_id for job in jobs.runs(store)}:
        st.session_state.pop(FETCHING)
        return
    with st.container(border=True):
        _fetch(store, run_id)


@st.fragment(run_every=POLL_SECONDS)
@errors()
def _fetch(store: Store, run_id: str) -> None:
    job = jobs.status(run_id, store)
    at_work = job.state in UNDER_WAY
    st.markdown(f"**{plain(job.name)}**")
    stage = next((stage for stage in job.stages if stage.name == "reviews"), None)
    if stage is not None:
        st.progress(stage.done, text=plain(f"Reviews: {stage.message or 'waiting'}"))
    if at_work:
        st.progress(job.progress, text=plain(with_time_left(f"Whole run · {state_line(job)}", job, store)))
        if st.button("Cancel this run", icon=":material/stop_circle:", key="cancel fetch"):
            jobs.cancel(run_id, store)
            st.rerun(scope="fragment")
        return
    if job.state == "failed":
        st.error(plain(sentence(f"The run failed: {job.error or 'the reason is in worker.log'}")))
    else:
        st.write("Done." if job.state == "done" else "Cancelled. Its finished stages are kept.")
    with st.container(horizontal=True):
        if job.state == "done" and st.button("Look at it", type="primary", icon=":material/visibility:"):
            del st.session_state[FETCHING]
            choose(run_id)
            st.rerun()
        if job.state != "done" and st.button("Resume it", type="primary", icon=":material/play_arrow:"):
            jobs.resume(run_id, store)
            st.rerun()
        if st.button("Hide", icon=":material/close:"):
            del st.session_state[FETCHING]
            st.rerun()
