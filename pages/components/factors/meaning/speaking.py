"""The reviews that speak most of a factor, with its certain words marked, or else what moved the classifier."""

import pandas as pd
import streamlit as st

from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.errors import FactorscopeError
from core.results.run_record import Unmeasured
from core.results.tables.films import telling_reviews
from core.results.tables.words import places_of_words
from pages.components.factors.meaning.words import review_with_marks
from pages.components.shared.marking.marked import marked
from pages.components.shared.marking.moved import mark_phrases
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table, table
from pages.components.shared.text import errors, film_title, plain, sentence


@st.fragment
@errors()
def speaks_of_it(run: FinishedRun, factor: int) -> None:
    """Draw the reviews that are given the highest probability of a factor, one a film.

    A fragment, so that the rest of the page does not wait for the reader.
    """
    st.subheader("Reviews that speak most of this factor", anchor=False)
    base = run.record.classifier.base_rates()
    if factor not in base:
        st.info("No reviewed film has this factor among its top factors, so this run read no reviews for it.")
        return
    labelled = table(run, "labelled_reviews")
    examples = telling_reviews(table(run, "predictions", factor=factor), labelled, factor)
    words = certain_words(run, factor)
    marks = [places_of_words(text, words) for text in examples.review]
    st.caption(
        f"Number: the probability that a review speaks of factor {factor}; the base rate is {base[factor]:.0%}. "
        + (
            "A model that never saw the film read its reviews. "
            if run.record.classifier.folds
            else "The model was trained on most of them; the page Reviews names the others. "
        )
        + _what_is_marked(words, any(marks))
    )
    if doubt := _doubt(run, factor):
        st.caption(doubt)
    state = st.container()
    drawn = []
    for review, places in zip(examples.itertuples(), marks, strict=True):
        kind = "one of the film's top factors" if review.own else "not one of its top factors"
        drawn.append(
            review_with_marks(
                f"**{film_title(review.title)}** · {review.probability:.0%} · {kind}", review.review, places
            )
        )
    if any(marks) or (examples.review == WITHHELD).all():
        return
    with state:
        # Of each factor anew, so that no page waits for the reader unasked.
        if not st.toggle("Mark the phrases that moved the classifier", key=f"phrases {run.run_id} {factor}"):
            return
        # Without a text, `marked` returns the legend of the marks.
        st.html(marked("", [], []))
        st.caption("The run's own classifier marks the phrases.")
        try:
            with st.spinner("Marking. The first time takes a few seconds."):
                mark_phrases(run, factor, examples.review, drawn)
        except FactorscopeError as error:
            st.warning(plain(f"The phrases cannot be marked. {sentence(str(error))}"))


def _what_is_marked(words: list[str], is_marked: bool) -> str:
    if is_marked:
        return "Marked: certain words and phrases of the high end."
    return "None of these reviews contains a certain word." if words else "No word is certain."


def certain_words(run: FinishedRun, factor: int) -> list[str]:
    """Return the words and phrases of a factor's high end that exceed the bound of luck, without names."""
    words: pd.DataFrame | None = optional_table(run, "words")
    if words is None or words.empty:
        return []
    certain = words[(words.factor == factor) & (words.end == "high") & words.certain & ~words.is_name]
    return list(certain.word)


def _doubt(run: FinishedRun, factor: int) -> str:
    """Return why these reviews may be about something else, "" where reviews tell the factor."""
    readability = run.record.readability
    label = None if isinstance(readability, Unmeasured) else readability.of(factor)
    readable = label and label.readable
    if readable is None:
        return "This run did not test if reviews reveal this factor, so these may speak of something else."
    return (
        ""
        if readable
        else "Reviews of new films do not reveal this factor, so these may speak of something else."
    )
