"""The sources of a run's ratings and reviews, and the terms on which they are shown."""

from typing import Any

import streamlit as st

from core.data.reviews.registry import NAMED
from core.data.reviews.sources.combined import sources_in
from core.results.run_record import RunRecord
from pages.components.shared.runs import FinishedRun
from pages.components.shared.text import plain

MADE_UP = {
    "sample": "Sample text written for this project: these are no reviews by the public.",
    "planted": "Made-up data: films, people and reviews were generated; nothing in it is real.",
}
"""Notice required wherever made-up ratings or reviews are shown, by name of the source."""


def licence(run: FinishedRun) -> None:
    """Draw the sources and terms of the run's ratings and reviews; made-up ones are labelled as such."""
    ratings, reviews = run.record.ratings, run.record.reviews
    if ratings.instead_of:
        st.warning(
            plain(f"Real ratings could not be had, so this run shows made-up ones: {ratings.instead_of}")
        )
    for name in dict.fromkeys((*sources_in(reviews.source), ratings.name)):
        if name in MADE_UP:
            st.caption(f":material/info: **{MADE_UP[name]}**")
    st.caption(plain(f"Ratings: {ratings.name}. {ratings.licence}"))
    st.caption(plain(f"Reviews: {reviews.title}. {reviews.licence}"))


def source_of(record: RunRecord, review: Any) -> str:
    """Return the source, terms and date of fetching of a review, as far as the run knows them."""
    reviews = record.reviews
    if review.source in MADE_UP:
        return MADE_UP[review.source]
    fetched = getattr(review, "fetched", "")
    when = f" Fetched {fetched[:10]}." if isinstance(fetched, str) and fetched else ""
    named = NAMED[review.source].title if review.source in NAMED else review.source
    name = reviews.title if review.source == reviews.source else named
    return f"{name}: {getattr(review, 'licence', reviews.licence)}{when}"
