"""Try a review: what the run's classifier reads in a text, beside each factor's base rate, and by which words."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core import figures
from core.predict import LONGEST, answer
from core.verdict import threshold_line, unmoved_by_words
from pages.frame import (
    badges,
    described,
    errors,
    factors_of,
    licence,
    marked,
    plain,
    require_finished_run,
    set_up,
    show_chart,
    verdict_columns,
)

FEW_WORDS = 20
"""A shorter text says little."""
SHOWN_UNKNOWN = 15
MANY_UNKNOWN = 0.3
"""With a larger share of unknown words the text is hardly in the language that the classifier reads."""
EXAMPLES = {
    "Example: a space adventure": (
        "From the first launch to the silent drift past the last planet this kept me at the edge of my seat. The "
        "crew argues, the ship groans, and the final landing is pure joy. The music soars, the effects still hold."
    ),
    "Example: a slow romance": (
        "Two people who cannot say what they feel write letters for years. Hardly anything happens, and yet every "
        "look across the table hurts. I laughed once, cried twice, and walked home in the rain without an umbrella."
    ),
}


@st.cache_resource(show_spinner=False, max_entries=2)
def open_reader(folder: str, changed: int) -> Any:
    # Imported on the first click: it loads torch, which takes seconds and much memory.
    from core.predictions import Reader

    return Reader(Path(folder))


store = set_up("Try a review")
run = require_finished_run(store)

st.write(
    "Paste or write a review of any film, also one that nobody has rated, and see which factors it speaks of."
)
with st.container(horizontal=True):
    for name, example in EXAMPLES.items():
        if st.button(name):
            st.session_state["review text"] = example
text = st.text_area("Review", key="review text", height=180, persist_state="session")

if st.button("Read this review", type="primary", icon=":material/search:"):
    st.session_state.pop("answer", None)
    if not text.strip():
        st.warning("There is no text yet; write or paste a review first.")
        st.stop()
    with (
        errors(),
        st.spinner("Reading; the first time takes some seconds, since the classifier has to be loaded."),
    ):
        reader = open_reader(str(run.folder / "classifier"), (run.folder / "run.json").stat().st_mtime_ns)
        # Imported here for the same reason.
        from core.highlights import visible

        st.session_state["answer"] = answer(reader, run.record, text) | {
            "run": run.run_id,
            "text": text,
            "read": visible(text[:LONGEST]),
        }
        st.session_state.pop("moved factor", None)

said = st.session_state.get("answer")
if said and said["run"] == run.run_id and said["text"] == text:
    st.subheader("What the classifier reads in it", anchor=False)
    left, right = st.columns(2)
    left.metric("Words read", f"{said['words']:,}", border=True)
    right.metric("Words it does not know", f"{said['unknown_share']:.0%}", border=True)
    if said["cut"]:
        st.info(f"The text is very long: only its first {LONGEST:,} characters were read.")
    if said["words"] < FEW_WORDS:
        st.warning(f"Thin evidence: fewer than {FEW_WORDS} words. Take the answer as a hint at most.")
    if said["unknown_share"] > MANY_UNKNOWN:
        st.warning(
            f"The classifier does not know {said['unknown_share']:.0%} of these words, so it can hardly read this "
            "text. Is it in another language than the reviews that it learned from?"
        )
    about, factors = factors_of(run), pd.DataFrame(said["factors"])
    show_chart(
        figures.probabilities_against_base(factors, about.names),
        "answer",
        "Bars: the probability of each factor for this review; marks: its share of the reviews trained on, and its "
        "threshold",
    )
    st.caption(
        "A bar that ends at its base rate says nothing about this review: the factor is simply that common. "
        f"{threshold_line(run.record['classifier'])} Full bars reach it, pale ones do not. "
        "What the classifier is worth on films that it has not seen stands on the Predictions page."
    )
    st.dataframe(
        described(factors.drop(columns="stability"), about),
        hide_index=True,
        column_config={
            **verdict_columns(),
            "probability": st.column_config.NumberColumn(format="percent"),
            "threshold": st.column_config.NumberColumn(format="percent", help="predicted from here on"),
            "base_rate": st.column_config.NumberColumn(
                "base rate", format="percent", help="share of the reviews trained on that carry the factor"
            ),
            "predicted": st.column_config.CheckboxColumn(help="reaches its threshold"),
        },
    )

    # What made it say so.
    st.subheader("Which words moved it", anchor=False)
    factors["above"] = factors.probability - factors.base_rate
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    factor = left.selectbox(
        "Factor",
        factors.sort_values("above", ascending=False).factor.tolist(),
        format_func=about.choice,
        key="moved factor",
        help="first the one farthest above its base rate",
    )
    with right, st.container(horizontal=True):
        badges(about, factor)
    if unmoved := unmoved_by_words(run.record["classifier"], factor):
        st.info(unmoved)
    moved = [row for row in said["highlights"] if row["factor"] == factor]
    st.html(marked(said["read"], moved, set(said["unknown"])))
    st.caption(
        "Shade: by how much the log-odds of the factor fall when the word is left out, before calibration; the "
        "strongest word of this text is darkest. Point at a word to see its number. Of a long text a few words in "
        "a row are left out together, and passages without a mark are cut short. HTML tags are not read."
    )
    if st.toggle("As a table", key="moved as table"):
        st.dataframe(
            pd.DataFrame(moved),
            hide_index=True,
            width="content",
            column_order=["word", "effect"],
            column_config={"effect": st.column_config.NumberColumn("adds to the log-odds", format="%+.3f")},
        )
    unknown = said["unknown"]
    if unknown:
        st.caption("Words it does not know: " + plain(", ".join(unknown[:SHOWN_UNKNOWN])) + ".")
licence(run)
