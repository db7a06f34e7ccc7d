"""The factors that reviews speak of, a card each, or that there are none."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.formatting import counted
from core.meaning.suggested_names import ARROW, NO_MEANING
from core.results.describe import descriptions
from core.results.factors_read import FactorsRead, can_be_read, tells_nothing
from core.results.run_record import Unmeasured
from core.results.sentences import factors_that_are_read, readability_summary
from core.results.verdict import may_be_luck
from pages.components.shared.factors import Factors, swatch, verdict_badge
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table
from pages.components.shared.text import film_title, plain

CARD, MOST = 280, 6
"""Least width of a card, in pixels, and most cards."""
FILMS, PHRASES = 3, 3
"""Films of a factor's high end, and phrases that speak for it."""


def speaks_of(
    run: FinishedRun,
    about: Factors,
    reading: pd.DataFrame,
    read_factors: FactorsRead,
    highlights: Sequence[Mapping[str, Any]],
    reviews: int,
) -> None:
    """Draw the factors that so many reviews speak of, a card each.

    Six parameters: the run and its factors, what was read, which of it stands out, and what it rests on.
    """
    subject = "This review" if reviews == 1 else f"These {counted(reviews, 'review')}"
    verb = "speaks" if reviews == 1 else "speak"
    if read_factors.read:
        st.subheader(f"{subject} {verb} of {counted(len(read_factors.read), 'factor')}", anchor=False)
    elif read_factors.not_measured:
        many = counted(len(read_factors.not_measured), "factor")
        st.subheader(f"{subject} may speak of {many}, but this run did not test that", anchor=False)
        _nothing_read(run, about, read_factors)
    else:
        st.subheader(f"{subject} {verb} of no factor above chance", anchor=False)
        _nothing_read(run, about, read_factors)
    read = {name: optional_table(run, name) for name in ("factors", "words", "associations")}
    tables = {name: table for name, table in read.items() if table is not None}
    rows = reading.set_index("factor")
    if read_factors.read:
        with st.grid(min_column_width=CARD):
            for row in descriptions(run.record, tables, about.given, read_factors.read[:MOST]):
                factor = row["factor"]
                with st.container(border=True, height="stretch", gap="small"):
                    _heading(about, factor)
                    of_all = f"{rows.base_rate[factor]:.0%} of all reviews"
                    mean = "" if reviews == 1 else "on average "
                    st.markdown(
                        f"{subject} {verb} of {_high_end(about, factor)}: **{rows.probability[factor]:.0%}** "
                        f"{mean}likely, against {of_all}."
                    )
                    films = " · ".join(film_title(title) for title in row["high"]["films"][:FILMS])
                    st.markdown(f"Films there: {films}")
                    if phrases := _phrases(highlights, factor):
                        st.caption(f"Phrases for it: {', '.join(phrases)}")
    if len(read_factors.read) > MOST:
        st.caption(f"The {MOST} farthest above their base rate. The chart below has all.")
    also = " too" if read_factors.read else ""
    if factors := read_factors.perhaps_luck:
        st.caption(f"{_are(factors)} above the base rate{also}, but that may be luck.")
    if factors := read_factors.not_measured:
        st.caption(
            f"{_are(factors)} above the base rate{also}. This run did not test if reviews reveal that."
        )


def _are(factors: Sequence[int]) -> str:
    """Return the subject and the verb of a sentence about factors, by number."""
    *others, last = map(str, factors)
    return f"Factors {', '.join(others)} and {last} are" if others else f"Factor {last} is"


def _nothing_read(run: FinishedRun, about: Factors, read_factors: FactorsRead) -> None:
    """Say why no factor was read, and what to do."""
    if read_factors.not_measured:
        if isinstance(about.readability, Unmeasured):
            st.info(plain(readability_summary(about.readability)), icon=":material/blur_on:")
        return
    if can_be_read(about.readability, about.verdict_words):
        st.info(
            "No factor stands out from its base rate. Try a longer review, or one of another film.",
            icon=":material/blur_on:",
        )
        return
    if tells_nothing(about.readability):
        why = readability_summary(about.readability)
    else:
        why = factors_that_are_read(about.readability, about.verdict_words, about.names)
        why = f"{why} So no review can count as speaking of a factor here."
    st.info(plain(why), icon=":material/blur_on:")
    if all(map(may_be_luck, about.verdict_words)):
        # That comes from the ratings, so more reviews would not help.
        st.page_link(
            "pages/1_Train.py",
            label="Train another run",
            icon=":material/model_training:",
            query_params={"part": "New run"},
        )
        return
    st.page_link(
        "pages/3_Reviews.py",
        label="Start a run on more reviews",
        icon=":material/reviews:",
        query_params={"run": run.run_id, "show": "New run"},
    )


def _phrases(highlights: Sequence[Mapping[str, Any]], factor: int) -> list[str]:
    """Return the strongest phrases for a factor in Markdown, each once."""
    words = [row["word"] for row in highlights if row["factor"] == factor and row["effect"] > 0]
    return list(dict.fromkeys(plain(f"“{' '.join(word.split())}”") for word in words))[:PHRASES]


def _heading(about: Factors, factor: int) -> None:
    with st.container(horizontal=True, gap="small"):
        swatch(factor)
        high, arrow, low = about.names.get(factor, "").partition(ARROW)
        name = f" · {plain(high)}" if high else ""
        st.markdown(f"**{plain(f'Factor {factor}')}{name}**" + (f" ↔ :gray[{plain(low)}]" if arrow else ""))
    verdict_badge(about, factor)


def _high_end(about: Factors, factor: int) -> str:
    """Return what a factor's high end is called, in Markdown."""
    high = about.names.get(factor, "").partition(ARROW)[0].removeprefix("≈ ")
    if not high or high == NO_MEANING:
        return f"the high end of factor {factor}"
    return f"**{plain(high)}**, the high end"
