"""Reviews: where they come from, which films have some, how to fetch other ones, and the texts themselves."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core import jobs
from core.settings import settings_from_dict
from pages.frame import (
    MADE_UP,
    REVIEWS,
    REVIEWS_LAYOUT,
    choose,
    errors,
    licence,
    plain,
    require_finished_run,
    set_up,
    source_picker,
    table,
)

A_PAGE = 10
"""Reviews shown at once."""

store = set_up("Reviews")
run = require_finished_run(store)
about = run.record["reviews"]
chosen, labelled = table(run, "chosen_films"), table(run, "labelled_reviews")

# Where they come from.
st.subheader("Source", anchor=False)
st.text(about["title"])
licence(run)

# Which films have some.
st.subheader("Coverage", anchor=False)
one, two, three, four = st.columns(4)
one.metric("Films looked at", f"{len(chosen):,}", border=True)
two.metric("With reviews", f"{about['films_with_reviews']:,}", border=True)
three.metric("Without reviews", f"{about['films_without']:,}", border=True)
four.metric("Reviews", f"{about['reviews']:,}", border=True)
wanted = st.text_input("Films whose title contains", key="search", bind="query-params")
missing = st.toggle("Only films without reviews", key="missing", bind="query-params")
shown = chosen[chosen.title.str.contains(wanted, case=False, regex=False)]
st.dataframe(
    shown[shown.reviews == 0] if missing else shown,
    hide_index=True,
    column_order=("title", "reviews", "ratings", "weight"),
    column_config={
        "weight": st.column_config.NumberColumn("weight on the factor ranked by (no unit)", format="%.3f"),
    },
)
if about["films_without"]:
    st.caption("Without reviews: " + plain("; ".join(about["films_without_titles"][:20])) + ".")

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
reviewed = chosen[chosen.reviews > 0]
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
        source_line = MADE_UP.get(review.source, f"{about['title']}: {about['licence']}")
        kept = "kept out of training" if review.held_out else "trained on"
        st.caption(
            plain(f"{stars}; factors of the film {review.factors.replace(';', ', ')}; {kept}. {source_line}")
        )
