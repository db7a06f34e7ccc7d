"""The guided example: a made-up world whose ground truth is known, step by step; the step is in the address.

It has its own run; the selected run stays selected, and is shown again when the user leaves the guide.
"""

from pathlib import Path

import streamlit as st

from core import jobs
from core.data.ratings.synthetic import SyntheticWorld, synthetic_world
from core.errors import BadInput
from core.results.ground_truth import is_of
from core.results.run_record import read_record
from core.results.tables.saved import read_table
from core.settings import preset
from core.store import Store
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.factors import factors_of
from pages.components.shared.run_notes.progress import UNDER_WAY
from pages.components.shared.runs import GUIDE_RUN, FinishedRun, finished_runs, follow, label_of, open_run
from pages.components.shared.show import table
from pages.components.shared.text import errors, plain, sentence
from pages.components.start.lesson import FACTORS, FILM, STEPS, Lesson

GUIDE = "guide"
"""Name of the step in the address."""
GUIDE_TITLE = "Guided example: a made-up world whose truth is known"
RUN = preset("stable", ratings="planted", reviews="planted", films=120)
TO_THE_TOP = "<script>/* {} */ document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)</script>"
MOST_FACTORS = 12
"""A run with more factors does not serve as the example: they are too many to compare by eye."""


def guide(store: Store) -> None:
    """Draw the step in the address, or what is missing for it."""
    step = picked(GUIDE, range(1, len(STEPS) + 1), 1, "a step of the guided example")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{GUIDE_TITLE}** · {len(STEPS)} steps", width="content")
        st.button("Leave the guide", on_click=leave, icon=":material/close:", key="leave the guide")
    with errors():
        run = _its_run(store)
    if run is None:
        _offer(store)
        return
    lesson = Lesson(run, factors_of(run), table(run, "factors"), world())
    title, draw = STEPS[step - 1]
    st.progress(step / len(STEPS), text=f"Step {step} of {len(STEPS)}")
    st.subheader(title, anchor=False)
    draw(lesson)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(
            "Back", on_click=keep, args=(GUIDE, step - 1), disabled=step == 1, icon=":material/arrow_back:"
        )
        if step < len(STEPS):
            st.button(
                "Next",
                on_click=keep,
                args=(GUIDE, step + 1),
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
            )
        else:
            st.button("Finish", on_click=leave, type="primary", icon=":material/check:")
    name = plain(label_of(jobs.status(run.run_id, store)))
    # After a click on Next, scroll to the top. The script is redrawn, and so run, only when the step changes.
    st.html(TO_THE_TOP.format(step), unsafe_allow_javascript=True, width="content")
    st.caption(f":material/info: Made-up data: nothing in it is real. All numbers come from one run, {name}.")


def leave() -> None:
    """Return to the start page."""
    for name in (GUIDE, FILM, FACTORS):
        st.query_params.pop(name, None)


@st.cache_resource(show_spinner=False)
def world() -> SyntheticWorld:
    """Return the synthetic world; making it takes a second."""
    return synthetic_world()


def _its_run(store: Store) -> FinishedRun | None:
    """Return the newest finished run that serves as the example, the guide's own first, or None."""
    for run_id, _ in sorted(finished_runs(store).items(), key=lambda item: item[1].name != GUIDE_RUN):
        record = jobs.run_folder(run_id, store) / "run.json"
        if record.exists() and _serves(str(record.parent), record.stat().st_mtime_ns):
            return open_run(run_id, store)
    return None


@st.cache_data(show_spinner=False, max_entries=256)
def _serves(folder: str, changed: int) -> bool:
    """Return whether a run is of the synthetic world as it is made now, and has few factors."""
    try:
        record = read_record(Path(folder))
        films = read_table(Path(folder) / "factors.parquet", ["film_id", "title", "ratings"])
    except (BadInput, FileNotFoundError):
        return False
    made_up = record.ratings.name == record.reviews.source == "planted"
    return made_up and record.factor_model.factors <= MOST_FACTORS and is_of(films, world())


def _offer(store: Store) -> None:
    """Draw the progress of the example's run, or offer to start it, if no run serves yet."""
    job = next((job for job in jobs.runs(store) if job.name == GUIDE_RUN), None)
    if job is not None and job.state in UNDER_WAY:
        st.info("The example's run is under way. The guide opens when it is done.")
        follow(store, job.run_id)
        return
    st.write(
        "This world is made up: its films, people, ratings and reviews. So the truth is known. Every step "
        "compares it with what a run found. The guide needs such a run."
    )
    if job is not None and job.state == "failed":
        st.error(plain(f"The last try failed. {sentence(job.error or 'The reason is in worker.log')}"))
    elif job is not None and job.state == "cancelled":
        st.warning(
            "The last try was cancelled. Its finished stages are kept. Resume it to continue from there."
        )
    elif job is not None:
        st.warning("The guide's run is of another made-up world, or cannot be read. Start a new one.")
    ended = job.run_id if job is not None and job.state in ("failed", "cancelled") else None
    st.button(
        "Resume the example's run" if ended else "Start the example's run",
        on_click=_start,
        args=(store, ended),
        type="primary",
        icon=":material/play_arrow:",
    )


def _start(store: Store, run_id: str | None) -> None:
    """Start the example's run, or resume the one with this id."""
    with errors():
        if run_id:
            jobs.resume(run_id, store)
        else:
            jobs.start(RUN, store, GUIDE_RUN)
