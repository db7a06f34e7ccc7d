"""The second half of the guided example: readability, one film with its ground truth, and the errors."""

import streamlit as st

from core import figures
from core.classification.frequencies import without_factor
from core.results import ground_truth
from core.results.sentences import graded_on, reader_line
from pages.components.shared.browser.address import picked, picker
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import described, verdict_columns
from pages.components.shared.show import show_chart, table
from pages.components.shared.text import plain
from pages.components.start.lesson.what import Lesson, question

FILM = "guide_film"
"""Name of the selected film in the address."""
FACTORS = "guide_factors"
"""Name in the address of the choice that leaves out the dominating factor."""
MOST_WRONG = 8
"""Films shown as those with the largest disagreement."""


def what_reviews_tell(lesson: Lesson) -> None:
    grade = lesson.run.record.classifier
    labelled, predictions = table(lesson.run, "labelled_reviews"), table(lesson.run, "predictions")
    readings = ground_truth.readings(predictions, labelled, lesson.ground_truth, lesson.matching)
    grades = ground_truth.grades(grade)
    st.write(
        "A classifier learned from reviews which factors their films have. It never saw the planted themes. "
        "The table shows how well it recognises them."
    )
    data_table(
        described(readings.drop(columns="reviews"), lesson.about),
        hide_index=True,
        width="content",
        column_config={
            "films": st.column_config.NumberColumn(help="How many carry the theme."),
            "auc": st.column_config.NumberColumn("AUC", format="%.3f", help="0.5 is guessing, 1 is perfect."),
            **verdict_columns(),
        },
    )
    st.caption(
        "The AUC compares two reviews, of a film with the theme and of one without. "
        "It says how often the first gets the higher probability. Guessing reaches 0.5."
    )
    show_chart(
        figures.compared_values(
            grades, f"{grade.reviews_held_out:,} reviews held out", "LRAP (1 is perfect)", most=1.05
        ),
        "grades",
        "Dots: how well the classifier and its baselines rank the factors",
        grades.drop(columns="own"),
        {name: st.column_config.NumberColumn(format="%.3f") for name in ("value", "low", "high")},
    )
    st.caption(
        "Here the truth is the factors that the ratings gave. They should come first in the classifier's ranking. "
        "LRAP is 1 if they always do. The line is a 95% interval."
    )
    with st.expander("How do we know?", icon=":material/help:"):
        st.write(plain(f"{graded_on(grade)} {reader_line(lesson.about.readability)}"))
        st.write("The verdict says whether a factor repeats, and whether reviews reveal it.")
    shuffled = grade.baselines.get("shuffled")
    question(
        "Give each film another film's factors, then let the classifier learn. What happens?",
        "It can learn only how common each factor is. So it should do little better than label frequencies. "
        + (
            "This older run did not measure it."
            if shuffled is None
            else f"Measured: it reaches {shuffled.lrap:.3f}; label frequencies reach {grade.lrap_baseline:.3f}. "
            f"With the true labels it reaches {grade.lrap:.3f}."
        ),
    )


def one_film(lesson: Lesson) -> None:
    record, matching = lesson.run.record, lesson.matching
    counts, dominating = table(lesson.run, "frequencies"), record.dominating_factor
    titles = dict(zip(counts.film_id, counts.title, strict=True))
    theme = None if dominating is None else matching.theme_of.get(dominating)
    first = ground_truth.example_film(counts, lesson.ground_truth, theme)
    film = picked(FILM, list(titles), first, "a film of the guided example")
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        picker("Film (type to search)", FILM, list(titles), film, format_func=titles.__getitem__)
    leave_out = False
    if dominating is not None:
        choices = {"all": "All factors", "others": f"All but {lesson.named(dominating)}, the dominating one"}
        shown_factors = picked(FACTORS, list(choices), "all", "“all” or “others”, which factors are shown")
        leave_out = shown_factors == "others"
        with right:
            picker("Factors", FACTORS, list(choices), shown_factors, format_func=choices.__getitem__)
    shown = without_factor(counts, dominating) if leave_out else counts
    shown = ground_truth.film_reading(shown, film, lesson.ground_truth, matching)
    themes = " and ".join(ground_truth.planted_in(lesson.ground_truth, film))
    st.write(
        plain(
            f"{titles[film]} was planted with {themes}. A bar shows in how many of its reviews a factor is "
            "predicted. The model never saw what was planted."
        )
    )
    show_chart(
        figures.film_beside_truth(shown, titles[film], lesson.about.names),
        "film beside truth",
        "Bars: in how many of the film's reviews each factor is predicted; planted ones are marked",
        shown,
    )
    st.caption("The film carries the themes of full bars, marked “planted”. It does not carry the pale ones.")
    if dominating is None:
        return
    share, equal = record.predictions.share, ground_truth.equal_share(record.classifier.labels)
    question(
        f"Leave {lesson.named(dominating)} out everywhere. What do you gain and lose?",
        "A factor predicted nearly everywhere makes all histograms look alike. Without it, differences between films "
        f"show. Here it has {share:.0%} of all predictions; an equal share is {equal:.0%}. "
        f"But it was planted in {ground_truth.carrying(lesson.ground_truth, theme)} of "
        f"{len(lesson.ground_truth)} films, and there leaving it out hides something true.",
    )


def what_goes_wrong(lesson: Lesson) -> None:
    run = lesson.run
    counts, tops = table(run, "frequencies"), table(run, "top_factors")
    tops = tops[tops.film_id.isin(counts.film_id)]
    labels, true = ground_truth.labels_planted(tops, lesson.ground_truth, lesson.matching)
    most = int(tops["rank"].max())
    wrong = ground_truth.disagreements(counts, lesson.ground_truth, lesson.matching)
    worst = wrong.head(MOST_WRONG)
    st.write(
        f"Each film got its {'highest factor' if most == 1 else f'{most} highest factors'} as labels, however many "
        "themes it carries. "
        f"{true} of {labels} labels of {len(wrong)} films were planted. "
        "The classifier learns the others too, as if they were true. "
        f"In these {len(worst)} films, what was read differs most from what was planted."
    )
    data_table(
        worst.drop(columns="film_id").round({"off": 2}),
        hide_index=True,
        column_config={
            "planted": st.column_config.TextColumn("planted themes"),
            "read": st.column_config.TextColumn(
                "themes read", help="Themes predicted in at least half of the film's reviews."
            ),
            "off": st.column_config.ProgressColumn(
                "disagreement",
                format="percent",
                min_value=0,
                max_value=1,
                color="primary",
                help="How far the share of reviews with the theme is from the truth, all or none; mean over themes.",
            ),
        },
    )
    st.caption(f"Mean disagreement over all {len(wrong)} films: {wrong.off.mean():.0%}; 0% is none.")
    question(
        "What would happen with one label per film?",
        f"All labels could be true. But {ground_truth.carrying_more(lesson.ground_truth)} of "
        f"{len(lesson.ground_truth)} films carry more than one theme, and one of these would have no label. "
        "No number of labels fits all films. Try it on the page Train: made-up data, one top factor.",
    )
    st.markdown("**What to try next.** Copy this made-up review, change some words, and read it.")
    st.code(lesson.world.reviews.review.iloc[0], language=None, wrap_lines=True)
    here = {"run": run.run_id}
    with st.container(horizontal=True):
        st.page_link(
            "pages/5_Try_a_review.py", label="Try a review", icon=":material/edit_note:", query_params=here
        )
        st.page_link(
            "pages/2_Factors.py", label="Look at its factors", icon=":material/tune:", query_params=here
        )
        st.page_link("pages/1_Train.py", label="Train with other settings", icon=":material/model_training:")
