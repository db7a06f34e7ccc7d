"""Start: what the app does, what the selected run says, and where to go next; or the guided example."""

import streamlit as st

from core import jobs
from core.figures import PANELS, Histograms
from core.results.summary import summary
from pages.components.shared.address import keep
from pages.components.shared.factors import described, factors_of, verdict_columns
from pages.components.shared.fitting import panels_a_row
from pages.components.shared.page import PAGES, set_up
from pages.components.shared.provenance import licence
from pages.components.shared.runs import require_finished_run, show_stages
from pages.components.shared.show import grid, held_out_films, table
from pages.components.start.best_factors import best_factors
from pages.components.start.guide import GUIDE, GUIDE_TITLE, guide

EXPECT = {
    "pages/1_Train.py": "Run it on other data or with other settings, and see how far a run is.",
    "pages/2_Factors.py": "Each factor's films, how far it repeats, what it goes with; give it a name.",
    "pages/3_Reviews.py": "Read the reviews behind the numbers, fetch other ones, bring your own.",
    "pages/4_Predictions.py": "Film by film, which factors its reviews speak of; scores and downloads.",
    "pages/5_Try_a_review.py": "Paste a review and see which factors are read in it, and by which words.",
}
"""What to expect on each page."""

store = set_up("Factorscope")
if GUIDE in st.query_params:
    guide(store)
    st.stop()

st.write(
    "A recommender learns numbers about films from ratings alone; these numbers are its factors. "
    "Factorscope measures what they mean by what people write about the films: a text classifier learns to read "
    "a film's top factors from its reviews, and every score stands beside its baseline."
)
st.button(GUIDE_TITLE, on_click=keep, args=(GUIDE, 1), icon=":material/school:")

run = require_finished_run(store)
about, here = factors_of(run), {"run": run.run_id}

best_factors(run, about)

st.subheader("What this run says", anchor=False)
for heading, sentence in summary(run.record, about.marked).items():
    st.markdown(f"**{heading}.** {sentence}")

st.subheader("Where to go", anchor=False)
with st.grid(min_column_width=150):
    for page, expected in EXPECT.items():
        name, icon = PAGES[page]
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.page_link(page, label=name, icon=icon, query_params=here)
            st.caption(expected)

st.subheader("What the reviews speak of, film by film", anchor=False)
counts, tops = table(run, "frequencies"), table(run, "top_factors")
films = counts.film_id.drop_duplicates()
first = films.head(PANELS)
shown = counts[counts.film_id.isin(first)]
histograms = Histograms(shown, tops, held_out_films(run), names=about.names, verdicts=about.verdict_words)
grid(histograms, about, panels_a_row(), "first grid")
if st.toggle("As a table", key="first grid as table", bind="query-params"):
    st.dataframe(
        described(shown.drop(columns="film_id"), about), hide_index=True, column_config=verdict_columns()
    )
st.page_link(
    "pages/4_Predictions.py",
    label=f"All {len(films)} films, scores and downloads",
    icon=":material/bar_chart:",
    query_params=here,
)

with st.expander("How the run went, stage by stage"):
    show_stages(jobs.status(run.run_id, store))
    st.text(f"{run.record.seconds:.0f} seconds in all; seed {run.record.seed}")
licence(run)
