"""What a run found, as the page Start shows it: headline, cards and grid, also while the run is under way."""

import streamlit as st

from core import jobs
from core.data.datasets.find import on_this_machine
from core.figures import PANELS
from core.results.run_record import Unmeasured
from core.results.sentences import devices_line, readability_summary
from core.results.sentences.run_headline import headline
from core.results.sentences.summary import summary
from core.results.verdict import has_learnt, may_be_luck
from core.store import Store
from pages.components.shared.factors import Factors
from pages.components.shared.run_notes.progress import UNDER_WAY, show_stages, state_line, with_time_left
from pages.components.shared.run_notes.provenance import MADE_UP, licence
from pages.components.shared.run_notes.ratings_notes import ratings_notes
from pages.components.shared.run_notes.remedy import why_and_remedy
from pages.components.shared.runs import (
    POLL_SECONDS,
    FinishedRun,
    UnfinishedRun,
    explain_end,
    first_results_written,
    offer,
)
from pages.components.shared.text import errors, plain
from pages.components.start.cards import factor_cards

REAL_REVIEWS = "lmrd"
MADE_UP_WORLD = "Its data are made up."
ENDS = "Each taste (factor) runs between two kinds of films."
GRID = "What the reviews speak of, film by film"


def findings(run: FinishedRun, about: Factors, store: Store) -> None:
    """Draw what a finished run found, down to the heading of the grid: headline and cards."""
    st.subheader(headline(run.record, about.verdict_words), anchor=False)
    st.caption(f"{MADE_UP_WORLD} {ENDS}" if run.record.ratings.name in MADE_UP else ENDS)
    if all(map(may_be_luck, about.verdict_words)):
        why_and_remedy(run.record, store)
    factor_cards(run, about)
    st.subheader(GRID, anchor=False)
    if run.record.reviews.source == "sample":
        _sample(run, store)


def numbers(run: FinishedRun, about: Factors, store: Store) -> None:
    """Draw the numbers of a finished run, behind a click."""
    with st.expander("How sure is all this?", icon=":material/analytics:"):
        for heading, paragraph in summary(run.record, about.marked).items():
            st.markdown(f"**{heading}.** {paragraph}")
    with st.expander("How the run went, stage by stage", icon=":material/timeline:"), errors():
        show_stages(jobs.status(run.run_id, store))
        st.text(f"{run.record.seconds:.0f} seconds in all; seed {run.record.seed}")
        if run.record.devices:
            st.caption(plain(devices_line(run.record.devices)))


def first_findings(run: UnfinishedRun, about: Factors, job: jobs.JobStatus, store: Store) -> None:
    """Draw what a run has found so far, down to the heading of the grid; the page follows as more is found."""
    st.subheader(headline(run.record, about.verdict_words), anchor=False)
    st.caption(ENDS)
    if not has_learnt(run.record.factor_model):
        why_and_remedy(run.record, store)
    if job.state in UNDER_WAY:
        _follow(store, run.run_id, run.written)
    factor_cards(run, about)
    if run.record.predictions:
        _about_first_grid(run, about)
    elif job.state in UNDER_WAY:
        st.caption(":material/hourglass_empty: Histograms of the films follow as soon as reviews are read.")


def _about_first_grid(run: UnfinishedRun, about: Factors) -> None:
    """Draw the heading of the first grid, with what is known of how good the predictions are."""
    st.subheader(GRID, anchor=False)
    pending = isinstance(about.readability, Unmeasured)
    graded = "Not graded yet." if pending else readability_summary(about.readability)
    reviews = run.record.reviews
    if reviews and reviews.source in MADE_UP:
        st.caption(":material/info: These reviews were made up for this project.")
    more = reviews is None or reviews.films_with_reviews > PANELS
    first = f" These are the first {PANELS} films; all follow at the end of the run." if more else ""
    st.caption(f"{plain(graded)}{first}")


def end_of_first_results(run: UnfinishedRun, job: jobs.JobStatus, store: Store) -> None:
    """Draw why no more is found, where that is so, and the notes on the data."""
    if job.state not in UNDER_WAY:
        explain_end(store, job)
    ratings_notes(run)
    licence(run)


def wait_for_results(run_id: str, store: Store) -> None:
    """Draw the progress of a run that has found nothing yet; the page follows as soon as it has."""
    st.subheader("A recommender learns tastes from ratings.", anchor=False)
    _follow(store, run_id, 0)
    st.page_link("pages/1_Train.py", label="Choose other data or settings", icon=":material/tune:")


@st.fragment(run_every=POLL_SECONDS)
@errors()
def _follow(store: Store, run_id: str, written: int) -> None:
    """Draw the progress; redraw the whole page when more was found than at `written`, or when the run ends."""
    job = jobs.status(run_id, store)
    found = first_results_written(jobs.run_folder(run_id, store))
    if job.state not in UNDER_WAY or found != written:
        st.rerun()
    st.progress(job.progress, text=plain(with_time_left(state_line(job), job, store)))


def _sample(run: FinishedRun, store: Store) -> None:
    """Draw, in one line, what the sample cannot show, and the button that fetches more."""
    reviews = run.record.reviews
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        each = reviews.reviews / max(reviews.films_with_reviews, 1)
        st.markdown(
            f":material/info: The sample has only {each:.0f} made-up texts a film. Real reviews may show more.",
            width="content",
        )
        settings = run.record.run_settings.replace(reviews=REAL_REVIEWS)
        is_here = on_this_machine(REAL_REVIEWS, store) is not None
        label = "Use 50,000 real reviews" if is_here else "Fetch 50,000 real reviews (84 MB)"
        offer(store, label, settings, "real reviews")
