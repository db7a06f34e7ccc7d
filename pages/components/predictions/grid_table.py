"""The numbers of the grid as a table, and the way to the reviews behind a bar without a mouse."""

import pandas as pd
import streamlit as st

from pages.components.predictions.behind import open_reviews_behind
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors, described, verdict_columns

COLUMNS = {
    "reviews": st.column_config.NumberColumn(help="how many of the film's reviews were read"),
    "factor": st.column_config.NumberColumn(format="%d"),
    "count": st.column_config.NumberColumn("predicted in", help="reviews in which the factor is predicted"),
    "share": st.column_config.NumberColumn("share", format="%.0f %%", help="of the film's reviews"),
    "own": st.column_config.CheckboxColumn("top factor", help="one of the film's top factors by its ratings"),
    **verdict_columns(),
}


def as_grid_table(drawn: pd.DataFrame, about: Factors) -> None:
    """Draw the switch that shows the numbers of the grid as a table, and the table."""
    if st.toggle("As a table", key="grid as table", bind="query-params"):
        order = ["title", *COLUMNS]
        order.insert(order.index("factor") + 1, "name")
        data_table(
            described(drawn, about),
            hide_index=True,
            key="grid table",
            column_order=order,
            column_config=COLUMNS,
        )


def ways_to_the_reviews(films: pd.DataFrame, drawn: pd.DataFrame, about: Factors) -> None:
    """Draw the way to the reviews behind a bar without a mouse."""
    titles = dict(zip(films.film_id, films.title, strict=True))
    st.markdown("**The reviews behind a bar**: click a bar, or choose it here.")
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    film = left.selectbox("Film", list(titles), format_func=titles.__getitem__, key="behind film")
    factor = middle.selectbox(
        "Factor", sorted(drawn.factor.unique()), format_func=about.choice, key="behind factor"
    )
    right.button(
        "Read the reviews",
        icon=":material/reviews:",
        on_click=open_reviews_behind,
        args=(film, factor),
    )
