"""The reviews behind a bar of the grid, in a dialog: the probability of each, and the words behind it.

The address names the open bar (`film` and `factor`), so a link can open the dialog too.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import FactorscopeError
from core.figures.grid.panels import OTHER
from pages.components.predictions.shown import Shown
from pages.components.shared.factors import Factors
from pages.components.shared.marking.marked import marked
from pages.components.shared.marking.moved import mark_phrases
from pages.components.shared.run_notes.provenance import source_of
from pages.components.shared.runs import FinishedRun, Run
from pages.components.shared.text import film_title, plain, sentence

REVIEW_COLUMNS = ("review_id", "review", "stars", "source", "fetched")
"""Columns shown of each review, if the run has them."""
A_PAGE = 5
"""Reviews per page of the dialog."""
CLICKS = "clicks on the grid"
"""Session key of the number of bars that were opened and closed again."""
KEYS = ("behind page", "behind all")
"""Keys of the dialog's widgets, which are reset for each bar."""


def key_of_grid() -> str:
    """Return the key of the chart, a new one after each closed dialog.

    With a new key the chart forgets its selection, so the same bar can be clicked again.
    """
    key = f"grid {st.session_state.get(CLICKS, 0)}"
    if "film" in st.query_params or not _points(key):
        return key
    st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1
    return f"grid {st.session_state[CLICKS]}"


def _points(key: str) -> list[dict[str, Any]]:
    selected = st.session_state.get(key)
    return selected["selection"]["points"] if selected else []


def bar_clicked(key: str) -> None:
    """Open the reviews behind the bar that was clicked in the chart with this key."""
    if points := _points(key):
        film, factor = points[0]["customdata"][:2]
        if factor != OTHER:
            open_reviews_behind(film, factor)


def open_reviews_behind(film_id: str, factor: int) -> None:
    """Open the reviews behind a bar when the page is next drawn."""
    begin_anew()
    st.query_params.update(film=film_id, factor=str(factor))


def begin_anew() -> None:
    """Let the dialog begin at its first page again."""
    for key in KEYS:
        st.session_state.pop(key, None)


def close_reviews_behind() -> None:
    """Close the reviews behind a bar."""
    for name in ("film", "factor"):
        st.query_params.pop(name, None)


def reviews_behind(run: Run, shown: Shown, about: Factors, notice: DeltaGenerator) -> None:
    """Draw the dialog if the address names a film and a factor; warn in `notice` if there is no such bar."""
    film, factor = st.query_params.get("film"), st.query_params.get("factor")
    if film is None or factor is None:
        return
    counts = shown.counts
    bar = counts[(counts.film_id == film) & (counts.factor.astype(str) == factor)]
    if bar.empty:
        notice.warning(
            plain(
                f"The link asks for film “{film[:40]}” and factor “{factor[:40]}”. This run has no such film, or the "
                "factor is none of its labels. All films are shown."
            )
        )
        close_reviews_behind()
        return
    reviews_dialog(run, shown, bar.iloc[0], about, close_reviews_behind)


def reviews_dialog(run: Run, shown: Shown, bar: Any, about: Factors, on_dismiss: Callable[[], None]) -> None:
    """Draw the reviews behind a bar, a row of `shown.counts`; `on_dismiss` is called when they close."""
    tops = shown.tops
    film_tops = tops[(tops.film_id == bar.film_id) & (tops.factor == bar.factor)]
    st.dialog(
        "The reviews behind a bar",
        width="large",
        icon=":material/reviews:",
        on_dismiss=on_dismiss,
    )(_show)(run, shown, bar, film_tops, about)


def _show(run: Run, shown: Shown, bar: Any, film_tops: pd.DataFrame, about: Factors) -> None:
    factor, predicted = int(bar.factor), int(bar["count"])
    st.markdown(f"**{film_title(bar.title)}** · {about.marked(factor)}")
    st.write(
        f"Predicted in **{predicted} of {bar.reviews}** reviews ({predicted / bar.reviews:.0%}). "
        + (
            f"Rank {film_tops['rank'].iloc[0]} of the film's top factors: {about.difference} "
            f"{film_tops.weight.iloc[0]:+z.2f}."
            if len(film_tops)
            else "Not one of the film's top factors."
        )
    )
    reviews = shown.reviews_of(bar.film_id, factor, REVIEW_COLUMNS)
    if not predicted:
        st.info("No review reaches the threshold. All reviews are shown, the most probable first.")
    elif not st.toggle("Include reviews in which the factor is not predicted", key="behind all"):
        reviews = reviews[reviews.predicted]
    label = shown.labels.get(factor)
    pages = range(0, len(reviews), A_PAGE)
    page = st.pagination(len(pages), key="behind page") if len(pages) > 1 else 1
    on_page = reviews.iloc[pages[page - 1] : pages[page - 1] + A_PAGE]
    places = []
    can_mark = isinstance(run, FinishedRun)
    if can_mark:
        # Without a text, `marked` returns the legend of the marks.
        st.html(marked("", [], []))
    state = st.empty()
    state.caption(
        "Marking the phrases that moved the factor …"
        if can_mark
        else "Only a finished run marks the phrases that moved the factor."
    )
    for review in on_page.itertuples():
        with st.container(border=True):
            facts = ["predicted" if review.predicted else "not predicted"]
            facts += [f"threshold {label.threshold:.1%}", f"base rate {label.base_rate:.1%}"] if label else []
            facts += ["no stars given" if pd.isna(review.stars) else f"{review.stars:g} of 10 stars"]
            st.markdown(f"**{review.probability:.1%}** · {plain(' · '.join(facts))}")
            places.append(st.empty())
            places[-1].html(marked(review.review, [], [], legend=False))
    st.caption(
        plain(
            "Probability: how likely it is that the review carries the factor. "
            + ("Base rate: the share of the training reviews that carry it. " if label else "")
            + " ".join(dict.fromkeys(source_of(run.record, review) for review in on_page.itertuples()))
        )
    )
    if not isinstance(run, FinishedRun):
        return
    # The texts are on screen; now mark the phrases that moved the factor, one review at a time.
    try:
        mark_phrases(run, factor, on_page.review, places)
    except FactorscopeError as error:
        state.warning(plain(f"The phrases cannot be marked. {sentence(str(error))}"))
        return
    state.caption(
        "The run's own classifier marked the phrases. "
        + (
            "The probability comes from a classifier trained the same way, which never saw the film."
            if shown.by_folds
            else "It also gave the probability."
        )
    )
