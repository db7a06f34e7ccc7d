"""A film placed by reviews alone: its weights among rated films, expected rating and nearest films."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import figures
from core.factors.rating_prediction import expected, film_of, person
from core.results.caveats import best_explained, expected_line, placing_caveats
from core.results.run_record import OLDER
from core.results.tables import factors as profiles
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import (
    FEW_RATINGS,
    Factors,
    described,
    interval_columns,
    legend,
    verdict_columns,
)
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import has_table, show_chart, table
from pages.components.shared.text import plain

MOST_FACTORS = 12
"""Factors drawn at first: those of whose variance reviews explain most."""
NOTHING = "nothing"
"""What reviews explain of a factor of which they tell no more than the average film does."""


def where_it_stands(run: FinishedRun, about: Factors, film: Mapping[str, Any]) -> None:
    """Draw the results for a film placed by reviews: `film` is the return value of `inference.film.place`."""
    if "unmeasured" in film:
        st.info(plain(f"This run cannot say where a film stands: {film['unmeasured']}."))
        return
    if limits := placing_caveats(film, run.record):
        st.info("\n\n".join(map(plain, limits)), icon=":material/info:")
    st.markdown("**Rated films with the most similar reviews**")
    data_table(
        pd.DataFrame(film["nearest"]),
        hide_index=True,
        width="content",
        column_config={
            "title": st.column_config.TextColumn(width="large"),
            "likeness": st.column_config.ProgressColumn(
                format="%.2f",
                min_value=0,
                max_value=1,
                help="Cosine between the features of both films' reviews, less the average film. 1 is the same, 0 "
                "has nothing in common.",
            ),
        },
    )
    _rating(run, film)
    _weights(run, about, film)


def _rating(run: FinishedRun, film: Mapping[str, Any]) -> None:
    """Draw the expected rating by the average user or a selected one."""
    expectation = film["expected"]
    link = run.record.factor_model.link
    if "unmeasured" in expectation or link is None:
        st.info(
            plain(
                f"This run cannot say which rating to expect: {expectation.get('unmeasured', OLDER.unmeasured)}."
            )
        )
        return
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    rating, who = expectation["rating"], "the average user"
    if not has_table(run, "users"):
        right.info("This run kept no users, so the rating is that of the average user.")
    elif user := _user(right):
        # Of perhaps 100,000 users, the rows of this one alone.
        numbers = person(table(run, "users", user_id=user), user)
        if numbers is None:
            right.warning(plain(f"“{user}” is no user of this run. The average user is shown instead."))
        else:
            rating = float(expected(film_of(film), numbers, link.plain())[0])
            who = f"user {user}"
    low, high = link.scale
    left.metric(
        "Expected rating",
        f"{rating:.1f} ± {expectation['error']:.2f}",
        f"each person's mean: ± {expectation['rmse']['users_means']:.2f}",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    with st.popover("How sure?", icon=":material/help:", key="how sure of the rating"):
        st.markdown(
            plain(
                f"The rating is by {who}, on the scale from {low:g} to {high:g}. It comes from the film's bias and "
                "the weights below. The error is that of one person's rating. "
                f"{expected_line(expectation)}."
            )
        )


def _user(place: DeltaGenerator) -> str:
    """Draw the choice of a user; return the id as text, empty for the average user."""
    return place.text_input(
        "User id (empty: the average user)",
        key="user",
        bind="query-params",
        placeholder="average user",
        max_chars=40,
    ).strip()


def _weights(run: FinishedRun, about: Factors, film: Mapping[str, Any]) -> None:
    """Draw the film's weights with those of the rated films."""
    films = profiles.rated(table(run, "factors"), min(FEW_RATINGS, about.least_ratings))
    placed = pd.DataFrame(film["factors"])
    shown = placed
    if len(placed) > MOST_FACTORS and not st.toggle(
        f"All {len(placed)} factors", key="factors_placed", bind="query-params"
    ):
        shown = best_explained(placed, MOST_FACTORS)
    show_chart(
        figures.placed_on_factors(
            shown,
            {factor: profiles.distribution(films, factor) for factor in shown.factor},
            about.names,
            about.unit,
        ),
        "where it stands",
        "One row per factor: how the rated films' weights spread, and the weight of this film with its interval",
        described(placed.assign(told=[_explained(share) for share in placed.told]), about),
        {
            **verdict_columns(),
            **interval_columns(),
            "value": st.column_config.NumberColumn("weight", format="%+.2f", help=about.unit),
            "told": st.column_config.TextColumn(
                "explained", help="Share of the factor's variance that reviews explain."
            ),
        },
    )
    legend(shown.factor, about)
    with st.popover("How sure?", icon=":material/help:", key="how sure of the weights"):
        st.markdown(
            plain(
                f"A strip shows the weights of {len(films):,} rated films. A diamond is this film, with its 95% "
                "interval. The interval was calibrated on rated films left out. A line may leave the chart. "
                "“Explained” is the share of the factor's variance that as many reviews or fewer explain. At 0% "
                "reviews do no better than the average film, so nothing is drawn."
            )
        )
        unexplained = placed[[_explained(share) == NOTHING for share in placed.told]]
        if len(unexplained):
            st.markdown(
                f"The table says “{NOTHING}” of the factors below. "
                "Below zero, reviews do worse than the average film."
            )
            data_table(
                unexplained[["factor", "told"]],
                hide_index=True,
                width="content",
                column_config={"told": st.column_config.NumberColumn("explained", format="percent")},
            )


def _explained(share: float) -> str:
    """Return a share of variance for people: in words where reviews explain none."""
    return NOTHING if round(share, 2) <= 0 else f"{share:.0%}"
