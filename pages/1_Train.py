"""Train: pick data and settings, start a run, and see, cancel, resume or delete runs."""

import time

import streamlit as st

from core import jobs
from core.settings import preset
from core.store import Store
from pages.frame import (
    RATINGS,
    RATINGS_LAYOUT,
    REVIEWS,
    REVIEWS_LAYOUT,
    UNDER_WAY,
    choose,
    errors,
    forget,
    label_of,
    plain,
    set_up,
    show_stages,
    source_picker,
)

KINDS = {
    "quick": "Quick: factors by fastai, reviews by the bundled encoder, each in seconds",
    "accurate": "Accurate: Bayesian factors, which predict ratings best and carry intervals; reviews as in quick",
    "stable": "Stable: Bayesian, with as many factors as repeat between halves of the users; reviews as in quick",
    "article": "Article: as in the article, but for larger batches of ratings; a language model of its own, hours",
}
FORMS = {
    "principal": "Principal: the strongest first, independent of each other",
    "varimax": "Varimax: each film leans on few factors",
    "raw": "Raw, as in the article: the columns as training left them, which mean nothing by themselves",
}
SPLITS = {
    "films": "Whole films: graded on films that the classifier has not seen",
    "random": "Reviews at random, as in the article: flatters the classifier",
}

store = set_up("Train")

# Data.
st.subheader("Data", anchor=False)
left, right = st.columns(2)
with left:
    ratings = source_picker("Ratings", RATINGS, RATINGS_LAYOUT, store)
with right:
    reviews = source_picker("Reviews", REVIEWS, REVIEWS_LAYOUT, store)

# Settings.
st.subheader("Settings", anchor=False)
kind = st.radio("Preset", KINDS, format_func=KINDS.get, key="preset", persist_state="session")
own = preset(kind)
if kind == "article":
    st.warning(
        "The full language model takes hours on a CPU, so it is for a machine with a GPU. It starts from fastai's "
        "WikiText-103 weights, which have to be downloadable from here.",
        icon=":material/schedule:",
    )
if kind == "stable":
    st.caption(
        "The number of factors and their form are chosen by training on halves of the users, which takes about a "
        "minute more on two processor cores. Where nothing repeats, the run ends and says so."
    )
# Each preset has its own defaults, so what was picked for one is not carried to another.
one, two, three = st.columns(3)
factors = one.number_input(
    "Factors",
    1,
    1000,
    own.factor_model.factors,
    key=f"factors of {kind}",
    persist_state="session",
    disabled=own.factor_model.factors is None,
    placeholder="as many as repeat",
    help="columns of the film embedding",
)
top = two.number_input(
    "Top factors a film (FACTORS)",
    1,
    1000,
    own.selection.top,
    key=f"top of {kind}",
    persist_state="session",
    help="how many of a film's highest factors are its labels",
)
films = three.number_input(
    "Films", 2, 10_000, 20, key="films", persist_state="session", help="how many from the top of the ranking"
)
rank_by = one.number_input(
    "Factor to rank films by", 0, 999, 0, key="rank by", persist_state="session", help="numbered from 0"
)
exclude = two.multiselect(
    "Exclude factors",
    range(factors or own.stability.most_factors),
    key="exclude",
    persist_state="session",
    help="films that have one of these among their top factors are left out",
)
least_ratings = three.number_input(
    "Least ratings of a film",
    0,
    10**6,
    own.selection.least_ratings,
    key=f"least ratings of {kind}",
    persist_state="session",
    help="films with fewer ratings are not chosen, since their weights rest on little",
)
if own.form is None:
    form = None
else:
    form = st.radio(
        "Form of the factors",
        FORMS,
        list(FORMS).index(own.form),
        format_func=FORMS.get,
        key=f"form of {kind}",
        persist_state="session",
        help="The ratings leave the factors free to turn; a form picks one position. Predictions stay the same.",
    )
unfreeze = kind != "article" and st.toggle(
    "Train the bundled encoder too",
    key="unfreeze",
    persist_state="session",
    help="Without it the encoder stays as it is, and only the classifier's head learns, in seconds. With it the "
    "whole classifier learns after the head, which takes minutes on a CPU. The article always does so.",
)
split = st.radio(
    "Keep out, to grade the classifier", SPLITS, format_func=SPLITS.get, key="split", persist_state="session"
)
left, right = st.columns([1, 2])
seed = left.number_input(
    "Seed",
    0,
    2**32 - 1,
    42,
    key="seed",
    persist_state="session",
    help="decides every random draw; same seed, same result",
)
name = right.text_input(
    "Name of the run", placeholder=f"{kind}: {ratings.title}, {reviews.title}", max_chars=80
)

if st.button("Start the run", type="primary", icon=":material/play_arrow:"):
    with errors():
        settings = preset(
            kind,
            ratings=ratings.saved(),
            reviews=reviews.saved(),
            factors=factors,
            top=top,
            films=films,
            rank_by=rank_by,
            exclude_factors=tuple(sorted(exclude)),
            least_ratings=least_ratings,
            form=form,
            split=split,
            seed=seed,
            unfreeze=unfreeze,
        )
        last = st.session_state.get("last started")
        under_way = {job.run_id for job in jobs.runs(store) if job.state in UNDER_WAY}
        if last and last["settings"] == settings and last["run"] in under_way:
            st.info("A run with just these settings is under way already; see below.")
        else:
            run_id = jobs.start(settings, store, name.strip() or f"{kind}: {ratings.title}, {reviews.title}")
            st.session_state["last started"] = {"settings": settings, "run": run_id}
            choose(run_id)
            st.rerun()


# Runs.
def list_runs(store: Store) -> None:
    """Draw all runs with what can be done about each."""
    known = jobs.runs(store)
    if not known:
        st.info("There are no runs yet. Start one above.")
    for job in known:
        with st.container(border=True), errors():
            st.text(f"{label_of(job)} ({job.state})")
            if job.state in UNDER_WAY:
                st.progress(job.progress, text=plain(job.message))
            if job.error:
                st.error(plain(job.error))
            with st.container(horizontal=True):
                if st.button("Look at it", key=f"look {job.run_id}", icon=":material/visibility:"):
                    choose(job.run_id)
                    st.switch_page("app.py", query_params={"run": job.run_id})
                if job.state in UNDER_WAY and st.button(
                    "Cancel", key=f"cancel {job.run_id}", icon=":material/stop:"
                ):
                    jobs.cancel(job.run_id, store)
                    st.rerun()
                if job.state in ("failed", "cancelled") and st.button(
                    "Resume", key=f"resume {job.run_id}", icon=":material/play_arrow:"
                ):
                    jobs.resume(job.run_id, store)
                    st.rerun()
                with st.popover("Delete", icon=":material/delete:"):
                    st.write("This removes the run and its results for good.")
                    if st.button("Delete this run", key=f"delete {job.run_id}", type="primary"):
                        jobs.delete(job.run_id, store)
                        forget(job.run_id)
                        st.rerun()
            if job.stages:
                with st.expander("Stage by stage"):
                    show_stages(job)
                    if job.started and job.finished:
                        st.text(time.strftime("Ended %d %b %Y, %H:%M", time.localtime(job.finished)))


st.subheader("Runs", anchor=False)
at_work = any(job.state in UNDER_WAY for job in jobs.runs(store))
st.fragment(list_runs, run_every=1.5 if at_work else None)(store)
