"""The settings below the presets: which films, which form, what is held out, and all others on demand."""

import streamlit as st

from pages.components.data.can_be_had import EXCLUDE, WITHOUT_EXCLUDED
from pages.components.train.all_settings import all_settings, excluded
from pages.components.train.settings_form import Form

CHOSEN = "chosen"
"""Stands for no form in the settings: a radio takes None for nothing picked."""
FORMS = {
    "principal": "Principal: the strongest factor first, none of them alike",
    "varimax": "Varimax: each film leans on few factors",
    "raw": "Raw, as in the article: as training left them, so no single factor has a meaning",
    CHOSEN: "The form that repeats best, chosen together with the number",
}
SPLITS = {
    "films": "Whole films: graded on films that the classifier never saw",
    "random": "Single reviews, as in the article: this flatters the classifier",
}


DEVICES = {"auto": "Wherever it is faster", "cpu": "On the processor", "cuda": "On the GPU"}


def more_settings(form: Form) -> None:
    """Draw the fields, and all settings of all stages behind one click."""
    kind = form.kind
    one, two, three = st.columns(3)
    one.number_input(
        "Factor to rank films by",
        0,
        step=1,
        help="The films with the highest weight on this factor come first. Factors are numbered from 0.",
        **form.bound("selection.rank_by", "rank by"),
    )
    with two:
        excluded(
            form,
            EXCLUDE,
            "exclude",
            help=WITHOUT_EXCLUDED,
        )
    three.number_input(
        "Fewest ratings of a film",
        0,
        step=1,
        help="Films with fewer ratings are left out. Their weights rest on too few ratings.",
        **form.bound("selection.least_ratings", f"least ratings of {kind}"),
    )
    left, right = st.columns(2)
    left.radio(
        "Form of the factors",
        [name for name in FORMS if name != CHOSEN or form.value("factor_model.factors") is None],
        format_func=FORMS.__getitem__,
        help="Factors can be rotated together without changing any prediction. A form picks one rotation.",
        **form.bound(
            "form",
            f"form of {kind}",
            shown=lambda value: form.form(value) or CHOSEN,
            taken=lambda value: None if value == CHOSEN else value,
        ),
    )
    right.radio(
        "Kept out to grade the classifier",
        SPLITS,
        format_func=SPLITS.__getitem__,
        **form.bound("split", "split"),
    )
    right.toggle(
        "Train the encoder too",
        help="Off: only the last layer learns, in seconds. On: all layers learn, as in the article, in minutes.",
        **form.unfreezing("unfreeze"),
    )
    left.number_input(
        "Seed",
        0,
        step=1,
        help="It decides every random draw. The same seed gives the same result.",
        **form.bound("seed", "seed"),
    )
    right.radio(
        "Where models train",
        DEVICES,
        format_func=DEVICES.__getitem__,
        horizontal=True,
        help="A small model trains faster on a processor. Each run reports where it trained, and why.",
        **form.bound("device", "device"),
    )
    everything = st.expander("All settings, each with its meaning", key="all settings", on_change="rerun")
    if everything.open:
        with everything:
            all_settings(form)
