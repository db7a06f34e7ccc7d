"""How far to trust the predictions of a run: its scores beside baselines, factor by factor, and its probabilities."""

import streamlit as st

from core import figures
from core.formatting import interval
from core.results.run_record import ClassifierRecord, Readability
from core.results.sentences import (
    WHAT_LRAP_IS,
    calibration_line,
    gain_line,
    graded_on,
    leak_line,
    readability_line,
    readability_summary,
    reader_line,
    threshold_line,
)
from core.results.tables.scores import labels, readers, reliability_table
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors, described, label_columns
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain

SHOWN_LABELS = 15
"""Factors in the chart of readability until the user asks for all."""


def how_sure(run: FinishedRun, about: Factors) -> None:
    """Draw the statistics behind the headline, once somebody asks for them."""
    grade = run.record.classifier
    part = st.expander(
        "How sure?", icon=":material/query_stats:", key="how_sure", on_change="rerun", bind="query-params"
    )
    if not part.open:
        return
    with part:
        _scores(grade)
        if run.record.dominating_factor is None:
            st.caption(f"No factor is predicted in any review. {threshold_line(grade)}")
        st.markdown("**Which factors reviews reveal**")
        _readability(run, about)
        st.markdown("**What the probabilities mean**")
        _calibration(grade)


def _scores(grade: ClassifierRecord) -> None:
    left, middle, right = st.columns(3)
    left.metric("LRAP on reviews kept out", f"{grade.lrap:.3f}", border=True, height="stretch")
    middle.metric(
        "Baseline: label frequencies alone", f"{grade.lrap_baseline:.3f}", border=True, height="stretch"
    )
    ends = grade.lrap_gain_interval
    right.metric(
        "Gain over the baseline",
        f"{grade.lrap_gain:+z.3f}",
        interval(ends, "+z.3f") if ends else "too few films for an interval",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    st.caption(
        plain(
            f"{WHAT_LRAP_IS} It is short for label ranking average precision. {graded_on(grade)} {gain_line(grade)}"
        )
    )


def _readability(run: FinishedRun, about: Factors) -> None:
    readability, grade = about.readability, run.record.classifier
    st.write(plain(f"{readability_summary(readability)} {reader_line(readability)}"))
    if isinstance(readability, Readability):
        st.caption(plain(readability_line(readability, about.count)))
        data_table(
            readers(readability),
            hide_index=True,
            width="content",
            column_config={
                "reader": st.column_config.TextColumn("LRAP (95% interval)", width=166),
                "LRAP by review": st.column_config.TextColumn("a review at a time", width=140),
                "gain by review": st.column_config.TextColumn("classifier's gain", width=162),
                "LRAP by film": st.column_config.TextColumn("a film at a time", width=140),
                "gain by film": st.column_config.TextColumn("classifier's gain", width=162),
            },
        )
        st.caption(
            "Each review is read by models that never saw its film. The folds are the same for all models. “A "
            "film at a time” reads all of a film's reviews together. Label frequencies rank the factors of every "
            "film by how common they are. Shuffled labels: the classifier learned the labels of other films, so "
            "its score is luck."
        )
        if not grade.folds:
            st.caption(
                "The classifier here is a head on the frozen encoder. The grid shows the run's own classifier. It "
                "was trained apart from the folds. Its score is above."
            )
        _by_factor(readability, about)
    if not grade.folds:
        st.markdown("**The run's own classifier, on reviews kept out, factor by factor**")
        data_table(described(labels(grade.per_label), about), hide_index=True, column_config=label_columns())
    st.caption(plain(leak_line(grade)))


def _by_factor(readability: Readability, about: Factors) -> None:
    many = len(labels(readability.per_label))
    every = many <= SHOWN_LABELS or st.toggle(
        f"All {many} factors",
        key="every_label",
        bind="query-params",
        help=f"Otherwise the {SHOWN_LABELS} with the largest gain over chance.",
    )
    figure = figures.readability(
        [label.plain() for label in readability.per_label], about.names, None if every else SHOWN_LABELS
    )
    show_chart(
        figure,
        "readability",
        "Marks with intervals: how well reviews reveal each factor, compared with chance, shuffled labels and TF-IDF",
        described(labels(readability.per_label), about),
        label_columns(),
    )
    drawn = {trace.name for trace in figure.data if trace.showlegend}
    parts = {
        "readable": "A filled circle is a factor that reviews reveal: it beats chance and shuffled labels. "
        "The test allows for trying all factors.",
        "not readable": "An empty circle is a factor that does not surely beat both.",
        "not measured": "A square is a factor with too few films to test.",
    }
    lines = "Lines are 95% intervals of the classifier."
    st.caption(" ".join([*(meaning for name, meaning in parts.items() if name in drawn), lines]))


def _calibration(grade: ClassifierRecord) -> None:
    st.write(plain(f"{calibration_line(grade)} {threshold_line(grade)}"))
    if curve := grade.reliability:
        show_chart(
            figures.reliability(curve.plain()),
            "reliability",
            "Lines: how often a factor is true by its predicted probability, before and after calibration",
            reliability_table(curve),
        )
        st.caption(
            "On the dashed line, a prediction of 30% is true in 30 of 100 cases. Calibration stretches and "
            "shifts the probabilities of each factor. It is graded on films that it was not fitted on. A factor "
            "that reviews do not reveal gets about its base rate in every review."
        )
