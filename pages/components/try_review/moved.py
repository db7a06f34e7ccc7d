"""The phrases of a review that moved a factor: as bars, and marked in the text."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core import figures
from core.results.sentences import unmoved_by_words
from pages.components.shared.browser.address import picked, picker
from pages.components.shared.factors import Factors, verdict_badge
from pages.components.shared.marking.marked import marked
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain

SHOWN_UNKNOWN = 15


def what_moved_it(run: FinishedRun, about: Factors, answer: Mapping[str, Any], order: Sequence[int]) -> None:
    """Draw the choice of a factor and the phrases that moved it; `order` has the factors, those read first."""
    factor = order[0]
    if "moved" in st.query_params or "picked moved" in st.session_state:
        factor = picked("moved", order, factor, "a factor that this run's classifier reads")
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        picker(
            "Factor",
            "moved",
            order,
            factor,
            format_func=about.choice,
            help="The first is the one farthest above its base rate.",
        )
    with right:
        verdict_badge(about, factor)
    moved = pd.DataFrame(
        [row for row in answer["highlights"] if row["factor"] == factor],
        columns=["factor", "word", "effect", "fall", "start", "end"],
    )
    unmoved = unmoved_by_words(run.record.classifier, factor)
    if unmoved:
        st.info(unmoved)
    elif moved.empty:
        st.info(
            "No phrase moved the probability. The classifier knows no word of the text but words such as “the”."
        )
    else:
        show_chart(
            figures.phrases_that_moved(moved, factor, about.names.get(factor, "")),
            "moved",
            "Bars: by how much each phrase moved the probability, for and against",
            moved.drop(columns=["factor", "start", "end"]),
            {
                "word": st.column_config.TextColumn("phrase"),
                "fall": st.column_config.NumberColumn(
                    "probability falls by",
                    format="percent",
                    help="Without the phrase, in percentage points. Below zero, it rises.",
                ),
                "effect": st.column_config.NumberColumn(
                    "log-odds", format="%+.3f", help="By how much the log-odds fall, before calibration."
                ),
            },
        )
    st.html(marked(answer["read"], moved.to_dict("records"), set(answer["unknown"])))
    with st.popover("How are phrases found?"):
        st.markdown(
            "Each phrase is left out in turn, and the rest is read again. "
            "The bar says by how many points the probability falls. Repeats of a phrase are added up. "
            "A phrase has at most four words of one clause. It never begins or ends with a function word "
            "such as “the”. "
            "A long text is left out piece by piece. "
            "The darkest mark is the strongest phrase of this text. HTML tags are not read."
        )
    if unknown := answer["unknown"]:
        st.caption(
            "Words that the classifier does not know: " + plain(", ".join(unknown[:SHOWN_UNKNOWN])) + "."
        )
