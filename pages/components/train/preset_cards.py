"""The presets as cards: purpose, cost on this machine, and which one is chosen."""

from collections.abc import Mapping

import streamlit as st

from core.formatting import counted
from core.results.comparison import Result, usual_seconds
from pages.components.shared.address import keep, picked
from pages.components.shared.presets import CARDS, Card


def pick_preset(results: Mapping[str, list[tuple[bool, Result]]]) -> str:
    """Draw the cards; return the name of the chosen preset.

    `results` has, by preset, the results of finished runs, each with whether it used the data picked now.
    """
    kind: str = picked("preset", list(CARDS), "quick", "a preset")
    with st.grid(columns=2, min_column_width=260, key="presets"):
        for name, card in CARDS.items():
            with st.container(border=True, height="stretch", key=f"card {name}"):
                chosen = name == kind
                st.markdown(f"**{card.title}**" + (" :blue-badge[:material/check: chosen]" if chosen else ""))
                st.write(card.gives)
                st.caption(cost(card, results.get(name, [])))
                st.button(
                    f"{card.title} is chosen" if chosen else f"Choose {card.title}",
                    key=f"choose {name}",
                    type="primary" if chosen else "secondary",
                    icon=":material/check:" if chosen else None,
                    width="stretch",
                    on_click=keep,
                    args=("preset", name),
                )
    return kind


def cost(card: Card, results: list[tuple[bool, Result]]) -> str:
    """Return the cost of a preset: measured here, if possible on the picked data, else elsewhere."""
    for words, timed in (
        ("with these data", [result for same, result in results if same]),
        ("with other data", [result for _, result in results]),
    ):
        if usual := usual_seconds(timed):
            seconds, runs = usual
            return f"**Cost here:** {seconds:.0f} s {words} (median of {counted(runs, 'run')})"
    return f"**Cost not known here yet.** Measured elsewhere: {card.measured}."
