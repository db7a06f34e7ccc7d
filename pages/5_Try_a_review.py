"""Try a review: which factors reviews of a film speak of, what moved them, and where that film is placed."""

from functools import partial

import pandas as pd
import streamlit as st

from core import figures
from core.formatting import counted, shortened_text
from core.inference.encoding import LONGEST
from core.results.caveats import KNOWS_NONE, reading_caveats
from core.results.factors_read import STANDS_OUT, factors_read, farthest, highest_above
from core.results.sentences import high_words, threshold_line
from pages.components.shared.factors import described, factors_of, legend, verdict_columns
from pages.components.shared.page import set_up
from pages.components.shared.reader import ask, warm_reader
from pages.components.shared.run_notes.provenance import licence
from pages.components.shared.runs import require_finished_run
from pages.components.shared.show import show_chart
from pages.components.shared.text import errors, plain
from pages.components.try_review.examples import examples
from pages.components.try_review.moved import what_moved_it
from pages.components.try_review.own_texts import READ_NOW, is_typed, one_review, texts_to_read
from pages.components.try_review.speaks_of import speaks_of
from pages.components.try_review.where_it_stands import where_it_stands

MOST_SHOWN = 12
"""Factors drawn at first: those whose probability the reviews change most."""
HIGH_WORDS = 3
"""Words of a factor's high end next to its probability."""
TITLE = 80
"""Most characters of a review in the choice of one."""

store = set_up("Try a review")
run = require_finished_run(store)
about = factors_of(run)
foot = partial(licence, run)
warm_reader(run)

st.write("Paste a review of any film, rated or not. See which factors it speaks of, and why.")
examples(run, about)
texts = texts_to_read(store)

# The label is independent of the text: a button that changes when the field loses focus misses the click.
clicked = st.button(
    "Read this review" if one_review() else "Read these reviews",
    type="primary",
    key="read",
    icon=":material/search:",
    # What is typed arrives only when the field loses focus.
    disabled=not texts and not is_typed(),
)
if st.session_state.pop(READ_NOW, None) or clicked:
    if not texts:
        st.warning("There is no text yet. Write a review, paste one, or click an example.")
        foot()
        st.stop()
    with errors(foot), st.spinner("Reading. The first time takes a few seconds, while the classifier loads."):
        # A single text is encoded once for both; of several, the selected one is read separately below.
        reading = ask(run, texts, "answers and film" if len(texts) == 1 else "film")
        st.session_state.pop("review looked at", None)
        if "answer" in st.session_state:
            # What was picked for the text before may say nothing of this one.
            st.session_state.pop("picked moved", None)
            st.query_params.pop("moved", None)
        st.session_state["answer"] = {
            "run": run.run_id,
            "texts": texts,
            "film": reading["film"],
            "by text": dict(enumerate(reading.get("answers", []))),
        }

response = st.session_state.get("answer")
if response and response["run"] != run.run_id:
    st.info("Another run gave the last answer. Read the text to see this run's.")
elif response and (is_typed() or response["texts"] == texts):
    if response["texts"] != texts:
        st.info("The text has changed. Read it again to see the new answer.")
    film, read = response["film"], response["texts"]
    if not film["known"]:
        st.warning(KNOWS_NONE, icon=":material/help:")
        foot()
        st.stop()
    count = film["reviews"]
    # Of several reviews, one at a time is shown with its phrases marked.
    at = film["each"][0]["text"] - 1
    if count == 1 and at not in response["by text"]:
        with errors(foot):
            response["by text"][at] = ask(run, [read[at]], "answers")["answers"][0]
    reading = pd.DataFrame(response["by text"][at]["factors"] if count == 1 else film["reading"])
    read_factors = factors_read(reading, about.verdict_words, about.readability)
    speaks_of(
        run, about, reading, read_factors, response["by text"][at]["highlights"] if count == 1 else [], count
    )
    if limits := reading_caveats(film):
        st.warning("\n\n".join(map(plain, limits)), icon=":material/warning:")
    if film["cut"] and count == 1:
        st.info(f"The text is very long. Only its first {LONGEST:,} characters were read.")
    elif film["cut"]:
        st.info(
            f"{counted(film['cut'], 'review')} were cut: only their first {LONGEST:,} characters were read."
        )
    if film["again"]:
        st.info(f"{counted(film['again'], 'review')} repeat others word for word. Each text counts once.")
    if film["left_out"]:
        st.info(f"Left out: texts {', '.join(map(str, film['left_out']))}. They have no words.")

    # The evidence: which phrases moved a factor.
    st.subheader("What moved it", anchor=False)
    if count > 1:
        at = st.selectbox(
            "Review",
            [row["text"] - 1 for row in film["each"]],
            format_func=lambda at: f"{at + 1}: {shortened_text(read[at], TITLE)}",
            key="review looked at",
        )
        if at not in response["by text"]:
            with errors(foot), st.spinner("Leaving out one phrase at a time."):
                response["by text"][at] = ask(run, [read[at]], "answers")["answers"][0]
    answer = response["by text"][at]
    order = highest_above(pd.DataFrame(answer["factors"]))
    what_moved_it(run, about, answer, [*read_factors.read, *(k for k in order if k not in read_factors.read)])

    # The statistics: every probability beside its base rate.
    st.subheader("Every factor beside its base rate", anchor=False)
    shown = farthest(reading, MOST_SHOWN)
    if len(shown) < len(reading) and st.toggle(
        f"All {len(reading)} factors", key="factors_read", bind="query-params"
    ):
        shown = reading
    words = {factor: ", ".join(high_words(about.words, factor, HIGH_WORDS)) for factor in range(about.count)}
    notes = {
        factor: about.verdicts[factor].word + (f" · {words[factor]}" if words[factor] else "")
        for factor in shown.factor
    }
    show_chart(
        figures.probabilities_against_base(shown, about.names, notes, count),
        "answer",
        "Bars: the probability of each factor; marks: its share of the training reviews",
        described(reading.drop(columns=["name", "verdict"], errors="ignore"), about).assign(
            words=reading.factor.map(words)
        ),
        {
            **verdict_columns(),
            "words": st.column_config.TextColumn(
                "words of its high end", help="Words that reviews of such films use."
            ),
            **{
                name: st.column_config.NumberColumn(title, format="percent", help=meant)
                for name, title, meant in (
                    ("probability", "probability", "The mean, if there are several reviews."),
                    ("low", "95% from", "Interval over the reviews."),
                    ("high", "to", "Interval over the reviews."),
                    ("threshold", "threshold", "The factor counts as predicted from this probability on."),
                    ("base_rate", "base rate", "Share of all reviews that carry the factor."),
                )
            },
            "predicted": st.column_config.CheckboxColumn(help="The probability reaches the threshold.")
            if count == 1
            else st.column_config.NumberColumn("predicted in", help=f"Reviews, of {count:,}."),
            "clear": st.column_config.CheckboxColumn(
                "differs from base rate", help="The interval excludes the base rate."
            ),
        },
    )
    legend(shown.factor, about)
    with st.popover("How sure?", icon=":material/help:"):
        with st.container(horizontal=True):
            st.metric("Reviews read", f"{count:,}")
            st.metric("Words read", f"{film['words']:,}")
            st.metric("Words unknown", f"{film['unknown_share']:.0%}")
        st.markdown(
            "The base rate is the share of all reviews that carry the factor. "
            "A bar that ends at its base rate says nothing: the factor is simply that common."
        )
        st.markdown(
            f"{threshold_line(run.record.classifier)} Full bars reach it, pale and hatched ones do not."
            if count == 1
            else f"Lines are 95% intervals over the {count:,} reviews. Full bars differ clearly from their "
            "base rate."
        )
        st.markdown(
            f"A factor counts as read if it is predicted, with at least {STANDS_OUT} times the odds of its "
            "base rate. Reviews of new films must also reveal it, and its verdict must not be chance."
            if count == 1
            else "A factor counts as read if its interval is above its base rate. "
            "Reviews of new films must also reveal it, and its verdict must not be chance."
        )
        st.markdown(
            "Each factor's verdict is below its number, with words of its high end. "
            "The page Predictions shows how well the classifier reads films that it never saw."
        )

    st.subheader("Where the film stands", anchor=False)
    where_it_stands(run, about, film)
foot()
