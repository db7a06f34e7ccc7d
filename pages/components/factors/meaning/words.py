"""The words of both ends of a factor as bars, and the reviews of both ends that hold the word picked."""

from functools import partial
from textwrap import shorten

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import figures
from core.data.reviews.search import places_of_term
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.results.run_record import Unmeasured, WordsRecord
from core.results.sentences import words_of
from core.results.tables.words import reviews_that_hold, words_at_both_ends
from pages.components.factors.choice import DOWNLOADS
from pages.components.factors.meaning.ends import BEYOND_BARS
from pages.components.shared.factors import END_HEADINGS, Factors, interval_columns
from pages.components.shared.marking.found import LONG, with_marks
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import click_on_chart, optional_table, switches, table
from pages.components.shared.text import errors, film_title, plain

WORD = "word"
"""Name in the address of the word picked."""
WORD_PICKER = "word picker"
COLUMNS = {
    "is_name": st.column_config.CheckboxColumn("name", help="of a person, a place or a film"),
    "effect": st.column_config.NumberColumn(
        "correlation",
        format="%+.2f",
        help="over films, between the weight and the share of the film's reviews that contain the word",
    ),
    "certain": st.column_config.CheckboxColumn("exceeds luck"),
    "films": st.column_config.NumberColumn("films with the word", format="localized"),
    "share": st.column_config.NumberColumn("of all reviews", format="percent"),
    **interval_columns(),
}


@st.fragment
@errors()
def words_and_their_reviews(run: FinishedRun, about: Factors, factor: int) -> None:
    """Draw the words of both ends of a factor, and the reviews that hold the word picked.

    A fragment, so that a pick does not redraw the rest of the page.
    """
    words = optional_table(run, "words")
    if words is None or isinstance(about.words, Unmeasured):
        st.info(plain(words_of(about.words, factor)))
        return
    charts = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with_names = st.toggle("Names of people and places too", key="word_names", bind="query-params")
        st.page_link(
            "pages/2_Factors.py",
            label="All words as files",
            icon=":material/download:",
            query_params={"run": run.run_id, "factor": str(factor), "view": DOWNLOADS},
        )
    shown = words_at_both_ends(words, factor, with_names)
    with charts:
        if shown.empty:
            st.info("No word goes with this factor, since all films have the same weight on it.")
            return
        _both_ends(run, about, factor, shown)
    switches("words", shown, COLUMNS)
    _reviews_with_word(run, factor, shown)


def _both_ends(run: FinishedRun, about: Factors, factor: int, shown: pd.DataFrame) -> None:
    assert isinstance(about.words, WordsRecord)
    picked, of_factor = _picked(shown), about.words.factors[factor]
    bound = of_factor.bound if of_factor.has_words else None
    reach = BEYOND_BARS * max(bound or 0, shown[["low", "high"]].abs().max(axis=None))
    for column, (end, heading) in zip(st.columns(2, gap="medium"), END_HEADINGS.items(), strict=True):
        # With a new key for each pick the chart forgets its selection, so the same bar can be clicked again.
        key = f"words of the {end} end of {run.run_id} {factor} {len(shown)} {picked}"
        with column:
            st.markdown(f"**{heading}: words**")
            if (shown.end != end).all():
                st.caption("No word goes with this end.")
                continue
            click_on_chart(
                figures.words_of_end(shown, end, reach, bound, picked),
                key,
                f"Bars: the words that go with the {end} end of factor {factor}",
                partial(_clicked, key, shown),
                "words",
            )
    st.caption(plain(_caption(about.words, factor)))


def _picked(words: pd.DataFrame) -> str | None:
    """Return the word picked; one that is not among the words is let go."""
    word = st.query_params.get(WORD)
    if word is None or word in words.word.tolist():
        return word
    _pick(None)
    return None


def _pick(word: str | None) -> None:
    if word is None:
        st.query_params.pop(WORD, None)
    else:
        st.query_params[WORD] = word


def _clicked(key: str, shown: pd.DataFrame) -> None:
    """Pick the word whose bar was clicked; a second click on it lets it go."""
    for point in st.session_state[key]["selection"]["points"][:1]:
        word = shown.word[point["customdata"][0]]
        _pick(None if word == st.query_params.get(WORD) else word)


def _caption(words: WordsRecord, factor: int) -> str:
    """Return what the bars show, and which of them exceed luck."""
    row = words.factors[factor]
    luck = (
        f"Bold words exceed the bound of luck, {row.bound:.2f} (dashed). Hatched ones may be luck."
        if row.has_words
        else "Together the words are no stronger than luck, so they show no meaning."
    )
    return (
        "Number: how closely the use of a word goes with the film's weight (correlation). "
        f"{luck} Click a word to read the reviews that contain it."
    )


def _reviews_with_word(run: FinishedRun, factor: int, words: pd.DataFrame) -> None:
    """Draw the choice of a word of those drawn, and the reviews of both ends that hold it, marked."""
    word = st.session_state[WORD_PICKER] = _picked(words)
    st.selectbox(
        "Reviews that contain the word",
        words.word.tolist(),
        index=None,
        key=WORD_PICKER,
        on_change=lambda: _pick(st.session_state[WORD_PICKER]),
        placeholder="Click a word above, or choose one here",
    )
    if word is None:
        return
    reviews, films = table(run, "labelled_reviews"), table(run, "factors")
    reviews = reviews[reviews.review != WITHHELD]
    shown, counts = reviews_that_hold(reviews, word, films.set_index("film_id")[f"weight_{factor}"])
    if shown.empty:
        st.info(
            plain(
                f"None of the {len(reviews):,} reviews kept with this run contains “{word}”. Words are counted in "
                "the reviews of all rated films. This run keeps only the reviews of its chosen films."
            )
        )
        return
    for column, row in zip(st.columns(2, gap="medium"), counts.itertuples(), strict=True):
        with column:
            share = f"{row.holding / row.reviews:.0%}" if row.reviews else "none"
            st.markdown(f"**{END_HEADINGS[row.end]}**")
            st.caption(
                plain(
                    f"{row.holding:,} of {row.reviews:,} reviews of films on this side contain “{word}” ({share})."
                )
            )
            for review in shown[shown.end == row.end].itertuples():
                review_with_marks(
                    f"**{film_title(review.title)}** · weight {review.weight:+z.2f}",
                    review.review,
                    places_of_term(review.review, word),
                )


def review_with_marks(heading: str, text: str, places: list[tuple[int, int]]) -> DeltaGenerator:
    """Draw a review below its heading (Markdown), its places marked; a long one is cut, and whole behind a click.

    Return the place of the text, where it can be drawn anew.
    """
    with st.container(border=True):
        st.markdown(heading)
        drawn = st.empty()
        if places:
            drawn.html(with_marks(text, places))
        else:
            drawn.text(shorten(text, LONG, placeholder=" […]") if len(text) > LONG else text)
        if len(text) > LONG:
            with st.expander("Whole review"):
                st.text(text)
    return drawn
