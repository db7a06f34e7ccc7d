"""Reviews: the texts, coverage of the films, a run on other films or reviews, and the stored files."""

import streamlit as st

from core.data.reviews import coverage as covering
from core.data.reviews.search import containing, counts_by_film, words_of
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.formatting import counted
from core.jobs.reviewed_films import reviewed_films
from core.results.tables.factors import intervals, reviews_known, with_intervals
from core.results.tables.films import named_tops
from core.settings.changes import preset_of
from core.uploads.storage import remaining_sources, removed_uploads
from pages.components.data.can_be_had import can_be_had
from pages.components.data.coverage import coverage_at_a_glance, coverage_by_film
from pages.components.data.kept_files import kept_files
from pages.components.data.right_film import right_film
from pages.components.data.source_cards import source_cards
from pages.components.data.sources import reviews_picker
from pages.components.reviews.films import pick_films
from pages.components.reviews.new_run import forget_map, start_button
from pages.components.reviews.reviews import show_reviews, tmdb_attribution, warn_of_old_texts
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import factors_of
from pages.components.shared.film_search import first_rows, offered_films
from pages.components.shared.page import set_up
from pages.components.shared.presets import CARDS
from pages.components.shared.run_notes.provenance import licence
from pages.components.shared.runs import FROM_MAP, require_finished_run
from pages.components.shared.show import optional_table, table
from pages.components.shared.text import plain

VIEWS = ["Read and search", "Coverage", "New run", "Files"]
ALL = ""
"""In the address in place of a film's id, which is never empty."""


def look_at_film() -> None:
    """Show the first page of reviews of the picked film."""
    keep("film", st.session_state["reviews film"])
    keep("reviews_page", 1)


store = set_up("Reviews")
run = require_finished_run(store)
about = factors_of(run)
settings = run.record.run_settings
rank_by = settings.selection.rank_by
films, chosen = table(run, "factors"), table(run, "chosen_films")
recorded_coverage = optional_table(run, "coverage")
coverage = covering.coverage_of_older(chosen) if recorded_coverage is None else recorded_coverage
arrived = st.session_state.get(FROM_MAP)
from_map = arrived["films"] if arrived and arrived["run"] == run.run_id else []
if from_map and st.session_state.get("films that came") != from_map:
    # A user who arrives with films from the map wants to start a run on them.
    st.session_state["films that came"] = from_map
    st.session_state["show"] = VIEWS[2]
    keep("by", "map")

st.markdown(
    f"This run reads {counted(run.record.reviews.reviews, 'review')} of "
    f"{counted(run.record.reviews.films_with_reviews, 'film')}, from **{plain(run.record.reviews.title)}**."
)
of_texts, of_coverage, of_new, of_files = st.tabs(VIEWS, key="show", bind="query-params")

# Which films have reviews.
if of_coverage.open:
    with of_coverage:
        if recorded_coverage is None:
            st.info(
                "This older run lists only the films that it looked at. A new run lists all films, with the reasons."
            )
        coverage_at_a_glance(run, coverage, recorded_coverage is not None)
        st.subheader("Film by film", anchor=False)
        weights = with_intervals(chosen[["film_id", "weight"]], intervals(films, rank_by), "film_id")
        coverage_by_film(run, coverage.merge(weights, on="film_id", how="left"), about, rank_by, store)
        if recorded_coverage is not None:
            st.subheader("Correct a wrong match", anchor=False)
            right_film(store, coverage)

# The texts.
if of_texts.open:
    with of_texts:
        labelled = table(run, "labelled_reviews")
        labelled = labelled[labelled.review != WITHHELD]
        warn_of_old_texts(run)
        reviewed = chosen[chosen.reviews > 0]
        # Films from the map come first.
        reviewed = reviewed.sort_values("film_id", key=lambda ids: ~ids.isin(from_map), kind="stable")
        known_films = [ALL, *reviewed.film_id]
        if st.query_params.get("film") == "all" not in known_films:
            # As in older links.
            st.query_params["film"] = ALL
        film = picked("film", known_films, ALL, "a film of this run that has reviews")
        left, right = st.columns(2)
        words = words_of(
            left.text_input(
                "Find words",
                key="words",
                bind="query-params",
                placeholder="ghost cellar",
                help="Shows reviews that contain all these words. Parts of longer words count too.",
                on_change=lambda: keep("reviews_page", 1),
            )
        )
        st.session_state["reviews film"] = film
        with right:
            titles = {ALL: "All films", **offered_films(reviewed, "reviews film", [film], "reviews")}
        right.selectbox(
            "Film",
            list(titles),
            format_func=titles.__getitem__,
            key="reviews film",
            on_change=look_at_film,
        )
        mine = labelled if film == ALL else labelled[labelled.film_id == film]
        hits = containing(mine, words)
        st.write(
            f"**{len(hits):,}** of {len(mine):,} reviews"
            + (f" contain {plain(' and '.join(f'“{word}”' for word in words))}" if words else "")
            + (f", of {counted(hits.film_id.nunique(), 'film')}" if film == ALL else "")
        )
        if words and film == ALL and len(hits):
            with st.expander(f"Hits by film ({counted(hits.film_id.nunique(), 'film')})"):
                data_table(
                    first_rows(counts_by_film(hits, labelled), "those with the most hits"),
                    hide_index=True,
                    key="counts a film",
                    column_order=("title", "found", "reviews"),
                    column_config={"found": "reviews with the words", "reviews": "reviews of the film"},
                )
        if len(hits):
            show_reviews(run, hits, words, film == ALL)
        elif words:
            st.info("No review of this run contains all these words. Try fewer words, or all films.")
        else:
            st.info("This run has no reviews to show. Start a new run to fetch them again.")

# A run on other films or other reviews.
if of_new.open:
    with of_new:
        tops = table(run, "top_factors")
        # No more films are asked for at first than this run found reviews of.
        most = max(2, min(settings.selection.films, run.record.reviews.films_with_reviews))
        at_first = settings.selection.model_copy(update={"films": most})
        picked_films = pick_films(films, tops, from_map, at_first, about)
        selection, wanted_films = picked_films.selection, picked_films.listed
        first = first_rows(
            reviews_known(films, coverage, wanted_films), "in the order in which the run takes them"
        )
        wanted_tops = named_tops(tops[tops.film_id.isin(wanted_films)], about.names)
        data_table(
            first.assign(factors=first.index.map(wanted_tops)),
            hide_index=True,
            height="content" if len(wanted_films) <= 8 else 320,
            key="films of the new run",
            column_config={
                "title": st.column_config.TextColumn(width="medium"),
                "reviews": st.column_config.NumberColumn(
                    help="Reviews in this run's source. Empty: the run did not look for them."
                ),
                "factors": st.column_config.TextColumn("top factors"),
            },
        )
        if not selection.only and wanted_films:
            st.caption("These films lead the ranking. The run skips films without reviews in the new source.")
        st.subheader("Source", anchor=False)
        with st.expander("Compare all sources"):
            source_cards(store)
        if "reviews" in removed_uploads(run.record.settings, store.root):
            st.warning(
                "The file of this run’s reviews was removed. This run has its own copy, but a new run needs "
                "the file again."
            )
        source = reviews_picker(
            "Reviews of these films",
            store,
            remaining_sources(settings.reviews, store.root) or "sample",
            covering.films_to_find(films, recorded_coverage),
            wanted_films if selection.only else (),
        )
        preset = CARDS[preset_of(settings)].title
        st.caption(f"All other settings stay as in this run, which began from the preset {preset}.")
        known = reviewed_films(settings.ratings, source.value, store) if source.are_stored else None
        if wanted_films:
            picked_films.note.caption(can_be_had(selection, known))
        start_button(store, run, source, picked_films, known)
        if from_map and st.button("Clear the films from the map", icon=":material/close:"):
            forget_map()
            st.rerun()

# Uploaded and fetched files.
if of_files.open:
    with of_files:
        kept_files(store)
tmdb_attribution(run)
# The terms of the reviews of a new run stand at its source.
licence(run, of_reviews=not of_new.open)
