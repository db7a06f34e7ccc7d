"""Try a review: what the run's classifier predicts from reviews of a film, and where that film is placed."""

import pandas as pd
import streamlit as st

from core import figures
from core.formatting import counted
from core.inference.encoding import LONGEST
from core.results.caveats import farthest, highest_above
from core.results.sentences import high_words, threshold_line, unmoved_by_words
from pages.components.shared.address import picked, picker
from pages.components.shared.factors import described, factors_of, legend, verdict_badge, verdict_columns
from pages.components.shared.marked import marked
from pages.components.shared.page import set_up
from pages.components.shared.provenance import licence
from pages.components.shared.reader import ask, warm_reader
from pages.components.shared.runs import require_finished_run
from pages.components.shared.show import show_chart
from pages.components.shared.text import errors, plain
from pages.components.try_review.own_texts import examples, one_review, texts_to_read
from pages.components.try_review.where_it_stands import where_it_stands

MOST_SHOWN = 12
"""Factors drawn at first: those whose probability the reviews change most."""
SHOWN_UNKNOWN = 15
HIGH_WORDS = 3
"""Words of a factor's high end beside its probability."""
MEASURE = 150
"""Width of a number with its title, in pixels: two fit side by side on a phone."""
EXAMPLES = {
    "Example: a space adventure": (
        "From the first launch to the silent drift past the last planet this kept me at the edge of my seat. The "
        "crew argues, the ship groans, and the final landing is pure joy. The music soars, the effects still hold."
    ),
    "Example: a slow romance": (
        "Two people who cannot say what they feel write letters for years. Hardly anything happens, and yet every "
        "look across the table hurts. I laughed once, cried twice, and walked home in the rain without an umbrella."
    ),
    "Example: six reviews of one film": (
        "The lighthouse keeper hardly speaks for an hour, and still I could not look away from his face.\n"
        "Slow, cold and lovely. The sea does most of the talking, and it turns out that it has a lot to say.\n"
        "My brother fell asleep. I was in tears at the end, when the lamp goes out and nobody lights it again.\n"
        "A ghost story without a ghost: the fog alone is more frightening than any monster I have seen this year.\n"
        "Too long by half an hour, and the daughter's part is written badly, but what pictures, and what silence.\n"
        "See it in a cinema, in winter, with somebody you have not called for years. Then call everybody else."
    ),
}
"""Example reviews by name, written for this page; they are of no real film."""

store = set_up("Try a review")
run = require_finished_run(store)
about = factors_of(run)
warm_reader(run)

st.write(
    "Paste or write a review of any film, also one that nobody has rated, or all reviews that you have of it. See "
    "which factors they speak of, and where the film would stand among the rated ones."
)
examples(EXAMPLES)
texts = texts_to_read(store)

# The label is independent of the text: a button that changes when the field loses focus misses the click.
if st.button(
    "Read this review" if one_review() else "Read these reviews",
    type="primary",
    key="read",
    icon=":material/search:",
):
    if not texts:
        st.warning("There is no text yet; write or paste a review first.")
        st.stop()
    with errors(), st.spinner("Reading; the first time takes some seconds, until the classifier is open."):
        # A single text is encoded once for both; of several, the selected one is read separately below.
        reading = ask(run, texts, "answers and film" if len(texts) == 1 else "film")
        st.session_state.pop("review looked at", None)
        st.session_state["answer"] = {
            "run": run.run_id,
            "texts": texts,
            "film": reading["film"],
            "by text": dict(enumerate(reading.get("answers", []))),
        }

response = st.session_state.get("answer")
if response and response["run"] != run.run_id:
    st.info("What was read last was read by another run; read it again to see what this one says.")
elif response:
    if response["texts"] != texts:
        st.info("The text has changed since; below is what was read before. Read it again to see the rest.")
    film, read = response["film"], response["texts"]
    count = film["reviews"]
    st.subheader(f"What the classifier reads in {'it' if count == 1 else 'them'}", anchor=False)
    with st.container(horizontal=True):
        st.metric("Reviews read", f"{count:,}", border=True, width=MEASURE)
        st.metric("Words read", f"{film['words']:,}", border=True, width=MEASURE)
        st.metric("Words unknown", f"{film['unknown_share']:.0%}", border=True, width=MEASURE)
    if film["cut"] and count == 1:
        st.info(f"The text is very long: only its first {LONGEST:,} characters were read.")
    elif film["cut"]:
        st.info(f"{film['cut']:,} reviews are very long: only their first {LONGEST:,} characters were read.")
    if film["again"]:
        st.info(f"{counted(film['again'], 'review')} repeat others word by word; each counts once.")
    if film["left_out"]:
        st.info(f"Left out, since there are no words in them: {', '.join(map(str, film['left_out']))}.")
    if film["thin"]:
        st.warning("\n\n".join(map(plain, film["thin"])), icon=":material/warning:")

    # Of several reviews, one at a time is shown with its words marked.
    at = film["each"][0]["text"] - 1
    if count == 1 and at not in response["by text"]:
        with errors():
            response["by text"][at] = ask(run, [read[at]], "answers")["answers"][0]
    reading = pd.DataFrame(response["by text"][at]["factors"] if count == 1 else film["reading"])
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
        "Bars: the probability of each factor; marks: its share of the reviews trained on",
        described(reading.drop(columns=["name", "verdict"], errors="ignore"), about).assign(
            words=reading.factor.map(words)
        ),
        {
            **verdict_columns(),
            "words": st.column_config.TextColumn(
                "words of its high end", help="that reviews of such films use"
            ),
            **{
                name: st.column_config.NumberColumn(title, format="percent", help=meant)
                for name, title, meant in (
                    ("probability", "probability", "of several reviews their mean"),
                    ("low", "95 % from", "interval over the reviews"),
                    ("high", "to", "interval over the reviews"),
                    ("threshold", "threshold", "predicted from here on"),
                    ("base_rate", "base rate", "share of the reviews trained on that carry the factor"),
                )
            },
            "predicted": st.column_config.CheckboxColumn(help="reaches its threshold")
            if count == 1
            else st.column_config.NumberColumn("predicted in", help=f"reviews of {count:,}"),
            "clear": st.column_config.CheckboxColumn(
                "apart from base rate", help="the interval does not hold it"
            ),
        },
    )
    st.caption(
        "The base rate is the share of the reviews trained on that carry the factor. A bar that ends there says "
        "nothing: the factor is simply that common. "
        + (
            f"{threshold_line(run.record.classifier)} Full bars reach it, pale and hatched ones do not. "
            if count == 1
            else f"Lines: 95 % intervals over the {count:,} reviews. Full bars are apart from their base rate, "
            "pale and hatched ones may not be. "
        )
        + "Below each factor stand its verdict and words of its high end. What the classifier is worth on films "
        "that it has not seen stands on the Predictions page."
    )
    legend(shown.factor, about)

    st.subheader("Which words moved it", anchor=False)
    if count > 1:
        at = st.selectbox(
            "Review",
            [row["text"] - 1 for row in film["each"]],
            format_func=lambda at: f"{at + 1}: {read[at][:80]}",
            key="review looked at",
        )
        if at not in response["by text"]:
            with errors(), st.spinner("Leaving out its words in turn."):
                response["by text"][at] = ask(run, [read[at]], "answers")["answers"][0]
    answer = response["by text"][at]
    order = highest_above(pd.DataFrame(answer["factors"]))
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    factor = order[0]
    if "moved" in st.query_params or "picked moved" in st.session_state:
        factor = picked("moved", order, factor, "a factor that this run's classifier reads")
    with left:
        picker(
            "Factor",
            "moved",
            order,
            factor,
            format_func=about.choice,
            help="first the one farthest above its base rate",
        )
    with right, st.container(horizontal=True):
        verdict_badge(about, factor)
        if words[factor]:
            st.caption(plain(f"words of its high end: {words[factor]}"), width="content")
    if unmoved := unmoved_by_words(run.record.classifier, factor):
        st.info(unmoved)
    moved = [row for row in answer["highlights"] if row["factor"] == factor]
    st.html(marked(answer["read"], moved, set(answer["unknown"])))
    st.caption(
        "Shade: by how much the log-odds of the factor fall when the word is left out, before calibration; the "
        "strongest word of this text is darkest. Point at a word to see its number. Of a long text a few words in "
        "a row are left out together, and passages without a mark are cut short. HTML tags are not read."
    )
    if st.toggle("As a table", key="moved as table", bind="query-params"):
        st.dataframe(
            pd.DataFrame(moved),
            hide_index=True,
            width="content",
            column_order=["word", "effect"],
            column_config={"effect": st.column_config.NumberColumn("adds to the log-odds", format="%+.3f")},
        )
    unknown = answer["unknown"]
    if unknown:
        st.caption("Words it does not know: " + plain(", ".join(unknown[:SHOWN_UNKNOWN])) + ".")

    st.subheader("Where the film stands", anchor=False)
    where_it_stands(run, about, film)
licence(run)
