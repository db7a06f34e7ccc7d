"""One film: its weight on every factor, and the reviews behind a bar."""

from functools import partial

import pandas as pd
import streamlit as st

from core import figures
from core.results.factor_names import numbered
from core.results.tables import factors as profiles
from pages.components.factors.choice import open_factor
from pages.components.shared.browser.address import picker
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import (
    FEW_RATINGS,
    Factors,
    described,
    interval_columns,
    legend,
    verdict_columns,
)
from pages.components.shared.film_search import offered_films
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import click_on_chart, switches, table
from pages.components.shared.text import film_title, plain

MANY_FACTORS = 12
"""With more factors than this, the legend has the film's top factors alone."""
BEHIND = "behind"
"""Name in the address of the factor whose reviews of the film are open."""
CLICKS = "clicks on a film's bars"
"""Session key of the number of bars that were clicked: with a new key the chart forgets its selection."""


def one_film(run: FinishedRun, about: Factors, film: str, least: int) -> pd.DataFrame:
    """Draw the choice of a film, of those with at least `least` ratings, and its weights.

    Return the bar whose reviews are open, a row of the table of frequencies; none if there is no such bar.
    """
    films, tops, counts = (table(run, name) for name in ("factors", "top_factors", "frequencies"))
    titles = dict(zip(films.film_id, films.title, strict=True))
    enough = films[(films.ratings >= least) | (films.film_id == film)]
    offered = list(offered_films(enough, "film", [film]))
    picker("Film (type to search)", "film", offered, film, format_func=titles.__getitem__)
    film_tops = tops[tops.film_id == film].sort_values("rank")
    weights = profiles.of_film(films, film, film_tops.factor.tolist())
    strongest = [plain(f"factor {numbered(k, about.names.get(k, ''))}") for k in film_tops.factor]
    st.markdown(
        f"**{film_title(titles[film])}** is highest on {'; '.join(strongest)}."
        if strongest
        else f"**{film_title(titles[film])}** has no top factor."
    )
    bars = counts[counts.film_id == film]
    key = f"weights of film {film} {st.session_state.get(CLICKS, 0)}"
    click_on_chart(
        figures.film_weights(weights, titles[film], about.names, about.unit),
        key,
        "Bars: the film's weight on every factor, with its top factors in colour and the others in grey",
        partial(_clicked, key, bars.factor.tolist()),
        "film weights",
    )
    ratings = films.ratings[films.film_id == film].iloc[0]
    st.caption(
        (
            "Click a bar to read the film's reviews behind it. "
            if len(bars)
            else "This run read no review of the film. Click a bar to open its factor. "
        )
        + "In colour and marked “top”: the film's top factors. "
        + (
            "Lines: 95% intervals. Very long lines are cut. Hatched: the interval includes zero. "
            if weights.low.notna().any()
            else ""
        )
        + f"The weights rest on {'only ' if ratings < FEW_RATINGS else ''}{ratings:,} ratings."
    )
    switches("film weights", weights[[c for c in weights if weights[c].notna().any()]], interval_columns())
    # Of many factors those of the film alone; the pointer tells the others.
    legend(range(about.count) if about.count <= MANY_FACTORS else film_tops.factor, about)
    data_table(
        described(profiles.with_intervals(film_tops[["rank", "factor", "weight"]], weights, "factor"), about),
        hide_index=True,
        width="content",
        column_config={
            "rank": st.column_config.NumberColumn(help="among the film's top factors"),
            "weight": st.column_config.NumberColumn(format="%.2f", help=about.unit),
            **verdict_columns(),
            **interval_columns(),
        },
    )
    st.page_link(
        "pages/3_Reviews.py",
        label="Its reviews",
        icon=":material/reviews:",
        query_params={"run": run.run_id, "film": film},
    )
    bar = bars[bars.factor.astype(str) == st.query_params.get(BEHIND)]
    if bar.empty:
        close_bar()
    return bar


def _clicked(key: str, read: list[int]) -> None:
    """Open the reviews behind the bar that was clicked; where none were read for it, open its factor."""
    for point in st.session_state[key]["selection"]["points"][:1]:
        factor = point["customdata"][0]
        st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1
        if factor in read:
            st.query_params[BEHIND] = str(factor)
        else:
            open_factor(factor)


def close_bar() -> None:
    """Close the reviews behind a bar."""
    st.query_params.pop(BEHIND, None)
