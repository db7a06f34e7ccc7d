"""The head of a factor: its name, what both ends are about, the verdict with its reason, and the ways to name it."""

from typing import Any

import streamlit as st

from core.meaning.suggested_names import HOW_SUGGESTED, NO_MEANING
from core.results.tables import factors as profiles
from pages.components.factors.naming import naming
from pages.components.shared.factors import BADGES, Factors, swatch
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table
from pages.components.shared.text import plain


def heading(run: FinishedRun, about: Factors, factor: int, description: dict[str, Any]) -> None:
    """Draw a factor's name, both ends in a plain sentence each, the verdict, and the buttons that name it.

    `description` is the factor's one of `describe.descriptions`.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        title = plain(about.heading(factor))
        if about.names.get(factor) == NO_MEANING:
            title = f"Factor {factor} · :gray[{NO_MEANING}]"
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, width="content"):
            swatch(factor)
            # Stretched, a long name wraps on a telephone.
            st.subheader(title, anchor=False, width="stretch")
        naming(run, about, factor)
    associations = optional_table(run, "associations")
    high, low = (
        profiles.in_plain_words(
            description[end], profiles.era(associations, factor, end), description["has_words"]
        )
        for end in ("high", "low")
    )
    st.markdown(f"**High:** {plain(high)}.  \n**Low:** {plain(low)}.")
    verdict = about.verdicts[factor]
    colour, icon = BADGES[verdict.word]
    st.markdown(f":{colour}-badge[{icon} {verdict.word}] {plain(verdict.reason)}")
    if about.suggestion(factor):
        st.caption(f"The name is {HOW_SUGGESTED}.")
