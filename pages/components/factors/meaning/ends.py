"""Both ends of a factor side by side: their films, and the genres and decades that go with them."""

from functools import partial

import pandas as pd
import streamlit as st

from core import figures
from core.results.tables import factors as profiles
from pages.components.factors.choice import open_film
from pages.components.shared.factors import END_HEADINGS, FEW_RATINGS, Factors, interval_columns
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import click_on_chart, optional_table, show_chart, switches

FILM_ENDS = {"high": "highest", "low": "lowest"}
"""End of a factor -> its name in the table of films."""
MANY = (5, 10, 20)
"""Films of an end that can be shown."""
BEYOND_BARS = 1.05


def films_of_both_ends(about: Factors, factor: int, rated: pd.DataFrame) -> None:
    """Draw the films of both ends, of those with enough ratings; a click opens a film."""
    charts = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Films of each end",
            MANY,
            default=MANY[0],
            required=True,
            key="many",
            bind="query-params",
            label_visibility="collapsed",
        )
        # An empty value in a link is none of the options.
        many = chosen or MANY[0]
        enough = profiles.enough_ratings(FEW_RATINGS, about.least_ratings)
        ends = profiles.ends(rated, factor, many, enough)
        st.caption(
            f"Click a film to open it. Number: {about.unit}. "
            + (
                "Lines: 95% intervals. Hatched: the interval includes zero. "
                if ends.low.notna().any()
                else ""
            )
            + (f"† fewer than {enough:,} ratings." if ends.few.any() else ""),
            width="content",
        )
    reach = BEYOND_BARS * float(ends[["weight", "low", "high"]].abs().max(axis=None) or 1)
    with charts:
        for column, (end, heading) in zip(st.columns(2, gap="medium"), END_HEADINGS.items(), strict=True):
            films = ends[ends.end == FILM_ENDS[end]]
            key = f"films of the {end} end of {factor}"
            with column:
                st.markdown(f"**{heading}: films**")
                if films.empty:
                    st.caption("No film is left for this end.")
                    continue
                click_on_chart(
                    figures.films_of_end(films, factor, reach),
                    key,
                    f"Bars: the films with the {FILM_ENDS[end]} weight on factor {factor}",
                    partial(_clicked, key),
                    "ends",
                )
    columns = [name for name in ends if name != "film_id" and ends[name].notna().any()]
    switches("ends", ends[columns], interval_columns())


def _clicked(key: str) -> None:
    """Open the film whose row was clicked."""
    for point in st.session_state[key]["selection"]["points"][:1]:
        open_film(point["customdata"][0])


def genres_and_decades(run: FinishedRun, about: Factors, factor: int, rated: pd.DataFrame) -> None:
    """Draw the genres and years that clearly go with a factor, and the mean weight of each decade's films."""
    st.subheader("Genres and decades", anchor=False)
    associations, films = optional_table(run, "associations"), optional_table(run, "films")
    if associations is None or films is None:
        st.info(
            "This older run did not compare factors with genres and years. Run it again to see the comparison."
        )
        return
    clear = associations[(associations.factor == factor) & associations.clear]
    decades = profiles.by_decade(rated, films.set_index("film_id").year, factor)
    left, right = st.columns(2, gap="medium")
    with left:
        if clear.empty:
            st.info("No genre goes clearly with this factor. Nor do the years.")
        else:
            show_chart(
                figures.associations(clear, factor, about.names.get(factor, ""), about.difference),
                "clear associations",
                f"Marks with intervals: genres and years whose films differ clearly on factor {factor}",
            )
            st.caption(
                "Mean weight of a genre's films minus that of all others. Right: high end. Left: low end."
            )
    with right:
        if decades.empty:
            st.info("Too few films have a known year.")
            return
        show_chart(
            figures.decades(decades, factor, about.unit),
            "decades",
            f"Bars: the mean weight of each decade's films on factor {factor}",
            decades,
            interval_columns(),
        )
        st.caption("Mean weight of a decade's films. Hatched: the 95% interval includes zero.")
