"""One factor: its meaning, then the evidence, then the statistics."""

import pandas as pd
import streamlit as st

from core.store import Store
from pages.components.factors.evidence import how_do_we_know
from pages.components.factors.heading import heading
from pages.components.factors.meaning.ends import films_of_both_ends, genres_and_decades
from pages.components.factors.meaning.speaking import speaks_of_it
from pages.components.factors.meaning.words import words_and_their_reviews
from pages.components.factors.similar import similar_factors
from pages.components.factors.trial import test_it
from pages.components.shared.described import described
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun


def one_factor(
    run: FinishedRun, about: Factors, factor: int, film: str, rated: pd.DataFrame, store: Store
) -> None:
    """Draw a factor.

    `rated` are the films with enough ratings, `film` is the id of the film picked, `store` has the other runs. All
    come from the page as they are, so they are no object.
    """
    heading(run, about, factor, described(run, about, [factor])[0])
    if nothing := about.means_nothing(factor):
        st.warning(nothing, icon=":material/blur_on:")
    films_of_both_ends(about, factor, rated)
    words_and_their_reviews(run, about, factor)
    genres_and_decades(run, about, factor, rated)
    speaks_of_it(run, factor)
    test_it(run, about, factor)
    similar_factors(run, about, factor, rated, store)
    how_do_we_know(run, about, factor, film, rated)
