"""Train: choose data and settings, start and watch a run, review finished runs, and compare them."""

import streamlit as st

from core.jobs.reviewed_films import reviewed_films
from pages.components.data.sources import RATINGS, reviews_picker, source_picker
from pages.components.shared.page import set_up
from pages.components.train.compare import compare_runs
from pages.components.train.main_fields import films_note, main_fields
from pages.components.train.more_settings import more_settings
from pages.components.train.preset_cards import pick_preset, preset_cards
from pages.components.train.results import costs_by_preset
from pages.components.train.run_cards import PARTS, run_cards
from pages.components.train.settings_form import Form, source_in_address
from pages.components.train.start import Data, start_button
from pages.components.train.watching import watch

store = set_up("Train")
watch(store)
if st.session_state.pop("just started", False):
    # The form is long, and the progress of the run is shown above it.
    st.session_state["part"] = PARTS[1]
    st.toast("The run is queued. Watch it at the top of this page.", icon=":material/play_arrow:")
new, ended, compared = st.tabs(PARTS, key="part", bind="query-params", on_change="rerun")

if new.open:
    with new:
        # What decides most, at once.
        kind = pick_preset()
        form = Form(kind)
        note = main_fields(form)

        # Data.
        st.subheader("Data", anchor=False)
        source_in_address("ratings")
        source_in_address("reviews")
        left, right = st.columns(2)
        with left:
            ratings = source_picker("Ratings", RATINGS, store)
        with right:
            reviews = reviews_picker("Reviews", store)
        data = Data(ratings, reviews)
        known = reviewed_films(ratings.value, reviews.value, store) if data.are_stored else None
        films_note(note, form, known)

        # Start.
        start_button(store, form, data, known)

        # Presets.
        st.subheader("What the presets do", anchor=False)
        preset_cards(kind, bool(form.changed), costs_by_preset(store, ratings.value, reviews.value))

        # All that is left.
        st.subheader("More settings", anchor=False)
        more_settings(form)

if ended.open:
    with ended:
        run_cards(store)

if compared.open:
    with compared:
        compare_runs(store)
