"""The three fields that decide most of a run, each with its sentence, and how many films can be had."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.jobs.reviewed_films import ReviewedFilms
from core.settings import SelectionSettings
from pages.components.data.can_be_had import can_be_had
from pages.components.train.settings_form import Form

NUMBER = "How many tastes the model learns from the ratings. With fewer, more of them hold up."
FACTORS = "Each film is labelled with this many of its strongest factors. The reviews are checked for them."
FILMS = "How many films to read reviews of, from the top of the ranking."


def main_fields(form: Form) -> DeltaGenerator:
    """Draw the fields; return the place below the number of films."""
    number, top, films = st.columns(3)
    with number:
        st.number_input(
            "Number of factors",
            1,
            value=None,
            step=1,
            placeholder="empty: as many as hold up",
            **form.bound("factor_model.factors", f"factors of {form.kind}"),
        )
        st.caption(NUMBER)
    with top:
        st.number_input(
            "Top factors per film (FACTORS)",
            1,
            step=1,
            **form.bound("selection.top", f"top of {form.kind}"),
        )
        st.caption(FACTORS)
    with films:
        st.number_input("Films", 2, step=1, **form.bound("selection.films", "films"))
        return st.empty()


def films_note(place: DeltaGenerator, form: Form, known: ReviewedFilms | None) -> None:
    """Draw what the number of films means, and how many can be had of the picked data."""
    names = ("least_ratings", "only", "exclude_factors")
    selection = SelectionSettings(**{name: form.value(f"selection.{name}") for name in names})
    place.caption(f"{FILMS} {can_be_had(selection, known)}")
