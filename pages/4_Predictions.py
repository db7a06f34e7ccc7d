"""Predictions: the grid of histograms, with and without the dominating factor, and how far to trust it."""

import pandas as pd
import streamlit as st

from core import report
from core.figures import PANELS
from core.profiles import with_names
from core.verdict import held_out as graded_on
from core.verdict import verdict
from pages.frame import (
    described,
    factors_of,
    grid,
    held_out_films,
    licence,
    panels_a_row,
    require_finished_run,
    set_up,
    stability_column,
    table,
)

store = set_up("Predictions")
run = require_finished_run(store)
grade, dominating = run.record["classifier"], run.record["dominating_factor"]
counts, without, tops = (
    table(run, name) for name in ("frequencies", "frequencies_without_dominating", "top_factors")
)
held_out, about = held_out_films(run), factors_of(run)

# How far to trust it.
interval = grade["lrap_gain_interval"]
left, middle, right = st.columns(3)
left.metric("LRAP on reviews kept out (1 is perfect)", f"{grade['lrap']:.3f}", border=True, height="stretch")
middle.metric(
    "Baseline: label frequencies alone", f"{grade['lrap_baseline']:.3f}", border=True, height="stretch"
)
right.metric(
    "Gain over the baseline",
    f"{grade['lrap_gain']:+.3f}",
    "95 % interval {:+.3f} to {:+.3f}".format(*interval) if interval else "too few films for an interval",
    delta_color="off",
    delta_arrow="off",
    border=True,
)
st.caption(
    "LRAP, label ranking average precision: how high a review's true factors stand in the classifier's "
    f"ranking. Graded on {graded_on(grade)}. {verdict(grade)}"
)

if dominating is None:
    st.warning(
        f"No factor reaches the threshold of {grade['threshold']:.0%} in any review, so all panels are empty and "
        "none dominates. With fewer films, fewer factors or more top factors each label is more common.",
        icon=":material/info:",
    )

# Which films, in which order.
st.subheader("What the reviews speak of, film by film", anchor=False)
predicted = run.record["predictions"]
left, middle, right = st.columns([3, 2, 2])
wanted = left.text_input("Films whose title contains", key="title", bind="query-params")
order = middle.selectbox("Order by", ("ranking", "title", "reviews"), key="order", bind="query-params")
with right:
    columns = panels_a_row()
hide = dominating is not None and st.toggle(
    f"Without the dominating factor ({about.marked(dominating)}: "
    f"{predicted['of_dominating']:,} of {predicted['predicted']:,} predictions)",
    key="without",
    bind="query-params",
)

shown = without if hide else counts
films = shown[["film_id", "title", "reviews"]].drop_duplicates("film_id")
films = films[films.title.str.contains(wanted, case=False, regex=False)]
if order != "ranking":
    films = films.sort_values(order, ascending=order == "title", kind="stable")
if films.empty:
    st.info("No film of this run has that in its title. Clear the field to see all films.")
else:
    pages = [films[start : start + PANELS] for start in range(0, len(films), PANELS)]
    page = st.pagination(len(pages), key="page", bind="query-params") if len(pages) > 1 else 1
    # merge keeps the order of the films.
    grid(pages[page - 1][["film_id"]].merge(shown, on="film_id"), tops, held_out, about, columns, "grid")

# Factor by factor, and all the numbers.
st.subheader("Factor by factor, on reviews kept out", anchor=False)
st.dataframe(
    described(pd.DataFrame(grade["per_label"]), about),
    hide_index=True,
    column_config={
        "stability": stability_column(),
        "support": st.column_config.NumberColumn(
            "reviews with it", help="reviews kept out whose film has the factor"
        ),
        "base_rate": st.column_config.NumberColumn(
            "base rate", format="percent", help="share of the reviews trained on"
        ),
        "average_precision": st.column_config.NumberColumn("average precision", format="%.3f"),
        "chance": st.column_config.NumberColumn(
            "its baseline", format="%.3f", help="average precision of guessing"
        ),
        "auc": st.column_config.NumberColumn("AUC", format="%.3f", help="0.5 is guessing, 1 is perfect"),
    },
)
st.caption(f"None: no review kept out has the factor, or all have it. Note: {grade['leak']}.")
with st.expander("All counts"):
    st.dataframe(with_names(shown, about.names), hide_index=True)
with st.container(horizontal=True):
    st.download_button(
        "Counts (CSV)",
        lambda: with_names(shown, about.names).to_csv(index=False),
        f"frequencies-{run.run_id}.csv",
        "text/csv",
        on_click="ignore",
    )
    st.download_button(
        "Counts (Parquet)",
        lambda: with_names(shown, about.names).to_parquet(index=False),
        f"frequencies-{run.run_id}.parquet",
        "application/vnd.apache.parquet",
        on_click="ignore",
    )
    st.download_button(
        "Report (HTML, opens offline)",
        lambda: report.with_names((run.folder / "report.html").read_text(encoding="utf-8"), about.names),
        f"factorscope-{run.run_id}.html",
        "text/html",
        on_click="ignore",
    )
licence(run)
