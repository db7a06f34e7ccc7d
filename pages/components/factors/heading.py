"""The head of a factor: its name, the verdict with its reasons, and the ways to name it."""

import streamlit as st

from core import figures
from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING
from core.results.run_record import Stability
from core.results.score_tables import repeats
from core.results.sentences import readability_of, stability_of, words_of
from pages.components.factors.naming import naming
from pages.components.shared.factors import BADGES, Factors, swatch
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain


def heading(run: FinishedRun, about: Factors, factor: int) -> None:
    """Draw a factor's swatch, number and name, its verdict, and the buttons that name it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        title = plain(about.heading(factor))
        if about.names.get(factor) == NO_MEANING:
            title = f"Factor {factor} · :gray[{NO_MEANING}]"
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, width="content"):
            swatch(factor)
            st.subheader(title, anchor=False, width="content")
        _how_sure(about, factor)
        naming(run, about, factor)
    if about.suggestion(factor):
        st.caption(f"The name is {HOW_SUGGESTED}.")


def _how_sure(about: Factors, factor: int) -> None:
    """Draw the verdict, which opens its reason and the measurements behind it."""
    verdict = about.verdicts[factor]
    colour, icon = BADGES[verdict.word]
    with st.popover(f":{colour}[{icon} {verdict.word}]", help="How sure?"):
        st.markdown("**How sure?**")
        st.markdown(f"**{verdict.word.capitalize()}.** {plain(verdict.reason)}")
        for sentence in (
            stability_of(about.stability, factor),
            readability_of(about.readability, factor),
            words_of(about.words, factor),
        ):
            st.caption(plain(sentence))
        if isinstance(about.stability, Stability):
            row = about.stability.factors[factor]
            show_chart(
                figures.stability(row.plain(), about.stability.plain()),
                "stability",
                "Marks with intervals: how far the factor repeats between halves, seeds, and by chance",
                repeats(about.stability, factor),
            )
