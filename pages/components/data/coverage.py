"""Coverage of the films by a run's source of reviews: in summary, and film by film."""

import pandas as pd
import streamlit as st

from core import figures
from core.data.reviews import coverage as covering
from core.results.sentences import reviews_line
from core.results.tables.spreadsheets import csv_for_spreadsheets
from core.store import Store
from pages.components.data.right_film import imdb_names
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors, interval_columns
from pages.components.shared.film_search import first_rows
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain

FILMS = ("title", "ratings", "reviews", "state", "reason", "how", "taken_for", "weight", "low", "high")
GUESSES = ("title", "taken_for", "how", "ratings", "reviews", "state", "reason")
"""Columns of the tables of films; in the table of guesses, the matched title is next to the film's own."""
COUNTS = {
    "share": st.column_config.NumberColumn("of all films", format="percent"),
    "films": st.column_config.NumberColumn(format="localized"),
    "reviews": st.column_config.NumberColumn(format="localized"),
}


def coverage_at_a_glance(run: FinishedRun, coverage: pd.DataFrame, is_recorded: bool) -> None:
    """Draw how many films the source knows, how many have reviews, and why the others are not read.

    `is_recorded` is whether the run recorded its coverage; an older run knows only the films that it checked.
    """
    reviewed = coverage.reviews > 0
    st.markdown(
        f"**{reviewed.sum():,} of {len(coverage):,}** {'rated films' if is_recorded else 'films looked at'} have "
        f"reviews in this source: {coverage.reviews.sum():,} reviews in all."
    )
    counts, bars = covering.state_counts(coverage), covering.reviews_a_film(coverage)
    left, right = st.columns(2)
    with left:
        show_chart(
            figures.films_by_state(counts),
            "films by state",
            "; ".join(f"{row.state}: {row.films} films" for row in counts.itertuples()),
            counts,
            COUNTS,
        )
    with right:
        show_chart(
            figures.reviews_a_film(bars),
            "reviews per film",
            "How many films have each number of reviews",
            bars,
        )
    with st.expander("All counts, and why films are not read", icon=":material/help:"):
        _counts(run, coverage, is_recorded)


def _counts(run: FinishedRun, coverage: pd.DataFrame, is_recorded: bool) -> None:
    """Draw the number of films at each step from the ratings to the reviews, and the reasons in between."""
    reviews, matched, reviewed = run.record.reviews, covering.matched(coverage), coverage.reviews > 0
    with st.grid(columns=4, min_column_width=150):
        _count("Films", f"{len(coverage):,}", "rated" if is_recorded else "looked at")
        if is_recorded:
            _count("Matched to the source", f"{matched.sum():,}", f"{matched.mean():.1%} of films")
        else:
            _count("Matched to the source", "not known", "older run")
        _count("With reviews", f"{reviewed.sum():,}", f"{reviewed.mean():.1%} of films")
        _count("Reviews", f"{coverage.reviews.sum():,}", f"of {reviewed.sum():,} films")
    st.markdown(
        f"This run looked at {reviews.films_with_reviews + reviews.films_without:,} films. It reads "
        f"{reviews.reviews:,} reviews of {reviews.films_with_reviews:,} films. {plain(reviews_line(reviews))}"
    )
    reasons = covering.reason_counts(coverage)
    if len(reasons):
        st.table(reasons.style.format({"films": "{:,}"}), hide_index=True)


def _count(label: str, count: str, note: str) -> None:
    st.metric(label, count, note, delta_color="off", delta_arrow="off", border=True, height="stretch")


def coverage_by_film(
    run: FinishedRun, coverage: pd.DataFrame, about: Factors, rank_by: int, store: Store
) -> None:
    """Draw the films with their state and match, filtered by title, state and guess, and offer them as CSV.

    `coverage` also has each film's `weight` on the factor that ranks the films.
    """
    guesses = covering.guessed(coverage)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Films whose title contains", key="search", bind="query-params")
        states = st.multiselect("State", covering.STATES, key="state", bind="query-params")
        only_guesses = guesses.any() and st.toggle(
            f"Only guessed matches ({guesses.sum():,})",
            key="guesses",
            bind="query-params",
            help="Films whose match is a guess. Correct a wrong match below.",
        )
    shown = coverage[guesses] if only_guesses else coverage
    shown = shown[shown.title.str.contains(title, case=False, regex=False)]
    shown = shown[shown.state.isin(states)] if states else shown
    shown = shown.sort_values(["reviews", "ratings"], ascending=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(shown):,} of {len(coverage):,} films", width="stretch")
        st.download_button(
            "These films (CSV)",
            lambda: _as_csv(_with_imdb_titles(shown, store)),
            f"coverage-{run.run_id}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
    data_table(
        _with_imdb_titles(first_rows(shown, "those with the most reviews"), store),
        hide_index=True,
        key="film by film",
        column_order=GUESSES if only_guesses else FILMS,
        column_config={
            "title": st.column_config.TextColumn(width="medium"),
            "reason": st.column_config.TextColumn("why not", width="medium"),
            "how": st.column_config.TextColumn("matched by", width="medium"),
            "taken_for": st.column_config.TextColumn(
                "matched title", help="The title on IMDb.", width="medium"
            ),
            "weight": st.column_config.NumberColumn(f"{about.title(rank_by)}: {about.unit}", format="%.2f"),
            **interval_columns(),
        },
    )


def _with_imdb_titles(coverage: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Return the films with the IMDb title of each that has an IMDb id, as `taken_for`."""
    if "imdb_id" not in coverage or coverage.imdb_id.isna().all():
        return coverage
    names = coverage.imdb_id.map(imdb_names(coverage.imdb_id, store))
    return coverage.assign(taken_for=names.fillna(coverage.imdb_id))


def _as_csv(coverage: pd.DataFrame) -> str:
    if "other_ids" in coverage:
        coverage = coverage.assign(other_ids=coverage.other_ids.map(" ".join))
    return csv_for_spreadsheets(coverage)
