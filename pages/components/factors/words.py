"""The words of both ends of a factor as bars, and the reviews that hold the word picked."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core import figures
from core.data.reviews.search import places_of_term
from core.data.reviews.sources.tmdb.expiry import WITHHELD
from core.formatting import counted
from core.results.run_record import Unmeasured, WordsRecord
from core.results.sentences import words_of
from core.results.word_tables import reviews_that_hold, words_at_both_ends
from pages.components.shared.factors import Factors, interval_columns
from pages.components.shared.found import LONG, with_marks
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import as_table, click_on_chart, optional_table, table
from pages.components.shared.text import plain

DOWNLOADS = "Names and downloads"
"""Tab of the page Factors that has the words as files."""
WORD = "word"
"""Name in the address of the word picked."""
WORD_PICKER = "word picker"
COLUMNS = {
    "is_name": st.column_config.CheckboxColumn("name", help="of a person, a place or a film"),
    "effect": st.column_config.NumberColumn(
        "correlation",
        format="%+.2f",
        help="over films, of the weight with the share of the film's reviews that hold the word",
    ),
    "certain": st.column_config.CheckboxColumn("exceeds luck"),
    "films": st.column_config.NumberColumn("films with it", format="localized"),
    "share": st.column_config.NumberColumn("of all reviews", format="percent"),
    **interval_columns(),
}


def words_of_both_ends(run: FinishedRun, about: Factors, factor: int) -> pd.DataFrame:
    """Draw the words of both ends of a factor, or why there are none; return the words drawn."""
    words = optional_table(run, "words")
    if words is None or isinstance(about.words, Unmeasured):
        st.info(plain(words_of(about.words, factor)))
        return pd.DataFrame()
    with_names = st.toggle("Names of people and places too", key="word_names", bind="query-params")
    shown = words_at_both_ends(words, factor, with_names)
    if shown.empty:
        st.info("No word goes with this factor, since all films have the same weight on it.")
        return shown
    picked = _picked(shown)
    # With a new key for each pick the chart forgets its selection, so the same bar can be clicked again.
    key = f"words of {run.run_id} {factor} {with_names} {picked}"
    row = about.words.factors[factor]
    bound = row.bound if row.has_words else None
    figure = figures.words_at_both_ends(shown, factor, about.names.get(factor, ""), bound, picked)
    alt = f"Bars: the words that go with the high and with the low end of factor {factor}"
    click_on_chart(figure, key, alt, partial(_clicked, key, shown))
    as_table("words", shown, COLUMNS)
    st.caption(plain(_caption(about.words, factor)))
    st.page_link(
        "pages/2_Factors.py",
        label="All words as files",
        icon=":material/download:",
        query_params={"run": run.run_id, "factor": str(factor), "view": DOWNLOADS},
    )
    return shown


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
    """Return what the bars show, the bound of luck, and how many words hold on other films."""
    row = words.factors[factor]
    luck = (
        f"Full bars and bold words exceed the bound of luck, {row.bound:.2f}; the others are suggestions that may be "
        "luck."
        if row.has_words
        else "Together they are no stronger than luck makes them, so read none of them as a meaning."
    )
    elsewhere = (
        ""
        if row.confirmed is None
        else f" On other films {100 * row.confirmed:.0f} % of its words keep their side (by chance 50 %), and their "
        f"mean correlation is {row.confirmed_effect or 0:+z.2f}: bars of the strongest words flatter."
    )
    return (
        "A bar says how closely the use of a word in a film's reviews goes with the film's weight. "
        f"{luck}{elsewhere} {words.reviews:,} reviews of {counted(words.films, 'film')} were counted."
    )


def reviews_with_word(run: FinishedRun, factor: int, words: pd.DataFrame) -> None:
    """Draw the choice of a word of those drawn, and the reviews that hold it, marked."""
    if words.empty:
        return
    st.markdown("**Reviews that hold a word**: click a bar, or choose the word here.")
    word = st.session_state[WORD_PICKER] = _picked(words)
    st.selectbox(
        "Word",
        words.word.tolist(),
        index=None,
        key=WORD_PICKER,
        on_change=lambda: _pick(st.session_state[WORD_PICKER]),
        placeholder="Choose a word",
        label_visibility="collapsed",
    )
    if word is None:
        return
    reviews, films = table(run, "labelled_reviews"), table(run, "factors")
    reviews = reviews[reviews.review != WITHHELD]
    end = words.end[words.word == word].iloc[0]
    weights = films.set_index("film_id")[f"weight_{factor}"]
    shown, count = reviews_that_hold(reviews, word, weights, end)
    if not count:
        st.info(
            plain(
                f"None of the {len(reviews):,} reviews of the films chosen for this run holds “{word}”. Words are "
                "counted in the reviews of all rated films; only those of the chosen films are kept with the run."
            )
        )
        return
    st.caption(
        plain(
            f"{count:,} of {len(reviews):,} reviews of the films chosen for this run hold “{word}”. Shown: "
            f"{counted(len(shown), 'review')}, one a film, the films furthest towards the {end} end first."
        )
    )
    for review in shown.itertuples():
        _review(review, word)


def _review(review: Any, word: str) -> None:
    with st.container(border=True):
        weight = "" if pd.isna(review.weight) else f" · weight {review.weight:+z.2f}"
        st.markdown(f"**{plain(review.title)}**{weight}")
        st.html(with_marks(review.review, places_of_term(review.review, word)))
        if len(review.review) > LONG:
            with st.expander("Whole review"):
                st.text(review.review)
