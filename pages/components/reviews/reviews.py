"""Reviews: their texts with the search words marked, page by page, and the source of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.data.reviews.search import places_of
from core.data.reviews.sources.combined import sources_in
from core.data.reviews.sources.tmdb.expiry import NAME as TMDB
from core.data.reviews.sources.tmdb.expiry import outdated
from core.data.reviews.sources.tmdb.queries import PAGES_AT
from core.results.factor_names import numbered
from core.results.run_record import RunRecord
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.factors import factors_of
from pages.components.shared.marking.found import LONG, with_marks
from pages.components.shared.run_notes.provenance import source_of
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import table
from pages.components.shared.text import film_title, plain

A_PAGE = 10
"""Reviews per page."""
LOGO = (
    f"{PAGES_AT}assets/2/v4/logos/v2/blue_short-8e7b30f73a4020692ccca9c88bafe5dcb6f8a62a4c6bc55cd9ba82bb2cd95f6c"
    ".svg"
)
"""TMDB's logo, which its terms require; the browser loads it from TMDB, so that it is unaltered."""


def tmdb_attribution(run: FinishedRun) -> None:
    """Draw TMDB's logo and address if the run read its reviews."""
    if TMDB in sources_in(run.record.reviews.source):
        st.image(LOGO, width=110, link=PAGES_AT, alt="TMDB")
        st.caption(f"The Movie Database is at [www.themoviedb.org]({PAGES_AT}).")


def warn_of_old_texts(run: FinishedRun) -> None:
    """Say which reviews of TMDB may no longer be kept."""
    if TMDB not in sources_in(run.record.reviews.source):
        return
    reviews = table(run, "labelled_reviews")
    old = reviews[outdated(reviews)]
    if len(old):
        st.warning(
            f"{len(old):,} of the {len(reviews):,} reviews of this run came from TMDB more than six months "
            f"ago (first: {old.fetched.min()[:10]}). TMDB's terms forbid longer use, so their texts are hidden. "
            "Start a new run to fetch them again. Delete this run on the page Train."
        )
        st.page_link("pages/1_Train.py", label="Start a new run, or delete this one", icon=":material/tune:")


def show_reviews(run: FinishedRun, reviews: pd.DataFrame, words: list[str], titled: bool) -> None:
    """Draw the reviews page by page, with the words marked; if `titled`, each names its film."""
    pages = -(-len(reviews) // A_PAGE)
    page = picked("reviews_page", range(1, pages + 1), 1, "a page of these reviews")
    names = factors_of(run).names
    on_page = reviews[(page - 1) * A_PAGE : page * A_PAGE]
    predictions = table(run, "predictions")
    predictions = predictions[predictions.review_id.isin(on_page.review_id)]
    predictions = predictions.sort_values("probability", ascending=False, kind="stable")
    read = {review: rows.factor[rows.predicted].tolist() for review, rows in predictions.groupby("review_id")}
    for review in on_page.itertuples():
        with st.container(border=True):
            if titled:
                st.markdown(f"**{film_title(review.title)}**")
            if words:
                st.html(with_marks(review.review, places_of(review.review, words)))
                if len(review.review) > LONG:
                    with st.expander("Whole review"):
                        st.text(review.review)
            else:
                st.text(review.review)
            with st.container(horizontal=True, vertical_alignment="center"):
                lines = _about(run.record, review, names, read.get(review.review_id))
                st.caption("  \n".join(map(plain, lines)), width="stretch")
                address = getattr(review, "address", None)
                if isinstance(address, str) and address.startswith("https://"):
                    st.link_button(
                        "Open at the source", address, icon=":material/open_in_new:", type="tertiary"
                    )
    if pages > 1:
        # One pager per page: a pager whose page is set here would warn about its default.
        key = f"pager at {page}"
        st.pagination(
            pages, default=page, key=key, on_change=lambda: keep("reviews_page", st.session_state[key])
        )


def _about(record: RunRecord, review: Any, names: Mapping[int, str], read: Sequence[int] | None) -> list[str]:
    """Return lines about a review: stars and source, the factors of its film, and those `read` in it, if known."""

    def listed(factors: Iterable[int]) -> str:
        return " · ".join(numbered(factor, names.get(factor, "")) for factor in factors)

    stars = "No stars given." if pd.isna(review.stars) else f"{review.stars:g} of 10 stars."
    language = getattr(review, "language", "en")
    foreign = "" if language == "en" else f"The review seems to be in another language (“{language}”)."
    lines = [
        " ".join(filter(None, (stars, foreign, source_of(record, review)))),
        f"Top factors of the film: {listed(map(int, review.factors.split(';')))}",
    ]
    if read is not None:
        reader = (
            "by a model that never saw the film"
            if record.classifier.folds
            else "in this review, which was kept out of training"
            if review.held_out
            else "in this review, which was also used in training"
        )
        lines.append(f"Factors read {reader}: {listed(read) or 'none'}")
    return lines
