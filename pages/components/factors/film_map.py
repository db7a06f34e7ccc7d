"""The map of films by two factors: a click picks a film, a box or the lasso picks many."""

from functools import partial

import pandas as pd
import streamlit as st

from core import figures
from core.results.tables import factors as profiles
from pages.components.factors.choice import AXES, open_film
from pages.components.shared.browser.address import forget, keep, picked, picker
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors, interval_columns
from pages.components.shared.film_search import first_rows, offered_films
from pages.components.shared.runs import FROM_MAP, FinishedRun
from pages.components.shared.show import optional_table, select_on_chart
from pages.components.shared.text import film_title

MOST_DRAWN = 5000
"""Most films that the map draws."""
IN_ORDER = "those with the most ratings"


def film_map(run: FinishedRun, about: Factors, factor: int, film: str, rated: pd.DataFrame) -> None:
    """Draw the map on the factor picked and the strongest other one, unless the address names others.

    `rated` are the films with enough ratings, `film` is the id of the film picked.
    """
    across, up = _axes(about, factor)
    points = profiles.on_map(rated, across, up)
    films = optional_table(run, "films")
    known = pd.Series(dtype=object) if films is None else films.set_index("film_id").genres
    points = points.assign(genre=profiles.main_genres(points.film_id.map(known).astype(object)))
    drawn = profiles.most_drawn(points, MOST_DRAWN, film)
    key = f"map of {run.run_id} {across} {up} {len(rated)}"
    selected = select_on_chart(
        figures.factor_map(drawn, (across, up), about.names, film, profiles.farthest_out(drawn)),
        key,
        "Points: films by their weights on two factors, coloured by genre; the film picked is marked",
        partial(_clicked, key),
    )
    measured = points.x_low.notna().any()
    st.caption(
        "Click a film to pick it. With the tools on, drag a box or a lasso to pick many. "
        f"{about.unit.capitalize()}. A film has the colour of its rarest main genre. "
        + ("Faint: both 95% intervals include zero. " if measured else "")
        + "A click on a genre hides it."
    )
    if len(drawn) < len(points):
        st.caption(
            f"The map draws {len(drawn):,} of {len(points):,} films: those with the most ratings, and those "
            "farthest out. You can pick any film by name."
        )
    its_title = points.title[points.film_id == film]
    if len(its_title):
        st.button(
            f"All about {film_title(its_title.iloc[0])}",
            key="film from map",
            icon=":material/movie:",
            on_click=open_film,
            args=(film,),
            wrap=True,
        )
    named_before = st.session_state.get("named on map", [])
    titles = offered_films(points, "named on map", named_before)
    named = st.multiselect(
        "Or pick films by name",
        list(titles),
        format_func=titles.__getitem__,
        key="named on map",
        placeholder="Type letters of a title",
    )
    columns = {
        "x": st.column_config.NumberColumn(about.title(across), format="%.2f"),
        "y": st.column_config.NumberColumn(about.title(up), format="%.2f"),
        **interval_columns("x_", "y_"),
    }
    ends = ["x_low", "x_high", "y_low", "y_high"] if measured else []
    shown = ["title", "genre", "ratings", "x", "y", *ends]
    chosen = points[points.film_id.isin([*selected, *named])].sort_values(
        "ratings", ascending=False, kind="stable"
    )
    if len(chosen):
        data_table(first_rows(chosen[shown], IN_ORDER), hide_index=True, column_config=columns)
        if st.button(
            f"Read or fetch reviews of {'this film' if len(chosen) == 1 else f'these {len(chosen):,} films'}",
            type="primary",
            icon=":material/reviews:",
        ):
            st.session_state[FROM_MAP] = {"run": run.run_id, "films": chosen.film_id.tolist()}
            st.switch_page("pages/3_Reviews.py", query_params={"run": run.run_id})
    if st.toggle("All films of the map as a table", key="map as table", bind="query-params"):
        by_ratings = points.sort_values("ratings", ascending=False, kind="stable")
        data_table(first_rows(by_ratings[shown], IN_ORDER), hide_index=True, column_config=columns)


def _axes(about: Factors, factor: int) -> tuple[int, int]:
    """Draw the choice of both axes, and return their factors."""
    everything = range(about.count)
    others = [k for k in profiles.listed(about.verdict_words, about.strengths) if k != factor] or [factor]
    of_this_run = f"a factor of this run, whose factors are 0 to {about.count - 1}"
    axes = []
    for axis, label, default, column in zip(
        AXES, ("From left to right", "From bottom to top"), (factor, others[0]), st.columns(2), strict=True
    ):
        if axis not in st.query_params:
            # Another factor was picked, or a link does not name the axis.
            forget(axis)
        value = picked(axis, everything, default, of_this_run)
        with column:
            picker(label, axis, everything, value, format_func=about.choice)
        axes.append(value)
    return axes[0], axes[1]


def _clicked(key: str) -> None:
    """Pick the film that was clicked; a box or a lasso picks none."""
    selection = st.session_state[key]["selection"]
    points = [point for point in selection["points"] if point.get("customdata")]
    if len(points) == 1 and not selection["box"] and not selection["lasso"]:
        keep("film", points[0]["customdata"][0])
