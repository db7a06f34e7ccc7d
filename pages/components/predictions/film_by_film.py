"""The films of a run with their histograms, the reviews behind a bar, and the histograms as files.

Pickers above the grid choose other films and labels: these are drawn at once, their predictions follow in seconds,
and their grades after that. All choices are in the address. `film_by_film` is one fragment, so a switch does not
redraw the rest of the page; nor does the rest wait for the reader. `first_films` draws the grid of a run under way.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import FactorscopeError
from core.figures import PANELS, Histograms
from core.results.artifacts import artifacts_of
from core.results.sentences import WHAT_LRAP_IS, grades_line
from core.results.tables.films import counts_of
from core.store import Store
from pages.components.predictions.behind import bar_clicked, key_of_grid, reviews_behind
from pages.components.predictions.downloads import downloads
from pages.components.predictions.film_filter import films_of_page, list_films, pick_films
from pages.components.predictions.grid_table import as_grid_table, ways_to_the_reviews
from pages.components.predictions.picks import Picks, back_or_keep, pick_labels, run_button
from pages.components.predictions.shown import (
    Shown,
    labels_so_far,
    other_labels,
    own_labels,
    with_predictions,
)
from pages.components.predictions.waiting import Question, ask, wait_for
from pages.components.shared import reader
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.browser.fitting import panels_a_row
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, UnfinishedRun
from pages.components.shared.show import grid, table
from pages.components.shared.text import errors, plain, sentence

BARS = {"shares": "share of reviews (%)", "counts": "number of reviews"}


@st.fragment
@errors()
def film_by_film(run: FinishedRun, about: Factors, store: Store, everything: bool = True) -> None:
    """Draw the pickers of films and labels, the grid, and the reviews behind a bar that is clicked.

    With `everything` also filters, the numbers as a table, and downloads.
    """
    notice = st.empty()
    # What has more or fewer elements stands in a container, so that what follows keeps its place.
    with st.container():
        picks = pick_labels(run, about, store)
    state = _place()
    artifacts = artifacts_of(run.folder, store)
    # A grid that moves would be drawn beside its predecessor while one waits.
    with st.container():
        if artifacts is None:
            _only_a_run(run, picks, store)
        else:
            # It takes seconds to open, and somebody who looks at the pickers may use them.
            reader.warm_reader(run)
            back_or_keep(run, picks, store)
    question = None
    try:
        if picks.is_own or artifacts is None:
            shown = own_labels(run)
        else:
            shown = other_labels(run, artifacts, picks.selection)
            question = ask(run, store, picks.selection, "labels")
            if question.is_answered:
                shown = with_predictions(shown, Path(question.answer.result()["folder"]))
    except FactorscopeError as error:
        # Once: the same refusal may stand beside the button that cannot be pressed.
        if (reason := sentence(str(error))) != picks.obstacle:
            state.text.warning(plain(reason), icon=":material/info:")
        return
    grades = _place()
    _draw(run, about, shown, notice, everything)
    if question is not None and shown.is_read:
        state.text.caption(_how_read(run))
        graded = ask(run, store, picks.selection, "grades of labels")
        _follow(graded, "Not graded yet …", grades, state)
        if graded.is_answered:
            grades.text.caption(plain(grades_line(**graded.answer.result())), help=WHAT_LRAP_IS)
    elif question is not None:
        grades.text.caption("Not graded yet.")
        _follow(question, "Reading the reviews …", state, state)


def first_films(run: UnfinishedRun, about: Factors) -> None:
    """Draw the grid of the first films of a run that is not done, and the reviews behind a bar that is clicked."""
    notice = st.empty()
    shown = labels_so_far(run)
    ranked = table(run, "chosen_films")
    # Most of the films that a run looks at may have no reviews.
    reviewed = ranked[ranked.film_id.isin(shown.counts.film_id)]
    counts = counts_of(shown.counts, reviewed.head(PANELS), shown.tops)
    histograms = Histograms(counts, shown.tops, set(), True, about.names, about.verdict_words)
    key = key_of_grid()
    grid(histograms, about, panels_a_row(), key, partial(bar_clicked, key))
    reviews_behind(run, shown, about, notice)


@dataclass(frozen=True)
class _Place:
    """Where a text will stand, or what is waited for until then.

    Nothing else ever takes the place of what is waited for: that draws itself once more after the page around it has
    changed, and an element there would stop the page in the browser.
    """

    waiting: DeltaGenerator
    text: DeltaGenerator


def _place() -> _Place:
    return _Place(st.container(), st.empty())


def _follow(question: Question, message: str, place: _Place, trouble: _Place) -> None:
    """Say in `place` that the question is under way, until the page is drawn with its answer; or what went wrong."""
    if not question.is_over:
        with place.waiting:
            wait_for(question, message)
    elif error := question.answer.exception():
        if not isinstance(error, FactorscopeError):
            raise error
        trouble.text.warning(plain(f"The reviews cannot be read for these labels. {sentence(str(error))}"))


def _how_read(run: FinishedRun) -> str:
    """Return who predicted other labels than the run's own, and what a run of them would do otherwise."""
    settings = run.record.run_settings
    sentences = [
        "Each film was read just now by a classifier that never saw it.",
        "The run's headline is about its own top factors.",
    ]
    if settings.classifier.phases:
        sentences.append("This run trained its encoder too. A run of these picks would do so again.")
    if settings.split == "random":
        sentences.append(
            "This preview keeps whole films apart. A run of these picks would split reviews at random."
        )
    return " ".join(sentences)


def _only_a_run(run: FinishedRun, picks: Picks, store: Store) -> None:
    """Say that other picks need a run, and draw the button that starts one."""
    st.caption(
        "The cache no longer has this run's encoded reviews. So other picks need a new run. The run's own "
        "films are below."
    )
    run_button("Start a run with these picks", run, picks, store)


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
        st.info("No film of this run matches. Clear the title, choose all genres or lower the numbers.")
    else:
        with st.container():
            drawn = counts_of(counts, films_of_page(films), shown.tops)
        histograms = replace(histograms, counts=drawn)
        key = key_of_grid() if shown.is_read else "grid of labels"
        columns = panels_a_row()
        grid(histograms, about, columns, key, partial(bar_clicked, key) if shown.is_read else "ignore")
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
            "Height of a bar",
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
            help=f"It has {most:,} of {total:,} predictions, so it may hide the other factors.",
        )
    return value == "shares", dominating if hide else None
