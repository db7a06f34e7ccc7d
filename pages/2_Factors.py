"""Factors: all of a run's factors, one of them, one film, the map of films, and how well the factors predict."""

import pandas as pd
import streamlit as st

from core import figures, profiles
from core.top_factors import common_factors
from core.verdict import readability_of, stability_of
from pages.frame import (
    FEW_RATINGS,
    FROM_MAP,
    as_badges,
    badges,
    described,
    downloads,
    factors_of,
    interval_columns,
    keep,
    legend,
    licence,
    name_field,
    names_from_another_run,
    optional_table,
    picked,
    picker,
    plain,
    require_finished_run,
    select_on_chart,
    set_up,
    show_chart,
    table,
    verdict_columns,
)

MOST_COMMON = 20
MANY_FACTORS = 12
"""From so many factors the table of all scrolls by itself."""
INTERVALS = "Lines: 95 % intervals; faint, hatched bars: the interval holds zero. "
VIEWS = ("Factor", "Film", "Map", "Model", "Names and downloads")

store = set_up("Factors")
run = require_finished_run(store)
films, tops = table(run, "factors"), table(run, "top_factors")
model, about = run.record["factor_model"], factors_of(run)


def look_at(factor: int) -> None:
    """Open a factor."""
    keep("factor", factor)
    st.session_state["view"] = VIEWS[0]


def look_at_row() -> None:
    """Open the factor whose row was clicked."""
    clicked = st.session_state["all factors"]["selection"]
    for row in [*(row for row, _ in clicked["cells"]), *clicked["rows"]][:1]:
        look_at(row)


# What is looked at.
strongest = profiles.strongest(about.strengths, about.count)
everything = range(about.count)
of_this_run = f"a factor of this run, whose factors are 0 to {about.count - 1}"
factor = picked("factor", everything, strongest[0], of_this_run)
film = picked("film", films.film_id.tolist(), films.film_id[films.ratings.idxmax()], "a film of this run")

left, right = st.columns([3, 1], vertical_alignment="bottom")
left.write(
    "A factor is a number that the recommender learned for every film. Click one to see its films. What the badges "
    "say was measured: whether the ratings of other people lead to the same factor, and whether reviews of films "
    "that were kept out tell it."
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
glance = profiles.overview(rated, about.verdicts, about.told, about.strengths, about.names)
st.session_state["all factors"] = {"selection": {"rows": [factor], "columns": [], "cells": []}}
st.dataframe(
    as_badges(glance),
    hide_index=True,
    height=400 if about.count > MANY_FACTORS else "content",
    key="all factors",
    on_select=look_at_row,
    selection_mode=["single-row", "single-cell"],
    column_order=[c for c in glance if glance[c].notna().any() and (c != "name" or about.names)],
    column_config={
        "factor": st.column_config.NumberColumn(width=60),
        "name": st.column_config.TextColumn(width="medium", help="given by people; change it below"),
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
st.caption(
    f"{len(rated):,} of {len(films):,} films have at least {least:,} ratings and are shown; change the number "
    "above. " + about.scale
)

left, right = st.columns(2)
with left:
    picker("Factor", "factor", everything, factor, format_func=about.choice)
with right:
    titles = dict(zip(films.film_id, films.title, strict=True))
    offered = films.film_id[(films.ratings >= least) | (films.film_id == film)].tolist()
    picker("Film (type to search)", "film", offered, film, format_func=titles.get)
of_factor, of_film, on_map, of_model, of_names = st.tabs(VIEWS, key="view", bind="query-params")

# One factor.
if of_factor.open:
    with of_factor:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(about.heading(factor)), anchor=False, width="content")
            badges(about, factor)
            name_field(run, about, factor)
        if nothing := about.means_nothing(factor):
            st.warning(nothing, icon=":material/blur_on:")
        left, right = st.columns([5, 4])
        left.write(plain(stability_of(about.stability, factor)))
        left.write(plain(readability_of(about.readability, factor)))
        if "factors" in about.stability:
            with right:
                show_chart(
                    figures.stability(about.stability["factors"][factor], about.stability),
                    "stability",
                    "Marks with intervals: how far the factor repeats between halves, seeds, and by chance",
                )

        left, right = st.columns([5, 4])
        with left:
            many = st.segmented_control(
                "Films at each end",
                (5, 10, 20),
                default=10,
                required=True,
                key="many",
                persist_state="session",
            )
            enough = profiles.enough_ratings(FEW_RATINGS, about.least_ratings)
            ends = profiles.ends(rated, factor, many, enough)
            show_chart(
                figures.films_at_both_ends(ends, factor, about.names.get(factor, ""), about.unit),
                "ends",
                f"Bars: the films with the highest and with the lowest weight on factor {factor}",
            )
            st.caption(
                (INTERVALS if ends.low.notna().any() else "")
                + f"Films with fewer than {least:,} ratings are left out. "
                + (f"† fewer than {enough:,} ratings." if ends.few.any() else "")
            )
            if st.toggle("As a table", key="ends as table"):
                st.dataframe(
                    ends,
                    hide_index=True,
                    column_order=[c for c in ends if c != "film_id" and ends[c].notna().any()],
                    column_config=interval_columns(),
                )
        with right:
            show_chart(
                figures.distribution(
                    profiles.distribution(rated, factor),
                    factor,
                    about.names.get(factor, ""),
                    about.unit,
                    (titles[film], *profiles.weight(films, film, factor)),
                ),
                "distribution",
                f"Bars: how many films have which weight on factor {factor}; a line marks the film picked",
            )
            if ends.low.notna().any():
                st.caption("Line: the film picked above; band: its 95 % interval.")
            if about.count > 1:
                st.markdown("**Most similar factors** (correlation of the films' weights)")
            for row in profiles.alike(rated, factor).itertuples():
                with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                    st.button(
                        plain(f"{about.title(row.factor)} ({row.correlation:+.2f})"),
                        key=f"alike {row.factor}",
                        on_click=look_at,
                        args=(row.factor,),
                        help="Open this factor",
                    )
                    badges(about, row.factor)

        st.subheader("What it goes with", anchor=False)
        known = optional_table(run, "associations")
        found = known if known is None else known[known.factor == factor]
        if found is None:
            st.info("This run is older than the comparison with genres and years; run it again to have it.")
        elif found.empty:
            st.info("Too few films have a known genre or year to compare.")
        else:
            show_chart(
                figures.associations(found, factor, about.names.get(factor, ""), about.difference),
                "associations",
                f"Marks with intervals: by how much the weights on factor {factor} differ by genre and by year",
            )
            st.caption(
                "Mean weight of the films with a genre minus that of the others, and the change a decade later; in "
                "brackets how many films. All intervals hold together in 95 of 100 cases: they are widened for the "
                f"{len(known):,} comparisons of this run. Filled and bold: clearly not zero. Films with at least "
                f"{about.least_ratings} ratings."
            )
            if st.toggle("As a table", key="associations as table"):
                st.dataframe(found.drop(columns="factor"), hide_index=True)

# One film.
if of_film.open:
    with of_film:
        own = tops[tops.film_id == film].sort_values("rank")
        weights = profiles.of_film(films, film, own.factor.tolist())
        show_chart(
            figures.film_weights(weights, titles[film], about.names, about.unit),
            "film weights",
            "Bars: the film's weight on every factor, its top factors in blue",
        )
        ratings = films.ratings[films.film_id == film].iloc[0]
        st.caption(
            "Blue bars: the film's top factors, which are its labels. "
            + (f"{INTERVALS}Lines far longer than all bars are cut. " if weights.low.notna().any() else "")
            + f"The weights rest on {ratings:,} ratings{', which is little' if ratings < FEW_RATINGS else ''}."
        )
        legend(everything, about)
        st.dataframe(
            described(profiles.with_intervals(own[["rank", "factor", "weight"]], weights, "factor"), about),
            hide_index=True,
            width="content",
            column_config={
                "rank": st.column_config.NumberColumn(help="among the film's top factors"),
                "weight": st.column_config.NumberColumn(format="%.2f", help=about.unit),
                **verdict_columns(),
                **interval_columns(),
            },
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
        chosen = points[points.film_id.isin(chosen)]
        st.caption(
            "Drag a box, or take the lasso from the chart's corner, to pick films; a click picks one. "
            "The film picked above is marked. "
            + ("Faint: the 95 % intervals of both weights hold zero. " if measured else "")
            + f"Films with fewer than {least:,} ratings are left out."
        )
        if len(chosen):
            st.dataframe(
                chosen,
                hide_index=True,
                column_order=[
                    "title",
                    "ratings",
                    *(("x", "x_low", "x_high", "y", "y_low", "y_high") if measured else "xy"),
                ],
                column_config={
                    "x": st.column_config.NumberColumn(about.title(across), format="%.2f"),
                    "y": st.column_config.NumberColumn(about.title(up), format="%.2f"),
                    **interval_columns("x_", "y_"),
                },
            )
            if st.button(
                f"Read or fetch reviews of {'this film' if len(chosen) == 1 else f'these {len(chosen):,} films'}",
                type="primary",
                icon=":material/reviews:",
            ):
                st.session_state[FROM_MAP] = {"run": run.run_id, "films": chosen.film_id.tolist()}
                st.switch_page("pages/3_Reviews.py", query_params={"run": run.run_id})

# How well the factors predict ratings, how many there are, and which are common.
if of_model.open:
    with of_model:
        st.subheader("How well the factors predict ratings", anchor=False)
        left, right = st.columns(2)
        left.metric("Error on ratings kept out (RMSE)", f"{model['rmse_valid']:.3f} stars", border=True)
        right.metric("Baseline: means of films and users", f"{model['rmse_means']:.3f} stars", border=True)
        step = "sweep" if model.get("method") == "gibbs" else "epoch"
        show_chart(
            figures.losses(
                pd.DataFrame(model["losses"]), "Loss of the factor model", "mean squared error (stars²)", step
            ),
            "factor losses",
            f"Lines: the loss on ratings trained on and on ratings kept out, {step} by {step}",
        )
        st.caption(
            "Each sweep draws all weights anew. The kept sweeps are averaged, which is why the error on ratings "
            "kept out falls once they are."
            if step == "sweep"
            else "The loss on ratings trained on includes dropout and is an average over the epoch."
        )
        if how := model.get("chosen"):
            st.subheader("How the number of factors was chosen", anchor=False)
            stable_from = run.record["settings"]["stability"]["stable_from"]
            show_chart(
                figures.choice(how, stable_from, about.strength_unit),
                "choice",
                "Lines: how far each direction repeats between halves of the users, and how strongly they vary "
                "together along it",
            )
            st.caption(
                f"Models of {how['tried']} directions were trained on halves of the users that share nobody. "
                "Those were kept, strongest first, along which the halves vary together more than along any "
                f"direction in shuffled ratings ({how['null_shared']:.2f} {about.strength_unit}) and correlate by "
                f"at least {stable_from:.2f}. How strongly they vary together is the root of their covariance, in "
                f"{about.strength_unit}."
            )
        if spaces := about.stability.get("subspace"):
            st.subheader("How alike all factors together are between halves of the users", anchor=False)
            show_chart(
                figures.subspace(spaces),
                "subspace",
                "Lines: cosines of the principal angles between halves of the users, and with tastes shuffled",
            )
            st.caption(
                "Cosines of the principal angles between the spaces that two halves of the users find, the mean "
                "over the halvings; 1: the same direction. Single factors may be turned against each other and "
                "still span the same space. Dashed: the same where tastes were shuffled away."
                + (
                    f" The first {figures.MOST_ANGLES} dimensions."
                    if about.count > figures.MOST_ANGLES
                    else ""
                )
            )
        st.subheader("The most common top factors", anchor=False)
        common = common_factors(tops).head(MOST_COMMON)
        show_chart(
            figures.common_factors(common, about.names),
            "common factors",
            "Bars: among how many films' top factors each factor is",
        )
        count, top, each = profiles.evenly(tops, about.count)
        st.caption(
            f"Each of {count:,} films has {top} top factor{'' if top == 1 else 's'}. "
            f"If all {about.count} factors were equally common, each would be among the top of {each:.0f} films."
        )
        legend(common.factor, about)
        if st.toggle("As a table", key="common as table"):
            st.dataframe(
                described(common, about),
                hide_index=True,
                column_config={
                    "share": st.column_config.NumberColumn(format="percent"),
                    **verdict_columns(),
                },
            )

# Names from elsewhere, and all the numbers.
if of_names.open:
    with of_names:
        st.subheader("Names from another run", anchor=False)
        names_from_another_run(run, about, rated, least, store)
        st.subheader("Downloads", anchor=False)
        downloads(run, about, films, glance)
licence(run)
