"""Factors: one factor, all of them, one film, the map of films, and the accuracy of the model."""

import streamlit as st

from core.results.sentences.run_headline import NOT_LEARNT
from core.results.tables import factors as profiles
from core.results.verdict import has_learnt
from pages.components.factors.all_factors import all_factors
from pages.components.factors.choice import VIEWS, choose_factor, least_ratings, previous_and_next
from pages.components.factors.downloads import downloads
from pages.components.factors.film import close_bar, one_film
from pages.components.factors.film_map import film_map
from pages.components.factors.model import factor_model
from pages.components.factors.naming import names_from_another_run
from pages.components.factors.one_factor import one_factor
from pages.components.predictions.behind import begin_anew, reviews_dialog
from pages.components.predictions.shown import own_labels
from pages.components.shared.browser.address import picked
from pages.components.shared.factors import factors_of
from pages.components.shared.page import set_up
from pages.components.shared.run_notes.provenance import licence
from pages.components.shared.run_notes.ratings_notes import ratings_notes
from pages.components.shared.run_notes.remedy import why_and_remedy
from pages.components.shared.runs import require_finished_run
from pages.components.shared.show import table


def close_film_bar() -> None:
    """Close the reviews behind a bar; the next ones begin at their first page."""
    close_bar()
    begin_anew()


store = set_up("Factors")
run = require_finished_run(store)
films, about = table(run, "factors"), factors_of(run)
if not has_learnt(run.record.factor_model):
    why_and_remedy(run.record, store, f"{NOT_LEARNT}.")

# The selected factor and film.
first = profiles.listed(about.verdict_words, about.strengths)[0]
of_this_run = f"a factor of this run, whose factors are 0 to {about.count - 1}"
factor = picked("factor", range(about.count), first, of_this_run)
film = picked("film", films.film_id.tolist(), films.film_id[films.ratings.idxmax()], "a film of this run")

left, right = st.columns([5, 4], vertical_alignment="bottom")
with left:
    choose_factor(about, factor)
with right, st.container(horizontal=True, vertical_alignment="bottom"):
    previous_and_next(about, factor)
    least = least_ratings(run, about, films)
rated = profiles.rated(films, least)
if len(rated) < 2:
    st.info(f"Fewer than two films have {least:,} ratings. Choose a smaller number.")
    licence(run)
    st.stop()

of_factor, of_all, of_film, on_map, of_model, of_names = st.tabs(VIEWS, key="view", bind="query-params")
if of_factor.open:
    with of_factor:
        one_factor(run, about, factor, film, rated, store)
if of_all.open:
    with of_all:
        all_factors(run, about, factor, rated)
if of_film.open:
    with of_film:
        bar = one_film(run, about, film, least)
        ratings_notes(run)
    if len(bar):
        reviews_dialog(run, own_labels(run), bar.iloc[0], about, close_film_bar)
if on_map.open:
    with on_map:
        film_map(run, about, factor, film, rated)
if of_model.open:
    with of_model:
        factor_model(run, about)
if of_names.open:
    with of_names:
        st.subheader("Names from another run", anchor=False)
        names_from_another_run(run, about, rated, least, store)
        st.subheader("Downloads", anchor=False)
        downloads(run, about, rated)
licence(run)
