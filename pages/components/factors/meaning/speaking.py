"""The reviews that speak most of a factor, with its certain words marked."""

import pandas as pd
import streamlit as st

from core.results.run_record import Unmeasured
from core.results.tables.films import telling_reviews
from core.results.tables.words import places_of_words
from pages.components.factors.meaning.words import review_with_marks
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table, table
from pages.components.shared.text import film_title


def speaks_of_it(run: FinishedRun, factor: int) -> None:
    """Draw the reviews that are given the highest probability of a factor, one a film."""
    st.subheader("Reviews that speak most of this factor", anchor=False)
    base = run.record.classifier.base_rates()
    if factor not in base:
        st.info("No reviewed film has this factor among its top factors, so this run read no reviews for it.")
        return
    labelled = table(run, "labelled_reviews")
    examples = telling_reviews(table(run, "predictions", factor=factor), labelled, factor)
    words = certain_words(run, factor)
    st.caption(
        f"Number: the probability that a review speaks of factor {factor}; the base rate is {base[factor]:.0%}. "
        + (
            "A model that never saw the film read its reviews. "
            if run.record.classifier.folds
            else "The model was trained on most of them; the page Reviews names the others. "
        )
        + (
            "Marked: certain words and phrases of the high end."
            if words
            else "No word is certain, so no word is marked."
        )
    )
    if doubt := _doubt(run, factor):
        st.caption(doubt)
    for review in examples.itertuples():
        kind = "one of the film's top factors" if review.own else "not one of its top factors"
        review_with_marks(
            f"**{film_title(review.title)}** · {review.probability:.0%} · {kind}",
            review.review,
            places_of_words(review.review, words),
        )


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
