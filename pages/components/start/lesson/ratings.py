"""The first half of the guided example: the made-up world, its factors from ratings, and their stability."""

import streamlit as st

from core import figures
from core.results import ground_truth
from core.results.run_record import Unmeasured
from core.results.sentences import stability_line
from pages.components.shared.show import show_chart
from pages.components.shared.text import plain
from pages.components.start.lesson.what import Lesson, question


def made_up_world(lesson: Lesson) -> None:
    world, ratings = lesson.world, lesson.run.record.ratings
    themes = ground_truth.themes(world)
    st.write(
        f"{len(lesson.ground_truth)} films were made up. Each carries one of {len(themes)} themes, and "
        f"{ground_truth.carrying_more(lesson.ground_truth)} of them carry one more. "
        f"{ratings.users:,} made-up people like some themes and dislike others; by that taste, "
        f"and with some noise, they gave {ratings.ratings:,} ratings. The films' {len(world.reviews):,} reviews "
        "use the words of their themes among many words that tell nothing. So here, unlike in the real world, "
        "the truth is known."
    )
    st.dataframe(
        themes,
        hide_index=True,
        width="content",
        column_config={
            "films": st.column_config.NumberColumn("films", help="how many carry it"),
            "alone": st.column_config.NumberColumn("alone", help="how many of these carry no other"),
            "words": st.column_config.TextColumn("some words of its reviews"),
        },
    )
    st.caption("Films: how many carry the theme. Alone: how many of these carry no other.")
    if st.toggle("The truth of every film", key="truth of every film"):
        st.dataframe(lesson.ground_truth.drop(columns="film_id"), hide_index=True, height=280)
    question(
        "What would you expect of a model that sees who rated which film how, and not one word?",
        "It can find that the same people like certain films, and give those films a number in common: a factor. "
        f"It cannot know that they are about {' or '.join(themes.theme[:2])}, so its factors have "
        "numbers. Names come later, from the words of reviews.",
    )


def from_ratings_alone(lesson: Lesson) -> None:
    record, matching = lesson.run.record, lesson.matching
    model, floor = record.factor_model, ground_truth.noise_floor()
    closed = ground_truth.share_of_gap(model.rmse_valid, model.rmse_means, floor)
    share = record.run_settings.factor_model.valid_share
    st.write(
        f"The factor model was given the ratings and nothing else, and has {model.factors} factors. The field "
        "shows how each factor's weights correlate, over the films, with each theme that was planted. On ratings "
        f"kept out ({share:.0%} of {record.ratings.ratings:,}) the model errs by {model.rmse_valid:.3f} "
        f"stars (RMSE). The means of films and users alone err by {model.rmse_means:.3f}; one who knew all that "
        f"was planted would err by {floor:.3f}, which is noise and rounding to half stars. The model goes "
        f"{closed:.0%} of the way between."
    )
    show_chart(
        figures.agreement(matching.correlation, matching.theme_of, lesson.about.names),
        "agreement",
        "A field of numbers: the correlation of each factor's weights with each planted theme",
        matching.correlation.rename_axis("factor").reset_index(),
        {theme: st.column_config.NumberColumn(format="%+.2f") for theme in matching.correlation},
    )
    st.caption(
        f"{len(lesson.films)} films. Match: each theme beside the factor that fits it best, no factor twice. "
        "1: they always go together; 0: one says nothing of the other; below 0: where one is, the other is "
        "rarely."
    )
    question(
        "What would you expect if every person gave ten times as many ratings?",
        "The weights would follow the themes more closely, and the error on ratings kept out would come nearer to "
        f"{floor:.3f} stars, but not below: noise cannot be predicted. An error far below it would mean that the "
        "model had seen the answers.",
    )


def do_they_repeat(lesson: Lesson) -> None:
    stability = lesson.about.stability
    if isinstance(stability, Unmeasured):
        st.info(plain(f"How far the factors repeat was {stability_line(stability)}."))
        return
    null = stability.null
    st.write(
        f"The {stability.users:,} users were halved {stability.repeats} times, the model was trained on either half, "
        "and the weights of the films were correlated between the two. A factor that says something about the "
        f"films comes back when other people are asked. Here: {stability_line(stability)}. Where all tastes were "
        f"shuffled away, 95 % of such correlations stay below {null.high:.2f}."
    )
    repeats = ground_truth.repeats(stability, [lesson.named_briefly(k) for k in range(lesson.about.count)])
    show_chart(
        figures.compared_values(
            repeats,
            f"{stability.users:,} users, halved {stability.repeats} times",
            "correlation between halves of the users",
            ((null.high, "95 % of shuffled"), (stability.stable_from, "stable from")),
            most=1.05,
        ),
        "repeats",
        "Dots with intervals: how far each factor repeats between halves of the users",
        repeats.drop(columns="own"),
        {name: st.column_config.NumberColumn(format="%.3f") for name in ("value", "low", "high")},
    )
    st.caption(
        f"Lines: 95 % intervals over random halvings. Dashed: 95 % of shuffled factors stay below the "
        f"first; a factor is called stable from the second on. {stability.films:,} films."
    )
    question(
        "What would you expect of a factor that is nothing but noise?",
        "That its two halves agree no better than shuffled tastes do: a correlation of about "
        f"{null.mean:.2f} on average. Its list of films would still look like something, since people find a "
        "meaning in any list; only the repetition tells the two apart.",
    )
