"""Factors: all factors of a run, one factor, one film, the map of films, and the accuracy of the model."""

import streamlit as st

from core import figures
from core.meaning.suggested_names import HOW_SUGGESTED, SUGGESTED
from core.results import factor_tables as profiles
from pages.components.factors.downloads import downloads
from pages.components.factors.model import factor_model
from pages.components.factors.naming import names_from_another_run
from pages.components.factors.one_factor import INTERVALS, VIEWS, one_factor, open_factor
from pages.components.shared.address import picked, picker
from pages.components.shared.factors import (
    FEW_RATINGS,
    as_badges,
    described,
    factors_of,
    interval_columns,
    legend,
    swatches,
    verdict_columns,
)
from pages.components.shared.page import set_up
from pages.components.shared.provenance import licence
from pages.components.shared.runs import FROM_MAP, require_finished_run
from pages.components.shared.show import select_on_chart, show_chart, table

MANY_FACTORS = 12
"""With more factors than this, the table of all factors gets a scroll bar of its own."""

store = set_up("Factors")
run = require_finished_run(store)
films, tops, about = table(run, "factors"), table(run, "top_factors"), factors_of(run)


def look_at_row() -> None:
    """Open the factor whose row was clicked."""
    clicked = st.session_state["all factors"]["selection"]
    for row in [*(row for row, _ in clicked["cells"]), *clicked["rows"]][:1]:
        open_factor(row)


# The selected factor and film.
strongest = profiles.strongest(about.strengths, about.count)
everything = range(about.count)
of_this_run = f"a factor of this run, whose factors are 0 to {about.count - 1}"
factor = picked("factor", everything, strongest[0], of_this_run)
film = picked("film", films.film_id.tolist(), films.film_id[films.ratings.idxmax()], "a film of this run")

left, right = st.columns([3, 1], vertical_alignment="bottom")
left.write(
    "A factor is a number that the recommender learned for every film. Click one to see its films and its words. "
    "The verdict says whether to rely on it. It rests on the ratings of other people, and on reviews of films that "
    "were kept out."
)
least = right.number_input(
    "Least number of ratings",
    0,
    10**6,
    about.least_ratings,
    key="least",
    bind="query-params",
    help="Films with fewer ratings are left out, since their weights rest on little. "
    f"The run itself asked for {about.least_ratings}.",
)
rated = profiles.rated(films, least)
if len(rated) < 2:
    st.info(f"Fewer than two films have {least:,} ratings; ask for fewer.")
    st.stop()

# All factors.
glance = profiles.overview(rated, about.verdict_words, about.strengths, about.names)
st.session_state["all factors"] = {"selection": {"rows": [factor], "columns": [], "cells": []}}
st.dataframe(
    as_badges(glance.assign(colour=swatches(glance.factor))),
    hide_index=True,
    height=400 if about.count > MANY_FACTORS else "content",
    key="all factors",
    on_select=look_at_row,
    selection_mode=["single-row", "single-cell"],
    column_order=[
        "colour",
        *(c for c in glance if glance[c].notna().any() and (c != "name" or about.names)),
    ],
    column_config={
        "colour": st.column_config.ImageColumn("", width=36),
        "factor": st.column_config.NumberColumn(width=60),
        "name": st.column_config.TextColumn(
            width=260, help=f"given by people, or, behind {SUGGESTED}, {HOW_SUGGESTED}"
        ),
        **verdict_columns(),
        "strength": st.column_config.ProgressColumn(
            f"strength ({about.strength_unit})",
            format="%.2f",
            min_value=0,
            max_value=profiles.full_strength(about.strengths),
            color="primary",
            help="standard deviation, over users and films, of what the factor adds to a predicted rating "
            "beyond what the biases could take up",
        ),
        "highest": st.column_config.TextColumn("highest film", width="medium"),
        "lowest": st.column_config.TextColumn("lowest film", width="medium"),
    },
)
without = run.record.factor_model.films_without_weights
st.caption(
    f"{len(rated):,} of {len(films):,} films with weights have at least {least:,} ratings and are shown; change "
    f"the number above. {f'{without:,} more were never trained on. ' if without else ''}{about.scale}"
)

left, right = st.columns(2)
with left:
    picker("Factor", "factor", everything, factor, format_func=about.choice)
with right:
    titles = dict(zip(films.film_id, films.title, strict=True))
    offered = films.film_id[(films.ratings >= least) | (films.film_id == film)].tolist()
    picker("Film (type to search)", "film", offered, film, format_func=titles.__getitem__)
of_factor, of_film, on_map, of_model, of_names = st.tabs(VIEWS, key="view", bind="query-params")

# One factor.
if of_factor.open:
    with of_factor:
        one_factor(run, about, factor, film, rated)

# One film.
if of_film.open:
    with of_film:
        film_tops = tops[tops.film_id == film].sort_values("rank")
        weights = profiles.of_film(films, film, film_tops.factor.tolist())
        show_chart(
            figures.film_weights(weights, titles[film], about.names, about.unit),
            "film weights",
            "Bars: the film's weight on every factor, its top factors in their colours, the others grey",
            weights[[c for c in weights if weights[c].notna().any()]],
            interval_columns(),
        )
        ratings = films.ratings[films.film_id == film].iloc[0]
        st.caption(
            "In colour and marked “top”: the film's top factors, which are its labels. "
            + (f"{INTERVALS}Lines far longer than all bars are cut. " if weights.low.notna().any() else "")
            + f"The weights rest on {ratings:,} ratings{', which is little' if ratings < FEW_RATINGS else ''}."
        )
        legend(everything, about)
        st.dataframe(
            described(
                profiles.with_intervals(film_tops[["rank", "factor", "weight"]], weights, "factor"), about
            ),
            hide_index=True,
            width="content",
            column_config={
                "rank": st.column_config.NumberColumn(help="among the film's top factors"),
                "weight": st.column_config.NumberColumn(format="%.2f", help=about.unit),
                **verdict_columns(),
                **interval_columns(),
            },
        )
        st.page_link(
            "pages/3_Reviews.py",
            label="Its reviews",
            icon=":material/reviews:",
            query_params={"run": run.run_id, "film": str(film)},
        )

# The map.
if on_map.open:
    with on_map:
        across = picked("across", everything, strongest[0], of_this_run)
        up = picked("up", everything, strongest[1], of_this_run)
        left, right = st.columns(2)
        with left:
            picker("From left to right", "across", everything, across, format_func=about.choice)
        with right:
            picker("From bottom to top", "up", everything, up, format_func=about.choice)
        points = profiles.on_map(rated, across, up)
        chosen = select_on_chart(
            figures.factor_map(points, (across, up), about.names, about.unit, film),
            f"map of {run.run_id} {across} {up} {least}",
            "Points: films by their weights on two factors; the film picked is marked",
        )
        measured = points.x_low.notna().any()
        named = st.multiselect(
            "Or pick films by name",
            points.film_id,
            format_func=titles.__getitem__,
            key="named on map",
            placeholder="",
        )
        columns = {
            "x": st.column_config.NumberColumn(about.title(across), format="%.2f"),
            "y": st.column_config.NumberColumn(about.title(up), format="%.2f"),
            **interval_columns("x_", "y_"),
        }
        shown = [
            "title",
            "ratings",
            *(("x", "x_low", "x_high", "y", "y_low", "y_high") if measured else "xy"),
        ]
        chosen = points[points.film_id.isin([*chosen, *named])]
        st.caption(
            "Drag a box, or take the lasso from the chart's corner, to pick films; a click picks one. "
            "The film picked above is marked. "
            + ("Faint: the 95 % intervals of both weights hold zero. " if measured else "")
            + f"Films with fewer than {least:,} ratings are left out."
        )
        if len(chosen):
            st.dataframe(chosen[shown], hide_index=True, column_config=columns)
            if st.button(
                f"Read or fetch reviews of {'this film' if len(chosen) == 1 else f'these {len(chosen):,} films'}",
                type="primary",
                icon=":material/reviews:",
            ):
                st.session_state[FROM_MAP] = {"run": run.run_id, "films": chosen.film_id.tolist()}
                st.switch_page("pages/3_Reviews.py", query_params={"run": run.run_id})
        if st.toggle("All films of the map as a table", key="map as table", bind="query-params"):
            st.dataframe(points[shown], hide_index=True, column_config=columns)

# The accuracy of the factor model, the number of factors, and the most common ones.
if of_model.open:
    with of_model:
        factor_model(run, about)

# Names from another run, and downloads.
if of_names.open:
    with of_names:
        st.subheader("Names from another run", anchor=False)
        names_from_another_run(run, about, rated, least, store)
        st.subheader("Downloads", anchor=False)
        downloads(run, about, films, glance)
licence(run)
