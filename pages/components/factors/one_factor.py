"""One factor: its films and words, distribution, similar factors, associations and example reviews."""

from typing import Any

import pandas as pd
import streamlit as st

from core import figures
from core.results import factor_tables as profiles
from core.results.film_tables import telling_reviews
from pages.components.factors.heading import heading
from pages.components.factors.words import DOWNLOADS, reviews_with_word, words_of_both_ends
from pages.components.shared.address import keep
from pages.components.shared.factors import FEW_RATINGS, Factors, swatch, verdict_badge
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import films_at_ends, optional_table, show_chart, table
from pages.components.shared.text import plain

VIEWS = ("Factor", "Film", "Map", "Model", DOWNLOADS)
"""The tabs of the page Factors."""
INTERVALS = "Lines: 95 % intervals; faint, hatched bars: the interval holds zero. "
LETTERS = 700
"""Characters of a review that are shown."""


def open_factor(factor: int) -> None:
    """Select a factor on the page Factors, from its next rerun on."""
    keep("factor", factor)
    st.session_state["view"] = VIEWS[0]


def one_factor(run: FinishedRun, about: Factors, factor: int, film: Any, rated: pd.DataFrame) -> None:
    """Draw a factor. `rated` are the films with enough ratings; `film` is the id of the marked film."""
    heading(run, about, factor)
    if nothing := about.means_nothing(factor):
        st.warning(nothing, icon=":material/blur_on:")
    _both_ends(run, about, factor, rated)
    _spread(run, about, factor, film, rated)
    _goes_with(run, about, factor)
    _speaks_of_it(run, about, factor)


@st.fragment
def _both_ends(run: FinishedRun, about: Factors, factor: int, rated: pd.DataFrame) -> None:
    """Draw the films and the words of both ends; a fragment, so that a pick does not redraw the rest of the page."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Films at each end**")
        _ends(about, factor, rated)
    with right:
        st.markdown("**Words of each end**")
        words = words_of_both_ends(run, about, factor)
    reviews_with_word(run, factor, words)


def _ends(about: Factors, factor: int, rated: pd.DataFrame) -> None:
    many = st.segmented_control(
        "Films at each end",
        (5, 10, 20),
        default=10,
        required=True,
        key="many",
        bind="query-params",
        label_visibility="collapsed",
    )
    ends = films_at_ends(about, factor, rated, many, "ends")
    enough = profiles.enough_ratings(FEW_RATINGS, about.least_ratings)
    st.caption(
        (INTERVALS if ends.low.notna().any() else "")
        + (f"† fewer than {enough:,} ratings." if ends.few.any() else "")
    )


def _spread(run: FinishedRun, about: Factors, factor: int, film: Any, rated: pd.DataFrame) -> None:
    films = table(run, "factors")
    bins = profiles.distribution(rated, factor)
    title, place = films.title[films.film_id == film].iloc[0], profiles.weight(films, film, factor)
    left, right = st.columns([5, 4])
    with left:
        show_chart(
            figures.distribution(bins, factor, about.names.get(factor, ""), about.unit, (title, *place)),
            "distribution",
            f"Bars: how many films have which weight on factor {factor}; a line marks the film picked",
            bins,
        )
        st.caption(
            "Line: the film picked above" + ("." if pd.isna(place[1]) else "; band: its 95 % interval.")
        )
    with right:
        _similar(about, factor, rated)


def _similar(about: Factors, factor: int, rated: pd.DataFrame) -> None:
    if about.count > 1:
        st.markdown("**Most similar factors** (correlation of the films' weights)")
    for row in profiles.alike(rated, factor).itertuples():
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            swatch(row.factor)
            st.button(
                plain(f"{about.title(row.factor)} ({row.correlation:+z.2f})"),
                key=f"alike {row.factor}",
                on_click=open_factor,
                args=(row.factor,),
                help="Open this factor",
            )
            verdict_badge(about, row.factor)


def _goes_with(run: FinishedRun, about: Factors, factor: int) -> None:
    st.subheader("What it goes with", anchor=False)
    associations = optional_table(run, "associations")
    if associations is None:
        st.info("This run is older than the comparison with genres and years; run it again to have it.")
        return
    rows = associations[associations.factor == factor]
    if rows.empty:
        st.info("Too few films have a known genre or year to compare.")
        return
    show_chart(
        figures.associations(rows, factor, about.names.get(factor, ""), about.difference),
        "associations",
        f"Marks with intervals: by how much the weights on factor {factor} differ by genre and by year",
        rows.drop(columns="factor"),
    )
    st.caption(
        "Mean weight of the films with a genre minus that of the others, and the change a decade later; in "
        "brackets how many films. All intervals hold together in 95 of 100 cases: they are widened for the "
        f"{len(associations):,} comparisons of this run. Filled and bold: clearly not zero. Films with at least "
        f"{about.least_ratings} ratings."
    )


def _speaks_of_it(run: FinishedRun, about: Factors, factor: int) -> None:
    st.subheader("Reviews that speak most of it", anchor=False)
    base = run.record.classifier.base_rates()
    if factor not in base:
        st.info("It is among no reviewed film's top factors, so no reviews were read for it in this run.")
        return
    labelled = table(run, "labelled_reviews")
    examples = telling_reviews(table(run, "predictions", factor=factor), labelled, factor)
    st.caption(
        f"The {len(examples)} of {labelled.film_id.nunique():,} films whose reviews are given the highest "
        f"probability, a review each. Its share of the reviews, the baseline, is {base[factor]:.0%}. "
        + (
            "Each was read by a model that never saw its film."
            if run.record.classifier.folds
            else "Most were trained on; those kept out say so on the page Reviews."
        )
    )
    for review in examples.itertuples():
        with st.container(border=True):
            kind = "one of the film's top factors" if review.own else "not one of its top factors"
            st.markdown(f"**{plain(review.title)}** · {review.probability:.0%} · {kind}")
            st.text(review.review if len(review.review) <= LETTERS else f"{review.review[:LETTERS]} […]")
