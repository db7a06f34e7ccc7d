"""The films of a run with their histograms, the reviews behind a bar, and the histograms as files.

All choices are in the address. It is all one fragment, so a switch does not redraw the rest of the page.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.figures import Histograms
from core.results.film_tables import counts_of
from pages.components.predictions.behind import open_reviews_behind, reviews_behind
from pages.components.predictions.downloads import downloads
from pages.components.predictions.film_filter import films_of_page, pick_films
from pages.components.shared.address import keep, picked
from pages.components.shared.factors import Factors, described, factors_of, verdict_columns
from pages.components.shared.fitting import panels_a_row
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import grid, held_out_films, table
from pages.components.shared.text import plain

BARS = {"counts": "number of reviews", "shares": "share of reviews (%)"}
CLICKS = "clicks on the grid"
"""Session key of the number of bars that were opened and closed again."""
COLUMNS = {
    "reviews": st.column_config.NumberColumn(help="how many of the film's reviews were read"),
    "factor": st.column_config.NumberColumn(format="%d"),
    "count": st.column_config.NumberColumn("predicted in", help="reviews in which the factor is predicted"),
    "share": st.column_config.NumberColumn("share", format="%.0f %%", help="of the film's reviews"),
    "own": st.column_config.CheckboxColumn("top factor", help="one of the film's top factors by its ratings"),
    **verdict_columns(),
}


@st.fragment
def film_by_film(run: FinishedRun) -> None:
    """Draw the grid with its filters, the reviews behind a bar, and the downloads."""
    about, tops, held_out = factors_of(run), table(run, "top_factors"), held_out_films(run)
    everything = table(run, "frequencies")
    # Errors in a link are shown here; its dialog is drawn last, since marking words takes a while.
    notice = st.empty()
    films = pick_films(run)
    shares, hide = _switches(run, about)
    counts = table(run, "frequencies_without_dominating") if hide else everything
    histograms = Histograms(counts.head(0), tops, held_out, shares, about.names, about.verdict_words)
    if films.empty:
        st.info("No film of this run is like that. Clear the title, choose all genres or ask for less.")
    else:
        shown = counts_of(counts, films_of_page(films), tops)
        histograms = replace(histograms, counts=shown)
        key = _key()
        grid(histograms, about, panels_a_row(), key, partial(_clicked, key))
        if st.toggle("As a table", key="grid as table", bind="query-params"):
            order = ["title", *COLUMNS]
            order.insert(order.index("factor") + 1, "name")
            st.dataframe(
                described(shown, about),
                hide_index=True,
                key="grid table",
                column_order=order,
                column_config=COLUMNS,
            )
        _ways_to_the_reviews(films, shown, about)
    reviews_behind(run, everything, tops, about, notice)
    downloads(run, histograms, counts, hide)


def _switches(run: FinishedRun, about: Factors) -> tuple[bool, bool]:
    """Draw the switches; return whether bars are shares, and whether the dominating factor is left out."""
    predicted, dominating = run.record.predictions, run.record.dominating_factor
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        value = picked("bars", list(BARS), "counts", "what a bar can show")
        st.session_state["bars picker"] = value
        st.segmented_control(
            "A bar shows the",
            list(BARS),
            required=True,
            format_func=BARS.__getitem__,
            key="bars picker",
            on_change=lambda: keep("bars", st.session_state["bars picker"]),
        )
        hide = dominating is not None and st.toggle(
            # Without badges: a screen reader would read their signs aloud.
            f"Without the dominating factor ({plain(about.title(dominating))}, "
            f"{about.verdicts[dominating].word}: {predicted.of_dominating:,} of "
            f"{predicted.predicted:,} predictions)",
            key="without",
            bind="query-params",
            wrap=True,
        )
    return value == "shares", hide


def _key() -> str:
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


def _clicked(key: str) -> None:
    """Open the reviews behind the bar that was clicked."""
    if points := _points(key):
        film, factor = points[0]["customdata"][:2]
        open_reviews_behind(film, factor)


def _ways_to_the_reviews(films: pd.DataFrame, shown: pd.DataFrame, about: Factors) -> None:
    """Draw the way to the reviews behind a bar without a mouse."""
    titles = dict(zip(films.film_id, films.title, strict=True))
    st.markdown("**The reviews behind a bar**: click a bar, or choose it here.")
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    film = left.selectbox("Film", list(titles), format_func=titles.__getitem__, key="behind film")
    factor = middle.selectbox(
        "Factor", sorted(shown.factor.unique()), format_func=about.choice, key="behind factor"
    )
    right.button(
        "Read the reviews",
        icon=":material/reviews:",
        on_click=open_reviews_behind,
        args=(film, factor),
    )
