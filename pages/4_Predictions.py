"""Predictions: the grid of histograms, with and without the dominating factor, and what the reviews really tell."""

import streamlit as st

from core import figures, report
from core.figures import PANELS
from core.grade_tables import labels, readers
from core.profiles import with_names
from core.verdict import (
    READABILITY,
    calibration_line,
    leak_line,
    readability_line,
    readability_told,
    reader_line,
    threshold_line,
    verdict,
)
from core.verdict import held_out as graded_on
from pages.frame import (
    described,
    factors_of,
    grid,
    held_out_films,
    label_columns,
    licence,
    panels_a_row,
    plain,
    require_finished_run,
    set_up,
    show_chart,
    table,
)

store = set_up("Predictions")
run = require_finished_run(store)
grade, dominating = run.record["classifier"], run.record["dominating_factor"]
counts, without, tops = (
    table(run, name) for name in ("frequencies", "frequencies_without_dominating", "top_factors")
)
held_out, about = held_out_films(run), factors_of(run)

# How far to trust it, in short.
found = about.readability
told = f"{readability_told(found)} {reader_line(found)}"
if READABILITY[True] in about.told:
    st.info(told, icon=":material/chat:")
else:
    st.warning(told, icon=":material/comments_disabled:")
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
        "No factor is predicted in any review, so all panels are empty and none dominates. "
        f"{threshold_line(grade)} With fewer films, fewer factors or more top factors each label is more common.",
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

# What the reviews tell.
st.subheader("What the reviews tell", anchor=False)
st.write(f"{readability_line(found, about.count).capitalize()}.")
if "unmeasured" not in found:
    st.dataframe(
        readers(found),
        hide_index=True,
        width="content",
        column_config={
            "reader": st.column_config.TextColumn("LRAP (95 % interval)", width=170),
            "LRAP by review": st.column_config.TextColumn("a review at a time", width=150),
            "gain by review": st.column_config.TextColumn("classifier's gain", width=170),
            "LRAP by film": st.column_config.TextColumn("a film at a time", width=150),
            "gain by film": st.column_config.TextColumn("classifier's gain", width=170),
        },
    )
    st.caption(
        "Every review is read by models that never saw its film, in folds of whole films, the same for all. A film "
        "at a time: by all of its reviews together. Label frequencies say of each film what is true of most. On "
        "shuffled labels the classifier learned from each film the labels of another, so what it seems to tell is "
        "luck."
    )
    if not grade.get("folds"):
        st.caption(
            "The classifier here is a head on the frozen encoder. This run's own classifier, whose predictions are "
            "drawn above, was trained apart from the folds and is graded at the head of this page."
        )
    show_chart(
        figures.readability(found["per_label"], about.names),
        "readability",
        "Marks with intervals: how well reviews tell each factor, beside chance, shuffled labels and TF-IDF",
    )
    st.caption(
        "Readable and filled: beats both chance and shuffled labels beyond doubt, the luck of trying many factors "
        "allowed for."
    )
    if st.toggle("As a table", key="readability as table"):
        st.dataframe(
            described(labels(found["per_label"]), about), hide_index=True, column_config=label_columns()
        )
if not grade.get("folds"):
    st.markdown("**The run's own classifier, on reviews kept out, factor by factor**")
    st.dataframe(described(labels(grade["per_label"]), about), hide_index=True, column_config=label_columns())
st.caption(plain(leak_line(grade)))

# Whether probabilities mean what they say.
st.subheader("Whether the probabilities hold", anchor=False)
st.write(f"{calibration_line(grade)} {threshold_line(grade)}")
if curve := grade.get("reliability"):
    show_chart(
        figures.reliability(curve),
        "reliability",
        "Lines: how often a factor is true that is predicted with which probability, before and after calibration",
    )
    st.caption(
        "On the dashed line, what is given 30 % is true in 30 of 100 cases. Calibration stretches and shifts what "
        "the classifier says of each factor; here it is graded on films that it was not fitted on. A factor that "
        "reviews do not tell ends near its base rate, whatever the review."
    )

# All the numbers.
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
