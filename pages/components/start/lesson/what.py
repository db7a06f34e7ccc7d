"""The run and the world that all steps of the guided example show, and a question to the class."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import streamlit as st

from core.data.ratings.synthetic import SyntheticWorld
from core.figures.style import shortened
from core.meaning.suggested_names import high_end
from core.results.ground_truth import Match, ground_truth_table, match
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun
from pages.components.shared.text import plain

IN_CHART = 18
"""Most characters of a name in a chart."""


@dataclass(frozen=True)
class Lesson:
    """The example's run and its synthetic world."""

    run: FinishedRun
    about: Factors
    films: pd.DataFrame
    world: SyntheticWorld

    @cached_property
    def ground_truth(self) -> pd.DataFrame:
        """The ground truth of the world, one row per film."""
        return ground_truth_table(self.world)

    @cached_property
    def matching(self) -> Match:
        """The matching of factors and themes."""
        return match(self.films, self.ground_truth)

    def named(self, factor: int) -> str:
        """Return a factor's number, name as shown, and matched theme, as plain text."""
        return self.about.title(factor) + self._theme(factor)

    def named_briefly(self, factor: int) -> str:
        """Return the same for a chart, with no more of the name than of its high end."""
        name = shortened(high_end(self.about.names.get(factor, "")), IN_CHART)
        return f"factor {factor}{f' · {name}' if name else ''}{self._theme(factor)}"

    def _theme(self, factor: int) -> str:
        theme = self.matching.theme_of.get(factor)
        return f" ({theme})" if theme else ""


def question(text: str, answer: str) -> None:
    """Draw a question to the class, in plain text, with its answer in an expander."""
    with st.container(border=True):
        st.markdown(f":material/school: **To the class.** {plain(text)}")
        with st.expander("The answer"):
            st.write(plain(answer))
