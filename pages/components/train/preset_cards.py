"""The presets as cards: what each gives, what it costs on this machine, and which is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.formatting import counted
from core.results.comparison import Result, usual_seconds
from pages.components.shared.address import keep, picked


@dataclass(frozen=True)
class Card:
    """A preset for people."""

    title: str
    gives: str
    measured: str
    """What it was measured to cost elsewhere, until it has run here."""


CARDS = {
    "quick": Card(
        "Quick",
        "50 factors by fastai, the strongest first. Reviews are read by the bundled encoder. RMSE 0.906 stars on "
        "MovieLens 100K.",
        "70 s with 20 films of the Large Movie Review Dataset, on two cores without a GPU",
    ),
    "accurate": Card(
        "Accurate",
        "10 Bayesian factors, which predict ratings best and carry intervals. Reviews as in Quick. RMSE 0.880 "
        "stars on MovieLens 100K.",
        "its factor model 2.8 s on one core, Quick's 1.5 s; a whole run was not timed",
    ),
    "stable": Card(
        "Stable",
        "As many Bayesian factors as repeat between halves of the users, with intervals; where none repeat, the "
        "run ends and says so. Reviews as in Quick. RMSE 0.894 stars on MovieLens 100K.",
        "its factor model 42 s on one core, nearly all of it the choice of the number; a whole run was not timed",
    ),
    "article": Card(
        "Article",
        "50 raw factors and a language model of its own, as in the article, but for larger batches of ratings. "
        "RMSE 0.906 stars on MovieLens 100K.",
        "hours; wants a GPU, and fastai's WikiText-103 weights to be downloadable. A whole run was not timed",
    ),
}
"""In the order in which they are offered. Costs and errors are those of README, with how they were taken."""


def pick_preset(results: Mapping[str, list[tuple[bool, Result]]]) -> str:
    """Draw the cards and give the name of the chosen preset.

    `results` holds, by preset, what the finished runs here found, and whether they were of the data picked now.
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
    """Return what a preset costs: measured here, on these data where it ran on them, else as measured elsewhere."""
    for words, found in (
        ("with these data", [result for same, result in results if same]),
        ("with other data", [result for _, result in results]),
    ):
        if usual := usual_seconds(found):
            seconds, runs = usual
            return f"**Cost here:** {seconds:.0f} s {words} (median of {counted(runs, 'run')})"
    return f"**Cost not known here yet.** Measured elsewhere: {card.measured}."
