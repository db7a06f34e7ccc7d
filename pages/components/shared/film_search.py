"""Films to pick from where there are thousands: the server searches, and the browser gets a bounded list."""

from collections.abc import Collection

import pandas as pd
import streamlit as st

MOST_OPTIONS = 2000
"""Most films that a list offers at once; of more, those with the most ratings that match the text."""
MOST_ROWS = 1000
"""Most rows of a table of films that go to the browser."""


def offered_films(
    films: pd.DataFrame, key: str, picked: Collection[str] = (), by: str = "ratings"
) -> dict[str, str]:
    """Return the titles by id of the films that a list offers, in the order of the table.

    Of more than MOST_OPTIONS, a field takes letters, and those with the most of `by` are offered whose title holds
    them; those that are `picked` are always among them.
    """
    if len(films) > MOST_OPTIONS:
        letters = st.text_input(
            f"Search all {len(films):,} titles", key=f"letters of {key}", persist_state="session"
        )
        fitting = films[films.title.str.contains(letters.strip(), case=False, regex=False)]
        most = fitting.nlargest(MOST_OPTIONS, by)
        if len(most) < len(fitting):
            found = " found" if letters.strip() else ""
            st.caption(f"The list has the {MOST_OPTIONS:,} films{found} with most {by}.")
        films = films[films.film_id.isin(most.film_id) | films.film_id.isin(picked)]
    return dict(zip(films.film_id, films.title, strict=True))


def first_rows(table: pd.DataFrame, order: str) -> pd.DataFrame:
    """Return what a table of films shows, and say where it is a part; `order` says which come first."""
    if len(table) > MOST_ROWS:
        st.caption(f"The table has the first {MOST_ROWS:,} of {len(table):,} films, {order}.")
    return table.head(MOST_ROWS)
