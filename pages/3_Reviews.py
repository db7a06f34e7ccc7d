"""Reviews: of films from the map, where they come from, which films have some, other ones, and the texts."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core import jobs
from core.profiles import intervals, reviews_known, with_intervals
from core.settings import settings_from_dict
from pages.frame import (
    FROM_MAP,
    MADE_UP,
    REVIEWS,
    REVIEWS_LAYOUT,
    choose,
    errors,
    factors_of,
    interval_columns,
    licence,
    plain,
    require_finished_run,
    set_up,
    source_picker,
    table,
)

A_PAGE = 10
"""Reviews shown at once."""
FEWEST = 2
"""Films that a run needs: with one there is nothing to tell apart."""

store = set_up("Reviews")
run = require_finished_run(store)
found, about = run.record["reviews"], factors_of(run)
rank_by = run.record["settings"]["selection"]["rank_by"]
chosen, labelled = table(run, "chosen_films"), table(run, "labelled_reviews")

# Films from the map.
picked = st.session_state.get(FROM_MAP)
from_map = picked["films"] if picked and picked["run"] == run.run_id else []
if from_map:
    with st.container(border=True):
        st.subheader(f"{len(from_map):,} film{'' if len(from_map) == 1 else 's'} from the map", anchor=False)
        st.dataframe(
            reviews_known(table(run, "factors"), chosen, from_map),
            hide_index=True,
            height="content" if len(from_map) <= A_PAGE else 400,
            column_config={
                "title": st.column_config.TextColumn(width="medium"),
                "reviews": st.column_config.TextColumn(alignment="right", help="in this run's source"),
            },
        )
        if len(from_map) < FEWEST:
            st.info(f"A run needs at least {FEWEST} films. Pick more on the map of the Factors page.")
        own = run.record["settings"]["reviews"]
        source = source_picker("Reviews of these films", REVIEWS, REVIEWS_LAYOUT, store, own)
        with st.container(horizontal=True):
            if st.button(
                "Start a run on just these films",
                type="primary",
                icon=":material/play_arrow:",
                disabled=len(from_map) < FEWEST,
            ):
                with errors():
                    settings = settings_from_dict(run.record["settings"])
                    only = tuple(str(film) for film in from_map)
                    selection = replace(settings.selection, only=only, films=len(only))
                    settings = replace(settings, reviews=source.saved(), selection=selection)
                    title = (
                        f"{len(only)} films from the map of {run.record['ratings']['name']}, {source.title}"
                    )
                    choose(jobs.start(settings, store, title))
                    del st.session_state[FROM_MAP]
                    st.rerun()
            if st.button("Forget this selection", icon=":material/close:"):
                del st.session_state[FROM_MAP]
                st.rerun()

# Where they come from.
st.subheader("Source", anchor=False)
st.text(found["title"])
licence(run)

# Which films have some.
st.subheader("Coverage", anchor=False)
one, two, three, four = st.columns(4)
one.metric("Films looked at", f"{len(chosen):,}", border=True)
two.metric("With reviews", f"{found['films_with_reviews']:,}", border=True)
three.metric("Without reviews", f"{found['films_without']:,}", border=True)
four.metric("Reviews", f"{found['reviews']:,}", border=True)
wanted = st.text_input("Films whose title contains", key="search", bind="query-params")
missing = st.toggle("Only films without reviews", key="missing", bind="query-params")
coverage = with_intervals(chosen, intervals(table(run, "factors"), rank_by), "film_id")
shown = coverage[coverage.title.str.contains(wanted, case=False, regex=False)]
st.dataframe(
    shown[shown.reviews == 0] if missing else shown,
    hide_index=True,
    column_order=("title", "reviews", "ratings", "weight", *(end for end in ("low", "high") if end in shown)),
    column_config={
        "weight": st.column_config.NumberColumn(f"{about.title(rank_by)}: {about.unit}", format="%.2f"),
        **interval_columns(),
    },
)
if found["films_without"]:
    st.caption("Without reviews: " + plain("; ".join(found["films_without_titles"][:20])) + ".")

# Other ones.
st.subheader("Fetch other reviews", anchor=False)
st.write(
    "This starts a new run with the same settings and another source of reviews. "
    "What does not depend on the reviews comes from the cache."
)
source = source_picker("Reviews", REVIEWS, REVIEWS_LAYOUT, store)
if st.button("Fetch for the chosen films", icon=":material/download:"):
    with errors():
        settings = replace(settings_from_dict(run.record["settings"]), reviews=source.saved())
        choose(jobs.start(settings, store, f"{run.record['ratings']['name']} with {source.title}"))
        st.rerun()

# The texts.
st.subheader("Read the reviews of a film", anchor=False)
reviewed = chosen[chosen.reviews > 0].sort_values(
    # Films from the map stand first.
    "film_id",
    key=lambda films: ~films.isin(from_map),
    kind="stable",
)
titles = dict(zip(reviewed.film_id, reviewed.title, strict=True))
film = st.selectbox(
    "Film",
    list(titles),
    format_func=titles.get,
    key="reviews film",
    persist_state="session",
)
mine = labelled[labelled.film_id == film]
pages = [mine[start : start + A_PAGE] for start in range(0, len(mine), A_PAGE)]
page = st.pagination(len(pages), key=f"reviews of {film}") if len(pages) > 1 else 1
for review in pages[page - 1].itertuples():
    with st.container(border=True):
        st.text(review.review)
        stars = "no stars given" if pd.isna(review.stars) else f"{review.stars:g} of 10 stars"
        source_line = MADE_UP.get(review.source, f"{found['title']}: {found['licence']}")
        kept = (
            "read by a model that never saw the film"
            if run.record["classifier"].get("folds")
            else "kept out of training"
            if review.held_out
            else "trained on"
        )
        st.caption(
            plain(f"{stars}; factors of the film {review.factors.replace(';', ', ')}; {kept}. {source_line}")
        )
