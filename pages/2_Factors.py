"""Factors: a film's weights, a factor's films, the most common factors, and how well they predict ratings."""

import pandas as pd
import streamlit as st

from core import figures
from core.top_factors import common_factors, rank_films, weights_of
from pages.frame import licence, require_finished_run, set_up, show_chart, table

FEW_RATINGS = 20
"""A film with fewer ratings has weights that rest on little."""
MOST_COMMON = 20

store = set_up("Factors")
run = require_finished_run(store)
films, tops = table(run, "factors"), table(run, "top_factors")
model = run.record["factor_model"]

st.info(
    "Handle with care: a factor's number means nothing by itself. The axes of a factorisation are not fixed by the "
    "ratings, so another seed gives other factors under the same numbers. What a factor speaks of has to be "
    "measured, which is what the Predictions page does.",
    icon=":material/info:",
)

# A film's factors.
st.subheader("A film and its factors", anchor=False)
titles = dict(zip(films.film_id, films.title, strict=True))
film = st.selectbox(
    "Film",
    list(titles),
    format_func=titles.get,
    key="factors film",
    persist_state="session",
)
own = tops[tops.film_id == film].sort_values("rank")
chart, side = st.columns([5, 2])
with chart:
    weights = pd.Series(weights_of(films[films.film_id == film])[0])
    show_chart(
        figures.film_weights(weights, own.factor.tolist(), titles[film]),
        "film weights",
        "Bars: the film's weight on every factor, its top factors in blue",
    )
with side:
    st.dataframe(
        own[["rank", "factor", "weight"]],
        hide_index=True,
        column_config={"weight": st.column_config.NumberColumn(format="%.3f", help="no unit")},
    )
    st.caption("Blue bars: the film's top factors, which are its labels.")

# A factor's films.
st.subheader("A factor and its films", anchor=False)
left, right = st.columns(2)
factor = left.selectbox("Factor", range(model["factors"]), key="factor", bind="query-params")
many = right.slider("How many films", 5, 50, 20, step=5, key="factor films", persist_state="session")
ranked = rank_films(films, factor).head(many)
few = ranked.ratings < FEW_RATINGS
chart, side = st.columns(2)
with chart:
    show_chart(
        figures.top_films(ranked, factor),
        "top films",
        f"Bars: the films with the highest weight on factor {factor}",
    )
with side:
    st.dataframe(
        ranked.drop(columns="film_id").assign(
            note=few.map({True: f"fewer than {FEW_RATINGS} ratings", False: ""})
        ),
        hide_index=True,
        height="content",
        column_order=("title", "weight", "ratings", "note") if few.any() else ("title", "weight", "ratings"),
        column_config={
            "weight": st.column_config.NumberColumn(format="%.3f", help="no unit"),
            "ratings": st.column_config.NumberColumn("ratings", help="how many ratings the weights rest on"),
        },
    )

# Common factors.
st.subheader("The most common top factors", anchor=False)
common = common_factors(tops).head(MOST_COMMON)
show_chart(
    figures.common_factors(common), "common factors", "Bars: among how many films' top factors each factor is"
)
st.caption(
    f"Each of {tops.film_id.nunique():,} films has {tops['rank'].max()} top factors. "
    f"If all {model['factors']} factors were equally common, each would be among "
    f"the top of {len(tops) / model['factors']:.0f} films."
)

# How well the factors predict ratings.
st.subheader("How well the factors predict ratings", anchor=False)
left, right = st.columns(2)
left.metric("Error on ratings kept out (RMSE)", f"{model['rmse_valid']:.3f} stars", border=True)
right.metric("Baseline: means of films and users", f"{model['rmse_means']:.3f} stars", border=True)
show_chart(
    figures.losses(pd.DataFrame(model["losses"]), "Loss of the factor model", "mean squared error (stars²)"),
    "factor losses",
    "Lines: the loss on ratings trained on and on ratings kept out, epoch by epoch",
)
st.caption("The loss on ratings trained on includes dropout and is an average over the epoch.")
licence(run)
