"""The first half of the guided example: the made-up world, its factors from ratings, and their stability."""

import streamlit as st

from core import figures
from core.results import ground_truth
from core.results.run_record import Unmeasured
from core.results.sentences import stability_line
from pages.components.shared.data_table import data_table
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain
from pages.components.start.lesson.what import Lesson, question


def made_up_world(lesson: Lesson) -> None:
    world, ratings = lesson.world, lesson.run.record.ratings
    themes = ground_truth.themes(world)
    st.write(
        f"{len(lesson.ground_truth)} films were made up. Each carries one of {len(themes)} themes, and "
        f"{ground_truth.carrying_more(lesson.ground_truth)} of them carry one more. "
        f"{ratings.users:,} made-up people like some themes and dislike others. "
        f"They gave {ratings.ratings:,} ratings by that taste, with some noise. "
        f"The films have {len(world.reviews):,} reviews, which use words of their themes among many other words. "
        "So here, unlike in the real world, the truth is known."
    )
    data_table(
        themes,
        hide_index=True,
        width="content",
        column_config={
            "films": st.column_config.NumberColumn("films", help="Films that carry the theme."),
            "alone": st.column_config.NumberColumn("alone", help="Films that carry no other theme."),
            "words": st.column_config.TextColumn("some words of its reviews"),
        },
    )
    st.caption("Films: how many carry the theme. Alone: how many carry no other theme.")
    if st.toggle("The truth of every film", key="truth of every film"):
        data_table(lesson.ground_truth.drop(columns="film_id"), hide_index=True, height=280)
    question(
        "A model sees every rating, but not one word. What can it find?",
        "It can find that the same people like certain films. It gives those films a number in common: a factor. "
        f"It cannot know that they are about {' or '.join(themes.theme[:2])}, so its factors have numbers. "
        "Names come later, from the words of reviews.",
    )


def from_ratings_alone(lesson: Lesson) -> None:
    record, matching = lesson.run.record, lesson.matching
    model, floor = record.factor_model, ground_truth.noise_floor()
    closed = ground_truth.share_of_gap(model.rmse_valid, model.rmse_means, floor)
    share = record.run_settings.factor_model.valid_share
    st.write(
        f"The factor model got the ratings and nothing else. It has {model.factors} factors. "
        "The field shows how each factor's weights correlate with each planted theme."
    )
    show_chart(
        figures.agreement(matching.correlation, matching.theme_of, lesson.about.names),
        "agreement",
        "A field of numbers: the correlation of each factor's weights with each planted theme",
        matching.correlation.rename_axis("factor").reset_index(),
        {theme: st.column_config.NumberColumn(format="%+.2f") for theme in matching.correlation},
    )
    st.caption(
        f"{len(lesson.films)} films. A match is the factor that fits a theme best. No factor is used twice. "
        "At 1, factor and theme always go together. At 0, they are unrelated. Below 0, one is rare where the "
        "other is common."
    )
    with st.expander("How well does it predict ratings?", icon=":material/help:"):
        st.write(
            f"The model was tested on ratings kept out ({share:.0%} of {record.ratings.ratings:,}). "
            f"There its typical error (RMSE) is {model.rmse_valid:.3f} stars. "
            f"The means of films and users alone err by {model.rmse_means:.3f} stars. "
            f"With the whole truth the error would be {floor:.3f}: noise, and rounding to half stars. "
            + (f"The model closes {closed:.0%} of this gap." if closed > 0 else "The model does no better.")
        )
    question(
        "What would happen if every person gave ten times as many ratings?",
        f"The weights would follow the themes more closely. The error would come nearer to {floor:.3f} stars, but "
        "never below it: noise cannot be predicted. An error far below would mean that the model saw the answers.",
    )


def do_they_repeat(lesson: Lesson) -> None:
    stability = lesson.about.stability
    if isinstance(stability, Unmeasured):
        st.info(plain(f"This run did not measure how far the factors repeat: {stability.unmeasured}."))
        return
    null = stability.null
    st.write(
        "A real factor comes back when other people are asked. A model was trained on each half of the users, and "
        f"their films' weights were compared. Here: {stability_line(stability)}."
    )
    repeats = ground_truth.repeats(stability, [lesson.named_briefly(k) for k in range(lesson.about.count)])
    show_chart(
        figures.compared_values(
            repeats,
            f"{stability.users:,} users, halved {stability.repeats} times",
            "correlation between<br>halves of the users",
            ((null.high, "95% of shuffled"), (stability.stable_from, "stable from")),
            most=1.05,
        ),
        "repeats",
        "Dots with intervals: how far each factor repeats between halves of the users",
        repeats.drop(columns="own"),
        {name: st.column_config.NumberColumn(format="%.3f") for name in ("value", "low", "high")},
    )
    st.caption(
        "Lines are 95% intervals over random halvings. 95% of shuffled factors stay below the line “95% of "
        "shuffled”. "
        "Above the line “stable from”, a factor is called stable."
    )
    with st.expander("How do we know?", icon=":material/help:"):
        st.write(
            f"The {stability.users:,} users were halved {stability.repeats} times, and the weights of "
            f"{stability.films:,} films were correlated between the halves. "
            f"With tastes shuffled away, 95% of such correlations stay below {null.high:.2f}. "
            f"A factor is called stable from {stability.stable_from:.2f} on."
        )
    question(
        "A factor is nothing but noise. How well do its halves agree?",
        f"No better than shuffled tastes: the correlation is about {null.mean:.2f}. "
        "Its list of films still looks like something, since people find a meaning in any list. "
        "Only repetition separates noise from a real factor.",
    )
