"""A text is pasted, and the page says how much of a factor is read in it."""

import pandas as pd
import streamlit as st

from core.errors import FactorscopeError
from core.results.factors_read import FactorsRead, factors_read
from pages.components.shared.factors import Factors
from pages.components.shared.marking.marked import marked
from pages.components.shared.reader import ask
from pages.components.shared.runs import FinishedRun
from pages.components.shared.text import errors, plain, sentence

READ = "text read for a factor"
"""Session key of the run, the text and what was read in it."""


@st.fragment
@errors()
def test_it(run: FinishedRun, about: Factors, factor: int) -> None:
    """Draw the field for a text, and beside the base rate the probability that it speaks of the factor."""
    st.subheader("Test it", anchor=False)
    base = run.record.classifier.base_rates()
    if factor not in base:
        st.info("No reviewed film has this factor among its top factors, so the classifier cannot read it.")
        return
    with st.form("test of a factor", border=False):
        text = st.text_area(
            "Paste or write a review", key="text for a factor", placeholder="A review of any film …"
        )
        pressed = st.form_submit_button("Read it", icon=":material/search:")
    if pressed and not text.strip():
        st.warning("There is no text yet. Write or paste a review first.")
        return
    if pressed:
        try:
            with st.spinner("Reading. The first time takes a few seconds."):
                reading = ask(run, [text], "answers")["answers"][0]
        except FactorscopeError as error:
            st.error(plain(sentence(str(error))), icon=":material/error:")
            return
        st.session_state[READ] = {"run": run.run_id, "reading": reading}
    response = st.session_state.get(READ)
    if response is None or response["run"] != run.run_id:
        return
    reading = response["reading"]
    row = next(row for row in reading["factors"] if row["factor"] == factor)
    with st.container(horizontal=True):
        st.metric("Probability of this factor", f"{row['probability']:.0%}", border=True, width="content")
        st.metric("Base rate", f"{row['base_rate']:.0%}", border=True, width="content")
    read_factors = factors_read(pd.DataFrame(reading["factors"]), about.verdict_words, about.readability)
    st.markdown(_meaning(factor, read_factors, row["probability"] > row["base_rate"]))
    moved = [word for word in reading["highlights"] if word["factor"] == factor]
    st.html(marked(reading["read"], moved, set(reading["unknown"])))
    st.caption(
        f"The base rate is the share of the training reviews that carry the factor. "
        f"The factor counts as predicted from {row['threshold']:.0%} on."
    )
    st.page_link(
        "pages/5_Try_a_review.py",
        label="Read a review for all factors",
        icon=":material/edit_note:",
        query_params={"run": run.run_id},
    )


def _meaning(factor: int, read_factors: FactorsRead, is_above: bool) -> str:
    """Return what a probability says, by the same bar as on the page Try a review."""
    if factor in read_factors.read:
        return "The text speaks of this factor."
    if factor in read_factors.perhaps_luck:
        return "The probability is above the base rate, but that may be luck."
    if factor in read_factors.not_measured:
        return (
            "The probability is above the base rate. "
            "This run did not test if reviews reveal this factor, so it may be luck."
        )
    if is_above:
        return "The text speaks a little more of this factor than most reviews, but not clearly."
    return "The text speaks no more of this factor than most reviews."
