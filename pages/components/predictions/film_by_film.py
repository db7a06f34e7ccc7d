"""The films of a run with their histograms, the reviews behind a bar, and the histograms as files.

Pickers above the grid choose other films and labels: these are drawn at once, their predictions follow in seconds,
and their grades after that. All choices are in the address. It is all one fragment, so a switch does not redraw the
rest of the page.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from core.errors import FactorscopeError
from core.figures import Histograms
from core.figures.grid.panels import OTHER
from core.results.artifacts import Artifacts, artifacts_of
from core.results.film_tables import counts_of
from core.results.sentences import grades_line
from core.store import Store
from pages.components.predictions.behind import open_reviews_behind, reviews_behind
from pages.components.predictions.downloads import downloads
from pages.components.predictions.film_filter import films_of_page, list_films, pick_films
from pages.components.predictions.grid_table import as_grid_table, ways_to_the_reviews
from pages.components.predictions.picks import Picks, back_or_keep, pick_labels, start_run
from pages.components.predictions.shown import (
    Shown,
    drop_earlier,
    other_labels,
    own_labels,
    waited_for,
    with_predictions,
)
from pages.components.shared import reader
from pages.components.shared.address import keep, picked
from pages.components.shared.factors import Factors
from pages.components.shared.fitting import panels_a_row
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import grid
from pages.components.shared.text import plain, sentence

BARS = {"shares": "share of reviews (%)", "counts": "number of reviews"}
CLICKS = "clicks on the grid"
"""Session key of the number of bars that were opened and closed again."""


@st.fragment
def film_by_film(run: FinishedRun, about: Factors, store: Store, everything: bool = True) -> None:
    """Draw the pickers of films and labels, the grid, and the reviews behind a bar that is clicked.

    With `everything` also filters, the numbers as a table, and downloads.
    """
    notice = st.empty()
    picks = pick_labels(run, about)
    state = st.empty()
    artifacts = artifacts_of(run.folder, store)
    # Containers keep the place of what follows, whatever is in them: a grid that moves would be drawn beside its
    # predecessor while one waits.
    with st.container():
        if artifacts is None:
            _only_a_run(run, picks, store)
        else:
            # It takes seconds to open, and somebody who looks at the pickers may use them.
            reader.warm_reader(run)
            back_or_keep(run, picks, store)
    try:
        shown = (
            own_labels(run) if picks.is_own or artifacts is None else _others(run, picks, artifacts, store)
        )
    except FactorscopeError as error:
        state.warning(plain(sentence(str(error))), icon=":material/info:")
        return
    grades = st.empty()
    _draw(run, about, shown, notice, everything)
    if not shown.is_own:
        _follow(run, store, picks, shown, state, grades)


def _others(run: FinishedRun, picks: Picks, artifacts: Artifacts, store: Store) -> Shown:
    """Return other films and labels, with predictions if the reader has answered."""
    shown = other_labels(run, artifacts, picks.selection)
    asked = reader.ask_about_labels(run, store, picks.selection, "labels")
    drop_earlier(asked)
    # An error of the reader is shown by `_follow`, below the labels.
    is_answered = asked.done() and not asked.cancelled() and asked.exception() is None
    return with_predictions(shown, Path(asked.result()["folder"])) if is_answered else shown


def _follow(
    run: FinishedRun, store: Store, picks: Picks, shown: Shown, state: DeltaGenerator, grades: DeltaGenerator
) -> None:
    """Wait for the predictions and draw them; or, where they are there, wait for the grades.

    Many parameters, since it goes on where `film_by_film` left off.
    """
    try:
        if not shown.is_read:
            grades.caption("Not graded yet.")
            waited_for(
                reader.ask_about_labels(run, store, picks.selection, "labels"), state, "Reading the reviews …"
            )
        else:
            state.caption(_how_read(run))
            asked = reader.ask_about_labels(run, store, picks.selection, "grades of labels")
            drop_earlier(asked)
            grades.caption(plain(grades_line(**waited_for(asked, grades, "Not graded yet …"))))
            return
    except FactorscopeError as error:
        state.warning(plain(f"The reviews cannot be read for these labels. {sentence(str(error))}"))
        return
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:
        # The whole page was drawn, by a link to these picks.
        st.rerun()


def _how_read(run: FinishedRun) -> str:
    """Return who predicted other labels than the run's own."""
    trained = (
        ""
        if run.record.classifier.folds
        else " This run trained its encoder too. A run of these picks would do so again."
    )
    return f"Read just now, each film by a classifier that never saw it.{trained}"


def _only_a_run(run: FinishedRun, picks: Picks, store: Store) -> None:
    """Say that other picks need a run, and draw the button that starts one."""
    st.caption(
        "The cache no longer has what this run made of its reviews. So other picks need a new run; below are the "
        "run's own films."
    )
    if st.button("Start a run with these picks", icon=":material/play_arrow:", disabled=picks.is_own):
        start_run(run, picks, store)


def _draw(run: FinishedRun, about: Factors, shown: Shown, notice: DeltaGenerator, everything: bool) -> None:
    listed = list_films(run, shown)
    with st.container():
        films = pick_films(listed, shown) if everything else listed.drop(columns="agreement")
    shares, left_out = _switches(about, shown)
    counts = shown.counts_without(left_out)
    histograms = Histograms(
        counts.head(0), shown.tops, shown.held_out, shares, about.names, about.verdict_words, shown.is_read
    )
    if films.empty:
        st.info("No film of this run is like that. Clear the title, choose all genres or ask for less.")
    else:
        with st.container():
            drawn = counts_of(counts, films_of_page(films), shown.tops)
        histograms = replace(histograms, counts=drawn)
        key = _key(shown)
        columns = panels_a_row()
        grid(histograms, about, columns, key, partial(_clicked, key) if shown.is_read else "ignore")
        if everything and shown.is_read:
            as_grid_table(drawn, about)
            ways_to_the_reviews(films, drawn, about)
    if shown.is_read:
        # Last, since marking words takes a while.
        reviews_behind(run, shown, about, notice)
        if everything:
            downloads(run, histograms, counts, left_out, shown.is_own)


def _switches(about: Factors, shown: Shown) -> tuple[bool, int | None]:
    """Draw the switches; return whether bars are shares, and the factor that is left out."""
    dominating, total = shown.dominating, int(shown.counts["count"].sum())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        value = picked("bars", list(BARS), "shares", "what a bar can show")
        st.session_state["bars picker"] = value
        st.segmented_control(
            "A bar shows the",
            list(BARS),
            required=True,
            format_func=BARS.__getitem__,
            key="bars picker",
            on_change=lambda: keep("bars", st.session_state["bars picker"]),
        )
        if dominating is None:
            return value == "shares", None
        most = int(shown.counts["count"][shown.counts.factor == dominating].sum())
        hide = st.toggle(
            # Without badges: a screen reader would read their signs aloud.
            f"Hide the most predicted factor ({plain(about.title(dominating))}, {about.verdicts[dominating].word})",
            key="without",
            bind="query-params",
            wrap=True,
            help=f"It has {most:,} of {total:,} predictions, so it may cover what else the reviews speak of.",
        )
    return value == "shares", dominating if hide else None


def _key(shown: Shown) -> str:
    """Return the key of the chart, a new one after each closed dialog.

    With a new key the chart forgets its selection, so the same bar can be clicked again.
    """
    if not shown.is_read:
        return "grid of labels"
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
        if factor != OTHER:
            open_reviews_behind(film, factor)
