"""All settings of a run's stages: a widget by type, the meaning, and a reset to the preset's value."""

import math
import textwrap
from collections.abc import Callable
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pandas as pd
import streamlit as st

from core.settings import Phase, RunSettings
from core.settings.changes import LABELS, text_of
from pages.components.shared.text import plain
from pages.components.train.settings_form import Form

STAGES = {
    "factor_model": "Factor model",
    "stability": "Stability",
    "selection": "Films",
    "language_model": "Language model",
    "classifier": "Classifier",
}
"""Titles of the stages' tabs, by field of RunSettings."""
EMPTY = {
    "factor_model.factors": "as many as hold up",
    "language_model.max_reviews": "all",
    "language_model.sampled_words": "all",
}
"""Meaning of an empty number, by setting."""


def all_settings(form: Form) -> None:
    """Draw all settings, one tab per stage; only the open tab is drawn."""
    tabs = st.tabs(list(STAGES.values()), key="stage of the settings", on_change="rerun")
    for tab, stage in zip(tabs, STAGES, strict=True):
        if tab.open:
            kind: Any = RunSettings.model_fields[stage].annotation
            with tab:
                for name, field in kind.model_fields.items():
                    _row(form, f"{stage}.{name}", field.annotation, kind.meaning(name))


def _row(form: Form, name: str, hint: Any, meaning: str) -> None:
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        label = LABELS.get(name, name.split(".")[1].replace("_", " "))
        _widget_of(hint)(form, name, label[:1].upper() + label[1:])
    with right:
        st.caption(plain(meaning.replace("`", "")))
        if name in form.changed:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge("changed", icon=":material/edit:", color="orange")
                st.button(
                    plain(
                        "Back to the preset's own: "
                        + textwrap.shorten(text_of(form.defaults[name]), 60, placeholder="…")
                    ),
                    key=f"back {name}",
                    type="tertiary",
                    icon=":material/undo:",
                    on_click=form.back,
                    args=(name,),
                )


def _widget_of(hint: Any) -> Callable[[Form, str, str], None]:
    if hint is bool:
        return _switch
    if get_origin(hint) is Literal:
        return lambda form, name, label: _choice(form, name, label, get_args(hint))
    if hint is float or hint is int or NoneType in get_args(hint):
        return _number
    if get_args(hint)[0] is Phase:
        return _phases
    return (
        _ids if get_args(hint)[0] is str else lambda form, name, label: excluded(form, label, f"all {name}")
    )


def _switch(form: Form, name: str, label: str) -> None:
    st.toggle(label, **form.bound(name, f"all {name}"))


def _choice(form: Form, name: str, label: str, options: tuple[str, ...]) -> None:
    st.selectbox(label, options, **form.bound(name, f"all {name}"))


def _number(form: Form, name: str, label: str) -> None:
    if isinstance(form.defaults[name], float):
        # Plus and minus change the value by about a tenth of the preset's.
        step = 10.0 ** math.floor(math.log10(form.defaults[name] or 1) - 0.5)
        st.number_input(label, step=step, format="%g", **form.bound(name, f"all {name}", shown=float))
    elif name in EMPTY:
        hint = f"empty: {EMPTY[name]}"
        st.number_input(label, value=None, step=1, placeholder=hint, **form.bound(name, f"all {name}"))
    else:
        st.number_input(label, step=1, **form.bound(name, f"all {name}"))


def _ids(form: Form, name: str, label: str) -> None:
    """Draw a setting that holds a list of ids."""
    st.multiselect(
        label,
        form.value(name),
        accept_new_options=True,
        placeholder="none; type one to add it",
        **form.bound(name, f"all {name}", list, tuple),
    )


def excluded(form: Form, label: str, key: str, **options: Any) -> None:
    """Draw the choice of factors; films that have one among their top factors are left out."""
    name, count = "selection.exclude_factors", form.value("factor_model.factors")
    offered = range(count or form.value("stability.most_factors"))
    st.multiselect(
        label,
        sorted({*offered, *form.value(name)}),
        placeholder="none",
        **form.bound(name, key, list, lambda factors: tuple(sorted(factors))),
        **options,
    )


def _phases(form: Form, name: str, label: str) -> None:
    """Draw the phases of unfreezing as a small table, one row per phase."""
    now = [dict(phase) for phase in form.value(name)]
    place = f"phases of {form.kind}"
    editor = st.session_state.setdefault(place, {"key": "", "shows": None, "turn": 0})
    # The editor stores edits relative to its first table, so a change from elsewhere needs a new editor.
    if editor["shows"] != now or editor["key"] not in st.session_state:
        editor |= {"key": f"all {name} of {form.kind} {editor['turn']}", "turn": editor["turn"] + 1}
        table = pd.DataFrame(now, columns=["unfrozen", "epochs", "rate"])
        editor["table"] = table.astype({"unfrozen": "Int64", "epochs": "Int64", "rate": "Float64"})
    st.markdown(f"{label}, one per row. A row counts once it is complete.")
    edited = st.data_editor(
        editor["table"],
        key=editor["key"],
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "unfrozen": st.column_config.NumberColumn(help=Phase.meaning("unfrozen"), step=1),
            "epochs": st.column_config.NumberColumn(help=Phase.meaning("epochs"), step=1),
            "rate": st.column_config.NumberColumn(help=Phase.meaning("rate"), format="%g"),
        },
        alt="The phases of unfreezing: layer groups, epochs and highest rate",
    )
    rows = edited.dropna().astype({"unfrozen": int, "epochs": int, "rate": float}).to_dict("records")
    editor["shows"] = rows
    if rows != now:
        form.change(name, tuple(rows))
        st.rerun()
