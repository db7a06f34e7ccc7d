"""Start: what the selected run found, as headline, cards and grid, and where to go next; or the guided example.

`streamlit run app.py` imports this file once for `app`, which serves all pages, and runs it for each visit of Start.
"""

import streamlit as st

from pages.components.shared.browser.guards import GUARDS
from pages.components.shared.browser.html_page import ROUTES

EXPECT = {
    "pages/1_Train.py": "Train with other data or settings.",
    "pages/2_Factors.py": "Films, words and evidence of each factor.",
    "pages/3_Reviews.py": "Read reviews, fetch others, bring your own.",
    "pages/4_Predictions.py": "Histograms of all films, and scores.",
    "pages/5_Try_a_review.py": "Paste a review and see its factors.",
}
"""What to expect on each page."""

app = st.App(__file__, routes=ROUTES, middleware=GUARDS)
"""What the server serves."""


def start() -> None:
    """Draw the page."""
    # Imported here, so that the server needs nothing of them.
    from pages.components.predictions.film_by_film import film_by_film, first_films
    from pages.components.shared.browser.address import keep
    from pages.components.shared.factors import factors_of
    from pages.components.shared.page import PAGES, set_up
    from pages.components.shared.run_notes.progress import UNDER_WAY
    from pages.components.shared.run_notes.provenance import licence
    from pages.components.shared.run_notes.ratings_notes import ratings_notes
    from pages.components.shared.runs import chosen_run, require_finished_run, unfinished_run
    from pages.components.shared.text import errors
    from pages.components.start.guide import GUIDE, GUIDE_TITLE, guide
    from pages.components.start.results import (
        end_of_first_results,
        findings,
        first_findings,
        numbers,
        wait_for_results,
    )

    store = set_up("Factorscope")
    if GUIDE in st.query_params:
        guide(store)
        return

    with errors():
        job = chosen_run(store)
        early = unfinished_run(job, store) if job and job.state != "done" else None
    if job and early:
        about = factors_of(early)
        first_findings(early, about, job, store)
        if early.record.predictions:
            first_films(early, about)
        end_of_first_results(early, job, store)
        return
    if job and job.state in UNDER_WAY:
        wait_for_results(job.run_id, store)
        return

    run = require_finished_run(store)
    about = factors_of(run)
    findings(run, about, store)
    film_by_film(run, about, store, everything=False)
    numbers(run, about, store)
    ratings_notes(run)

    st.subheader("Where to go", anchor=False)
    st.write(
        "A recommender learns its factors from ratings alone. Factorscope uses reviews to find what each "
        "factor means. "
        "It also shows how far to trust that meaning."
    )
    with st.grid(min_column_width=150):
        for page, expected in EXPECT.items():
            name, icon = PAGES[page]
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.page_link(page, label=name, icon=icon, query_params={"run": run.run_id})
                st.caption(expected)
    st.button(GUIDE_TITLE, on_click=keep, args=(GUIDE, 1), icon=":material/school:")
    licence(run)


if __name__ == "__main__":
    start()
