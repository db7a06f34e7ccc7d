"""Start: what the app does, what the selected run says, and where to go next; or the guided example."""

import streamlit as st

from core import jobs
from core.figures import PANELS, Histograms
from core.results import factor_tables as profiles
from core.results.summary import HOW_CHOSEN, example_factor, goes_with, summary
from pages.components.shared.address import keep
from pages.components.shared.factors import described, factors_of, verdict_badge, verdict_columns
from pages.components.shared.fitting import panels_a_row
from pages.components.shared.page import PAGES, set_up
from pages.components.shared.provenance import licence
from pages.components.shared.runs import require_finished_run, show_stages
from pages.components.shared.show import films_at_ends, grid, held_out_films, optional_table, table
from pages.components.shared.text import plain
from pages.components.start.guide import GUIDE, GUIDE_TITLE, guide

EXPECT = {
    "pages/1_Train.py": "Run it on other data or with other settings, and see how far a run is.",
    "pages/2_Factors.py": "Each factor's films, how far it repeats, what it goes with; give it a name.",
    "pages/3_Reviews.py": "Read the reviews behind the numbers, fetch other ones, bring your own.",
    "pages/4_Predictions.py": "Film by film, which factors its reviews speak of; scores and downloads.",
    "pages/5_Try_a_review.py": "Paste a review and see which factors are read in it, and by which words.",
}
"""What to expect on each page."""
SHOWN_FILMS = 3
"""Films shown at each end of the example factor."""

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

left, right = st.columns(2, gap="large")
with left:
    st.subheader("What this run says", anchor=False)
    for heading, sentence in summary(run.record, about.marked).items():
        st.markdown(f"**{heading}.** {sentence}")

# The factor with the strongest evidence.
with right:
    st.subheader("The best-supported factor", anchor=False)
    factor = example_factor(about.verdict_words, about.strengths)
    if factor is None or about.means_nothing(factor):
        st.info(
            "No factor of this run is supported: all may be chance, or are shown as the fit left them. So no list of "
            "films is shown as an example. The preset “stable” keeps only as many factors as repeat.",
            icon=":material/blur_on:",
        )
        st.page_link("pages/1_Train.py", label="Train with the preset “stable”", icon=":material/tune:")
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(about.heading(factor))}**", width="content")
            verdict_badge(about, factor)
        rated = profiles.rated(table(run, "factors"), about.least_ratings)
        films_at_ends(about, factor, rated, SHOWN_FILMS, "example")
        associations = optional_table(run, "associations")
        genre = "" if associations is None else goes_with(associations, factor, about.difference)
        st.caption(plain(f"{genre} The factor was {HOW_CHOSEN}."))
        st.page_link(
            "pages/2_Factors.py",
            label=f"All about factor {factor}",
            icon=":material/tune:",
            query_params=here | {"factor": str(factor)},
        )

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
histograms = Histograms(shown, tops, held_out_films(run), names=about.names)
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
