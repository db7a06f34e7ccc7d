"""Train: choose data and settings, start and watch a run, review finished runs, and compare two of them."""

import streamlit as st

from core import jobs
from pages.components.data.sources import (
    RATINGS,
    reviews_picker,
    source_picker,
)
from pages.components.shared.page import set_up
from pages.components.shared.runs import UNDER_WAY, choose
from pages.components.shared.text import errors
from pages.components.train.all_settings import all_settings, excluded
from pages.components.train.preset_cards import pick_preset
from pages.components.train.results import results_by_preset
from pages.components.train.run_cards import PARTS, run_cards
from pages.components.train.settings_form import Form, source_in_address
from pages.components.train.side_by_side import compare_runs
from pages.components.train.watching import watch

FORMS = {
    "principal": "Principal: the strongest first, independent of each other",
    "varimax": "Varimax: each film leans on few factors",
    "raw": "Raw, as in the article: the columns as training left them, which mean nothing by themselves",
    None: "The one that repeats best between halves of the users, chosen with their number",
}
SPLITS = {
    "films": "Whole films: graded on films that the classifier has not seen",
    "random": "Reviews at random, as in the article: flatters the classifier",
}

store = set_up("Train")
watch(store)
if st.session_state.pop("just started", False):
    # The form is long, and the progress of the run is shown above it.
    st.session_state["part"] = PARTS[1]
    st.toast("The run is queued; watch it at the top of this page.", icon=":material/play_arrow:")
new, ended, compared = st.tabs(PARTS, key="part", bind="query-params", on_change="rerun")

if new.open:
    with new:
        # Data.
        st.subheader("Data", anchor=False)
        source_in_address("ratings")
        source_in_address("reviews")
        left, right = st.columns(2)
        with left:
            ratings = source_picker("Ratings", RATINGS, store)
        with right:
            reviews = reviews_picker("Reviews", store)

        # Preset.
        st.subheader("Preset", anchor=False)
        kind = pick_preset(results_by_preset(store, ratings.value, reviews.value))
        form = Form(kind)
        if kind == "article":
            st.warning(
                "The full language model takes hours on a CPU, so it is for a machine with a GPU. It starts from "
                "fastai's WikiText-103 weights, which have to be downloadable from here.",
                icon=":material/schedule:",
            )

        # Settings.
        st.subheader("Settings", anchor=False)
        one, two, three = st.columns(3)
        one.number_input(
            "Factors",
            1,
            value=None,
            step=1,
            placeholder="empty: as many as repeat",
            help="columns of the film embedding",
            **form.bound("factor_model.factors", f"factors of {kind}"),
        )
        two.number_input(
            "Top factors a film (FACTORS)",
            1,
            step=1,
            help="how many of a film's highest factors are its labels",
            **form.bound("selection.top", f"top of {kind}"),
        )
        three.number_input(
            "Films",
            2,
            step=1,
            help="how many from the top of the ranking",
            **form.bound("selection.films", "films"),
        )
        one, two, three = st.columns(3)
        one.number_input(
            "Factor to rank films by",
            0,
            step=1,
            help="numbered from 0",
            **form.bound("selection.rank_by", "rank by"),
        )
        with two:
            excluded(
                form,
                "Exclude factors",
                "exclude",
                help="films that have one of these among their top factors are left out",
            )
        three.number_input(
            "Least ratings of a film",
            0,
            step=1,
            help="films with fewer ratings are not chosen, since their weights rest on little",
            **form.bound("selection.least_ratings", f"least ratings of {kind}"),
        )
        left, right = st.columns(2)
        left.radio(
            "Form of the factors",
            [name for name in FORMS if name is not None or form.value("factor_model.factors") is None],
            format_func=FORMS.__getitem__,
            help="The ratings leave the factors free to turn; a form picks one position. "
            "Predictions stay the same.",
            **form.bound("form", f"form of {kind}", shown=form.form),
        )
        right.radio(
            "Keep out, to grade the classifier",
            SPLITS,
            format_func=SPLITS.__getitem__,
            **form.bound("split", "split"),
        )
        right.toggle(
            "Train the encoder too",
            help="Without it the encoder stays as it is, and only the classifier's head learns, in seconds. With "
            "it the whole classifier learns after the head, which takes minutes on a CPU; so the article does.",
            **form.unfreezing("unfreeze"),
        )
        left, right = st.columns([1, 2])
        left.number_input(
            "Seed",
            0,
            step=1,
            help="decides every random draw; same seed, same result",
            **form.bound("seed", "seed"),
        )
        name = right.text_input(
            "Name of the run", placeholder=f"{kind}: {ratings.title}, {reviews.title}", max_chars=80
        )
        everything = st.expander("All settings, each with its meaning", key="all settings", on_change="rerun")
        if everything.open:
            with everything:
                all_settings(form)
        form.show_changes()

        if st.button("Start the run", type="primary", icon=":material/play_arrow:"):
            with errors():
                settings = form.settings(ratings=ratings.saved(), reviews=reviews.saved())
                last = st.session_state.get("last started")
                under_way = {job.run_id for job in jobs.runs(store) if job.state in UNDER_WAY}
                if last and last["settings"] == settings and last["run"] in under_way:
                    st.info("A run with just these settings is under way already; see above.")
                else:
                    run_id = jobs.start(
                        settings, store, name.strip() or f"{kind}: {ratings.title}, {reviews.title}"
                    )
                    st.session_state["last started"] = {"settings": settings, "run": run_id}
                    st.session_state["just started"] = True
                    choose(run_id)
                    st.rerun()

if ended.open:
    with ended:
        run_cards(store)

if compared.open:
    with compared:
        compare_runs(store)
