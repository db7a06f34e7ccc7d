"""Where the ratings and reviews of a run come from, and on what terms they are shown."""

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
"""What has to be said wherever such ratings or reviews are shown, by the name of the source."""


def licence(run: FinishedRun) -> None:
    """Draw where the run's ratings and reviews come from and on what terms; made-up ones are called that."""
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
    """Return where a review comes from, on what terms, and when it was fetched, as far as the run knows."""
    found = record.reviews
    if review.source in MADE_UP:
        return MADE_UP[review.source]
    fetched = getattr(review, "fetched", "")
    when = f" Fetched {fetched[:10]}." if isinstance(fetched, str) and fetched else ""
    named = NAMED[review.source].title if review.source in NAMED else review.source
    name = found.title if review.source == found.source else named
    return f"{name}: {getattr(review, 'licence', found.licence)}{when}"
