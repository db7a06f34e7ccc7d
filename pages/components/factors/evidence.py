"""How a factor's verdict came about: all that was measured of it, behind one click."""

import pandas as pd
import streamlit as st

from core import figures
from core.results.run_record import Stability, Unmeasured
from core.results.sentences import readability_of, stability_of, words_of
from core.results.tables import factors as profiles
from core.results.tables.scores import labels, repeats
from core.results.verdict import WHAT_VERDICTS_MEAN
from pages.components.shared.data_table import data_table
from pages.components.shared.factors import Factors, described, interval_columns, label_columns
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import optional_table, show_chart, table
from pages.components.shared.text import film_title, plain, sentence


def how_do_we_know(run: FinishedRun, about: Factors, factor: int, film: str, rated: pd.DataFrame) -> None:
    """Draw the expander with the measurements behind the verdict, the spread of the films, and all genres and years.

    `rated` are the films with enough ratings, `film` is the id of the film picked.
    """
    with st.expander(
        "How do we know?", icon=":material/science:", key="know", bind="query-params"
    ) as expander:
        if not expander.open:
            return
        st.markdown(f"**The verdict: {about.verdicts[factor].word}.** {plain(about.verdicts[factor].reason)}")
        st.caption(plain(sentence(WHAT_VERDICTS_MEAN)))
        _repeats(about, factor)
        _readable(about, factor)
        st.markdown("**Do the words of reviews show this factor?**")
        st.write(plain(words_of(about.words, factor)))
        if not isinstance(about.words, Unmeasured):
            st.caption(
                f"{about.words.reviews:,} reviews of {about.words.films:,} films were counted. "
                f"{about.words.terms:,} words and phrases were compared with each factor."
            )
        _spread(run, about, factor, film, rated)
        _associations(run, about, factor)


def _repeats(about: Factors, factor: int) -> None:
    st.markdown("**Do other people's ratings lead to this factor?**")
    st.write(plain(stability_of(about.stability, factor)))
    if isinstance(about.stability, Stability):
        row = about.stability.factors[factor]
        show_chart(
            figures.stability(row.plain(), about.stability.plain()),
            "stability",
            "Marks with intervals: how far the factor repeats between halves, seeds, and by chance",
            repeats(about.stability, factor),
        )


def _readable(about: Factors, factor: int) -> None:
    st.markdown("**Do reviews reveal this factor?**")
    st.write(plain(readability_of(about.readability, factor)))
    label = None if isinstance(about.readability, Unmeasured) else about.readability.of(factor)
    if label is not None:
        data_table(
            described(labels([label]), about), hide_index=True, width="content", column_config=label_columns()
        )


def _spread(run: FinishedRun, about: Factors, factor: int, film: str, rated: pd.DataFrame) -> None:
    films = table(run, "factors")
    bins = profiles.distribution(rated, factor)
    title, place = films.title[films.film_id == film].iloc[0], profiles.weight(films, film, factor)
    st.markdown("**How the films spread**")
    show_chart(
        figures.distribution(bins, factor, about.names.get(factor, ""), about.unit, (title, *place)),
        "distribution",
        f"Bars: how many films have which weight on factor {factor}; a line marks the film picked",
        bins,
    )
    st.caption(
        f"Line: {film_title(title)}. Choose another film under Film."
        + ("" if pd.isna(place[1]) else " Band: its 95% interval.")
    )


def _associations(run: FinishedRun, about: Factors, factor: int) -> None:
    st.markdown("**All genres and years**")
    associations = optional_table(run, "associations")
    if associations is None:
        st.info(
            "This older run did not compare factors with genres and years. Run it again to see the comparison."
        )
        return
    rows = associations[associations.factor == factor]
    if rows.empty:
        st.info("Too few films have a known genre or year to compare.")
        return
    show_chart(
        figures.associations(rows, factor, about.names.get(factor, ""), about.difference),
        "associations",
        f"Marks with intervals: by how much the weights on factor {factor} differ by genre and by year",
        rows.drop(columns="factor"),
        interval_columns(),
    )
    st.caption(
        "Mean weight of a genre's films minus that of the others, and the change a decade later. In brackets: the "
        "number of films. All intervals together are right in 95 of 100 cases. They are widened for the "
        f"{len(associations):,} comparisons of this run. Filled and bold: clearly not zero. "
        f"Only films with at least {about.least_ratings} ratings count."
    )
