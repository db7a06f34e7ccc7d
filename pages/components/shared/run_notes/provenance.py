"""The sources of a run's ratings and reviews, and the terms on which they are shown."""

from typing import Any

import streamlit as st

from core.data.reviews.registry import NAMED
from core.data.reviews.sources.combined import sources_in
from core.results.run_record import FirstResults, RunRecord
from pages.components.shared.runs import Run
from pages.components.shared.text import plain

MADE_UP = frozenset({"sample", "planted"})
"""Sources that are made up, which each page that shows them has to say; their licences do."""


def licence(run: Run, of_reviews: bool = True) -> None:
    """Draw the foot of a page: sources and terms of the run's ratings and reviews; made-up ones are called that.

    `of_reviews` is False where the page shows none of the run's reviews.
    """
    ratings, reviews = run.record.ratings, run.record.reviews
    if ratings.instead_of:
        st.warning(
            plain(f"Real ratings were not available, so this run shows made-up ones: {ratings.instead_of}")
        )
    made_up = {ratings.licence: ratings.name in MADE_UP}
    if reviews and of_reviews:
        made_up[reviews.licence] = bool(MADE_UP.intersection(sources_in(reviews.source)))
    terms = (f"**{plain(text)}**" if bold else plain(text) for text, bold in made_up.items())
    st.caption(f":material/info: {' '.join(terms)}")


def source_of(record: RunRecord | FirstResults, review: Any) -> str:
    """Return the source of a review, where a run has several, and the date of its fetching.

    Its terms stand at the foot of the page.
    """
    fetched = getattr(review, "fetched", "")
    parts = [f"Fetched {fetched[:10]}."] if isinstance(fetched, str) and fetched else []
    if record.reviews and len(sources_in(record.reviews.source)) > 1:
        parts.insert(0, f"{NAMED[review.source].title if review.source in NAMED else review.source}.")
    return " ".join(parts)
