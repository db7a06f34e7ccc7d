"""Predictions: the grid of histograms, with or without the dominating factor, and how good they are."""

import streamlit as st

from core import figures
from core.formatting import interval
from core.results import report
from core.results.run_record import Readability
from core.results.score_tables import labels, readers, reliability_table
from core.results.sentences import (
    calibration_line,
    gain_line,
    graded_on,
    leak_line,
    readability_line,
    readability_summary,
    reader_line,
    threshold_line,
)
from pages.components.predictions.film_by_film import film_by_film
from pages.components.shared.factors import described, factors_of, label_columns
from pages.components.shared.page import set_up
from pages.components.shared.provenance import licence
from pages.components.shared.runs import require_finished_run
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain

SHOWN_LABELS = 15
"""Factors in the chart of readability until the user asks for all."""

store = set_up("Predictions")
run = require_finished_run(store)
grade, about = run.record.classifier, factors_of(run)

# A summary of how far to trust the predictions.
readability = about.readability
if isinstance(readability, Readability) and any(label.readable for label in readability.per_label):
    st.info(f"{readability_summary(readability)} {reader_line(readability)}", icon=":material/chat:")
else:
    # If no factor is readable, the difference between the readers means nothing.
    st.warning(readability_summary(readability), icon=":material/comments_disabled:")
ends = grade.lrap_gain_interval
left, middle, right = st.columns(3)
left.metric("LRAP on reviews kept out (1 is perfect)", f"{grade.lrap:.3f}", border=True, height="stretch")
middle.metric(
    "Baseline: label frequencies alone", f"{grade.lrap_baseline:.3f}", border=True, height="stretch"
)
right.metric(
    "Gain over the baseline",
    f"{grade.lrap_gain:+z.3f}",
    interval(ends, "+z.3f") if ends else "too few films for an interval",
    delta_color="off",
    delta_arrow="off",
    border=True,
)
st.caption(
    "LRAP, label ranking average precision: how high a review's true factors stand in the classifier's "
    f"ranking. {graded_on(grade)} {gain_line(grade)}"
)

if run.record.dominating_factor is None:
    st.warning(
        "No factor is predicted in any review, so all panels are empty and none dominates. "
        f"{threshold_line(grade)} With fewer films, fewer factors or more top factors each label is more common.",
        icon=":material/info:",
    )

# The histograms.
st.subheader("What the reviews speak of, film by film", anchor=False)
film_by_film(run, about, store)

# Which factors are readable.
st.subheader("What the reviews tell", anchor=False)
st.write(f"{readability_line(readability, about.count).capitalize()}.")
if isinstance(readability, Readability):
    st.dataframe(
        readers(readability),
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
    if not grade.folds:
        st.caption(
            "The classifier here is a head on the frozen encoder. This run's own classifier, whose predictions are "
            "drawn above, was trained apart from the folds and is graded at the head of this page."
        )
    many = len(labels(readability.per_label))
    every = many <= SHOWN_LABELS or st.toggle(
        f"All {many} factors",
        key="every_label",
        bind="query-params",
        help=f"else the {SHOWN_LABELS} with the largest gain over chance",
    )
    show_chart(
        figures.readability(
            [label.plain() for label in readability.per_label], about.names, None if every else SHOWN_LABELS
        ),
        "readability",
        "Marks with intervals: how well reviews tell each factor, beside chance, shuffled labels and TF-IDF",
        described(labels(readability.per_label), about),
        label_columns(),
    )
    st.caption(
        "Circles and squares: the classifier, with 95 % intervals. Readable, and filled: it beats both chance and "
        "shuffled labels beyond doubt, the luck of trying many factors allowed for."
    )
if not grade.folds:
    st.markdown("**The run's own classifier, on reviews kept out, factor by factor**")
    st.dataframe(described(labels(grade.per_label), about), hide_index=True, column_config=label_columns())
st.caption(plain(leak_line(grade)))

# Whether the probabilities are calibrated.
st.subheader("Whether the probabilities hold", anchor=False)
st.write(f"{calibration_line(grade)} {threshold_line(grade)}")
if curve := grade.reliability:
    show_chart(
        figures.reliability(curve.plain()),
        "reliability",
        "Lines: how often a factor is true that is predicted with which probability, before and after calibration",
        reliability_table(curve),
    )
    st.caption(
        "On the dashed line, what is given 30 % is true in 30 of 100 cases. Calibration stretches and shifts what "
        "the classifier says of each factor; here it is graded on films that it was not fitted on. A factor that "
        "reviews do not tell ends near its base rate, whatever the review."
    )

# The report.
st.download_button(
    "Report (HTML, opens offline)",
    lambda: report.with_names((run.folder / "report.html").read_text(encoding="utf-8"), about.given),
    f"factorscope-{run.run_id}.html",
    "text/html",
    on_click="ignore",
)
licence(run)
