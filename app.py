"""Start page: what the app is, where the run stands, what it says, and what to do next."""

import streamlit as st

from core import jobs
from core.figures import PANELS
from core.verdict import (
    held_out,
    readability_told,
    reader_line,
    stability_line,
    threshold_line,
    verdict,
)
from pages.frame import (
    factors_of,
    grid,
    held_out_films,
    licence,
    panels_a_row,
    require_finished_run,
    set_up,
    show_stages,
    table,
)

store = set_up("Factorscope")

st.write(
    "A recommender learns numbers about films from ratings alone; these numbers are its factors. "
    "Factorscope measures what they mean by what people write about the films: a text classifier learns to read "
    "a film's top factors from its reviews, and every score stands beside its baseline."
)

run = require_finished_run(store)

# What the run says.
ratings, reviews, grade = run.record["ratings"], run.record["reviews"], run.record["classifier"]
model, dominating = run.record["factor_model"], run.record["dominating_factor"]
counts, tops = table(run, "frequencies"), table(run, "top_factors")
predicted, about = run.record["predictions"], factors_of(run)

st.subheader("What this run says", anchor=False)
licence(run)
st.markdown(
    f"- **Data.** {ratings['ratings']:,} ratings by {ratings['users']:,} users of {ratings['films']:,} films; "
    f"{reviews['reviews']:,} reviews of {reviews['films_with_reviews']:,} films. "
    f"{reviews['films_without']:,} films looked at have no reviews.\n"
    f"- **Ratings kept out** are predicted with an error (RMSE) of **{model['rmse_valid']:.3f} stars**; the "
    f"means of films and users alone, the baseline, reach {model['rmse_means']:.3f}.\n"
    f"- **Factors that repeat** when the model is trained on other people: {stability_line(about.stability)}.\n"
    f"- **Factors that reviews tell.** {readability_told(about.readability)}\n"
    f"- **Reviews kept out** ({held_out(grade)}): the true factors are ranked with an LRAP of "
    f"**{grade['lrap']:.3f}** (1 is perfect); label frequencies alone, the baseline, reach "
    f"{grade['lrap_baseline']:.3f}. {verdict(grade)} {reader_line(about.readability)}\n"
    + (
        f"- **One factor dominates**: {predicted['of_dominating']:,} of {predicted['predicted']:,} predictions "
        f"({predicted['share']:.0%}) are of {about.marked(dominating)}."
        if dominating is not None
        else f"- **No factor is predicted** in any review. {threshold_line(grade)}"
    )
)

st.subheader("What the reviews speak of, film by film", anchor=False)
films = counts.film_id.drop_duplicates()
first = films.head(PANELS)
grid(counts[counts.film_id.isin(first)], tops, held_out_films(run), about, panels_a_row(), "first grid")
st.page_link(
    "pages/4_Predictions.py",
    label=f"All {len(films)} films, scores and downloads",
    icon=":material/bar_chart:",
)

st.subheader("What to do next", anchor=False)
st.page_link("pages/2_Factors.py", label="See which films a factor puts first", icon=":material/tune:")
st.page_link("pages/3_Reviews.py", label="Read the reviews, or fetch other ones", icon=":material/reviews:")
st.page_link(
    "pages/5_Try_a_review.py", label="Paste a review and see its factors", icon=":material/edit_note:"
)
st.page_link(
    "pages/1_Train.py", label="Run it on other data or with other settings", icon=":material/model_training:"
)

with st.expander("How the run went, stage by stage"):
    show_stages(jobs.status(run.run_id, store))
    st.text(f"{run.record['seconds']:.0f} seconds in all; seed {run.record['seed']}")
