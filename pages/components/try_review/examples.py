"""Example reviews that a click reads: made-up ones, and one of the run's own reviews."""

import streamlit as st

from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.results.tables.films import telling_reviews
from core.results.verdict import VERDICTS
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import table
from pages.components.try_review.own_texts import READ_NOW, take

LETTERS = (150, 2500)
"""Least and most characters of the run's own review."""
EXAMPLES = {
    "A horror film": (
        "A slasher in a cabin: blood on the walls, a masked killer, screaming teenagers and cheap gore. I was scared "
        "twice, and laughed at the awful acting the rest of the time. The monster looks like rubber. Good fun for "
        "everybody who loves bad horror films late at night."
    ),
    "A film for children": (
        "A wonderful cartoon for the whole family. The songs are lovely, the animals are funny, and my children "
        "asked to see it again the next day. Few musicals are as charming, and the old king made us all laugh."
    ),
    "Six reviews of one film": (
        "The lighthouse keeper hardly speaks for an hour, and still I could not look away from his face.\n"
        "Slow, cold and lovely. The sea does most of the talking, and it turns out that it has a lot to say.\n"
        "My brother fell asleep. I was in tears at the end, when the lamp goes out and nobody lights it again.\n"
        "A ghost story without a ghost: the fog alone is more frightening than any monster I have seen this year.\n"
        "Too long by half an hour, and the daughter's part is written badly, but what pictures, and what silence.\n"
        "See it in a cinema, in winter, with somebody you have not called for years. Then call everybody else."
    ),
}
"""Example reviews by name, written for this page; they are of no real film."""


def examples(run: FinishedRun, about: Factors) -> None:
    """Draw a button for each example: it fills the field, and reads it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Try an example:", width="content")
        for name, text in EXAMPLES.items():
            st.button(name, on_click=_read, args=(text,), help="Written for this page; the film is made up.")
        st.button(
            "One of this run's reviews",
            on_click=_read_own,
            args=(run, about),
            help="The classifier may have learned from it, so it may read it too well.",
        )
    if st.session_state.get(READ_NOW) == "":
        del st.session_state[READ_NOW]
        st.info("This run has no reviews to show. Write one of your own below.")


def _read(text: str) -> None:
    take(text)
    st.session_state[READ_NOW] = text


def _read_own(run: FinishedRun, about: Factors) -> None:
    text = _own_review(run, about)
    if text:
        # A field for several reviews would cut it at its line breaks.
        take(" ".join(text.split()))
    st.session_state[READ_NOW] = text


def _own_review(run: FinishedRun, about: Factors) -> str:
    """Return the review that speaks most of one of the best-supported factors; "" where none can be shown."""
    labelled = table(run, "labelled_reviews")
    labelled = labelled[labelled.review != WITHHELD]
    strengths = about.strengths or [0.0] * about.count
    labels = sorted(
        run.record.classifier.labels,
        key=lambda factor: (VERDICTS.index(about.verdicts[factor].word), -strengths[factor]),
    )
    for factor in labels:
        predictions = table(run, "predictions", factor=factor)
        predictions = predictions[predictions.review_id.isin(labelled.review_id)]
        texts = telling_reviews(predictions, labelled, factor).review
        fitting = texts[texts.str.len().between(*LETTERS)]
        if len(fitting):
            return str(fitting.iloc[0])
    return str(labelled.review.iloc[0]) if len(labelled) else ""
