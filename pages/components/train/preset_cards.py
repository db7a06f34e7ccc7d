"""The presets: which one is chosen, and for each its purpose and its cost on this machine."""

import statistics
from collections.abc import Mapping

import streamlit as st

from core.formatting import counted
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.presets import CARDS, Card

PICKER = "preset picker"


def pick_preset() -> str:
    """Draw the choice of a preset; return the name of the chosen one."""
    kind: str = picked("preset", list(CARDS), next(iter(CARDS)), "a preset")
    st.session_state[PICKER] = kind
    st.segmented_control(
        "Preset",
        list(CARDS),
        format_func=lambda name: CARDS[name].title,
        key=PICKER,
        required=True,
        on_change=lambda: keep("preset", st.session_state[PICKER] or kind),
    )
    if warning := CARDS[kind].warning:
        st.warning(warning, icon=":material/schedule:")
    return kind


def preset_cards(kind: str, is_changed: bool, costs: Mapping[str, list[tuple[bool, float]]]) -> None:
    """Draw what each preset gives and costs, the chosen one marked, also where the form has changed its settings.

    `costs` has, by preset, the seconds of finished runs, each with whether it used the data picked now.
    """
    with st.grid(columns=2, min_column_width=260, key="presets"):
        for name, card in CARDS.items():
            with st.container(border=True, height="stretch", key=f"card {name}"):
                state = "chosen, changed" if is_changed else "chosen"
                mark = f" :blue-badge[:material/check: {state}]" if name == kind else ""
                st.markdown(f"**{card.title}**{mark}")
                st.write(card.gives)
                st.caption(cost(card, costs.get(name, [])))


def cost(card: Card, costs: list[tuple[bool, float]]) -> str:
    """Return the cost of a preset: measured here, if possible on the picked data, else elsewhere."""
    for words, seconds in (
        ("with these data", [seconds for same, seconds in costs if same]),
        ("with other data", [seconds for _, seconds in costs]),
    ):
        if seconds:
            runs = counted(len(seconds), "run")
            return f"**Cost here:** {statistics.median(seconds):.0f} s {words} (median of {runs})."
    return f"**Cost here is not known yet**. {card.measured}"
