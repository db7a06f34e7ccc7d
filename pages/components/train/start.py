"""The start of a run: its name, the button, and why it cannot start."""

from dataclasses import dataclass

import streamlit as st

from core import jobs
from core.errors import BadSettings
from core.jobs.job_status import MOST_LETTERS
from core.jobs.obstacles import Obstacle, missing_device, obstacle
from core.jobs.reviewed_films import ReviewedFilms
from core.store import Store
from core.training.device import KEY
from pages.components.data.sources import Sources
from pages.components.data.user_file import Source
from pages.components.shared.run_notes.progress import UNDER_WAY
from pages.components.shared.runs import choose
from pages.components.shared.text import errors, plain, sentence
from pages.components.train.settings_form import Form


@dataclass(frozen=True)
class Data:
    """The picked sources of ratings and reviews."""

    ratings: Source
    reviews: Sources

    @property
    def title(self) -> str:
        return f"{self.ratings.title}, {self.reviews.title}"

    @property
    def are_stored(self) -> bool:
        """Whether all have a name or a path; an upload gets its path as a run starts."""
        return bool(self.ratings.value) and self.reviews.are_stored

    @property
    def why_not(self) -> str:
        """Why a run cannot read them, "" if nothing is known against it."""
        return self.ratings.why_not or self.reviews.why_not


def start_button(store: Store, form: Form, data: Data, films: ReviewedFilms | None) -> None:
    """Draw the changes, the name of the run, and the button, with the reason where it cannot be pressed."""
    form.show_changes()
    usual_name = f"{form.kind}: {data.title}"
    name = st.text_input("Name of the run", placeholder=usual_name, max_chars=MOST_LETTERS)
    hindrance = why_not(form, data, films, store)
    with st.container(horizontal=True, vertical_alignment="center", key="start"):
        pressed = st.button(
            "Start the run", type="primary", icon=":material/play_arrow:", disabled=hindrance is not None
        )
        if hindrance:
            st.markdown(f":red[:material/block: {plain(hindrance.reason)}]", width="content")
        if hindrance and hindrance.films:
            st.button(
                f"Ask for {hindrance.films:,}",
                icon=":material/build:",
                on_click=form.change,
                args=("selection.films", hindrance.films),
            )
    if pressed:
        with errors():
            _start(store, form, data, name.strip() or usual_name)


def why_not(form: Form, data: Data, films: ReviewedFilms | None, store: Store) -> Obstacle | None:
    """Return why a run cannot start, or must fail; None where nothing is known against it."""
    try:
        settings = form.settings()
    except BadSettings as error:
        return Obstacle(sentence(str(error)))
    if data.why_not:
        return Obstacle(data.why_not)
    return missing_device(settings, store.get(KEY)) or obstacle(settings, films)


def _start(store: Store, form: Form, data: Data, name: str) -> None:
    settings = form.settings(ratings=data.ratings.saved(), reviews=data.reviews.saved())
    last = st.session_state.get("last started")
    under_way = {job.run_id for job in jobs.runs(store) if job.state in UNDER_WAY}
    if last and last["settings"] == settings and last["run"] in under_way:
        st.info("A run with the same settings is already under way. See above.")
        return
    run_id = jobs.start(settings, store, name)
    st.session_state["last started"] = {"settings": settings, "run": run_id}
    st.session_state["just started"] = True
    choose(run_id)
    st.rerun()
