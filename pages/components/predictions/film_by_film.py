"""The films of a run with their histograms: chosen, put in order, turned page by page, and kept as files.

What is chosen stands in the address. All of it is a fragment, so that a switch draws nothing else anew.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.figures import PANELS
from core.results.factor_tables import with_names
from core.results.film_tables import ORDERS, counts_of, film_list, genres_of, wanted_films
from pages.components.predictions.behind import open_reviews_behind, reviews_behind
from pages.components.shared.address import keep, picked
from pages.components.shared.factors import Factors, described, factors_of, verdict_columns
from pages.components.shared.fitting import panels_a_row
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import grid, held_out_films, optional_table, table
from pages.components.shared.text import plain

EVERY = "all"
"""Any genre."""
BARS = {"counts": "number of reviews", "shares": "share of reviews (%)"}
CLICKS = "clicks on the grid"
"""In the session: how many bars were clicked and left again."""
COLUMNS = {
    "reviews": st.column_config.NumberColumn(help="how many of the film's reviews were read"),
    "factor": st.column_config.NumberColumn(format="%d"),
    "count": st.column_config.NumberColumn("predicted in", help="reviews in which the factor is predicted"),
    "share": st.column_config.NumberColumn("share", format="%.0f %%", help="of the film's reviews"),
    "own": st.column_config.CheckboxColumn("top factor", help="one of the film's top factors by its ratings"),
    **verdict_columns(),
}


@st.fragment
def film_by_film(run: FinishedRun) -> None:
    """Draw the grid, what it is chosen by, the reviews behind a bar, and what can be kept of it."""
    about, tops, held_out = factors_of(run), table(run, "top_factors"), held_out_films(run)
    everything = table(run, "frequencies")
    # What is wrong with a link is said above; what it opens comes last, since marking words takes a while.
    notice = st.empty()
    films = _wanted(run)
    shares, hide = _switches(run, about)
    counts = table(run, "frequencies_without_dominating") if hide else everything
    shown = counts.head(0)
    if films.empty:
        st.info("No film of this run is like that. Clear the title, choose all genres or ask for less.")
    else:
        shown = counts_of(counts, _page(films), tops)
        key = _key()
        grid(shown, tops, held_out, about, panels_a_row(), key, shares, partial(_clicked, key))
        if st.toggle("As a table", key="grid as table", bind="query-params"):
            order = ["title", *COLUMNS]
            order.insert(order.index("factor") + 1, "name")
            st.dataframe(
                described(shown, about),
                hide_index=True,
                key="grid table",
                column_order=order,
                column_config=COLUMNS,
            )
        _ways_to_the_reviews(films, shown, about)
    reviews_behind(run, everything, tops, about, notice)
    # What is kept says in its name whether the dominating factor is in it.
    kept = run.run_id + (f"-without-factor-{run.record['dominating_factor']}" if hide else "")
    named = partial(with_names, counts, about.names)
    with st.container(horizontal=True):
        for kind in ("png", "svg"):
            st.download_button(
                f"Figure ({kind.upper()})",
                partial(_picture, shown, tops, held_out, shares, run.run_id, kind),
                f"histograms-{kept}.{kind}",
                on_click="ignore",
                disabled=films.empty,
                help="the films of this page",
            )
        for ending, written in (("csv", pd.DataFrame.to_csv), ("parquet", pd.DataFrame.to_parquet)):
            st.download_button(
                f"Counts ({ending.upper() if ending == 'csv' else 'Parquet'})",
                lambda written=written: written(named(), index=False),
                f"frequencies-{kept}.{ending}",
                on_click="ignore",
                help="all films of the run",
            )


@st.cache_data(show_spinner=False, max_entries=8)
def _listed(folder: str, changed: int, _run: FinishedRun) -> pd.DataFrame:
    return film_list(
        *(table(_run, name) for name in ("frequencies", "top_factors")), optional_table(_run, "films")
    )


def _wanted(run: FinishedRun) -> pd.DataFrame:
    """Draw what films are chosen by, and give those that are wanted, in their order."""
    listed = _listed(str(run.folder), (run.folder / "frequencies.parquet").stat().st_mtime_ns, run)
    genres = genres_of(listed)
    left, middle, right = st.columns(3)
    title = left.text_input(
        "Films whose title contains", key="title", bind="query-params", on_change=keep, args=("page", 1)
    )
    with middle:
        order = _choice("Order by", "order", ORDERS, "an order of films")
    with right:
        offered = {EVERY: "all genres" if genres else "not known for these films"}
        offered |= {genre: genre for genre in genres}
        genre = _choice("Genre", "genre", offered, "a genre of this run's films")
    left, right, _ = st.columns(3)
    reviews = left.number_input(
        "At least so many reviews",
        0,
        None,
        0,
        key="least_reviews",
        bind="query-params",
        on_change=keep,
        args=("page", 1),
    )
    agreement = right.number_input(
        "At least so much agreement (%)",
        0,
        100,
        0,
        step=10,
        key="least_agreement",
        bind="query-params",
        on_change=keep,
        args=("page", 1),
        help="with the true factors: the share of a film's top factors that are among its most predicted ones",
    )
    films = wanted_films(listed, title, "" if genre == EVERY else genre, order, reviews, agreement / 100)
    if "agreement" in order or agreement:
        known = listed.dropna(subset="agreement")
        many = "1 film" if len(known) == 1 else f"{len(known):,} films"
        st.caption(
            "Agreement: the share of a film's top factors that are among as many of its most predicted ones, where "
            f"equal counts share the places. Mean over {many}: {known.agreement.mean():.0%}. Baseline, the factors "
            f"predicted most often over all films named for each: {known.baseline.mean():.0%}."
        )
    else:
        films = films.drop(columns="agreement")
    return films


def _choice(label: str, name: str, offered: Mapping[str, str], what: str) -> str:
    """Draw a choice that stands in the address and turns back to the first page; give what is chosen."""
    value: str = picked(name, list(offered), next(iter(offered)), what)
    widget = f"{name} picker"
    st.session_state[widget] = value

    def choose() -> None:
        keep(name, st.session_state[widget])
        keep("page", 1)

    st.selectbox(
        label, list(offered), format_func=offered.__getitem__, key=widget, on_change=choose, disabled=len(offered) < 2
    )
    return value


def _switches(run: FinishedRun, about: Factors) -> tuple[bool, bool]:
    """Draw what a bar shows; say whether it is a share, and whether the dominating factor is left out."""
    predicted, dominating = run.record["predictions"], run.record["dominating_factor"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        value = picked("bars", list(BARS), "counts", "what a bar can show")
        st.session_state["bars picker"] = value
        st.segmented_control(
            "A bar shows the",
            list(BARS),
            required=True,
            format_func=BARS.__getitem__,
            key="bars picker",
            on_change=lambda: keep("bars", st.session_state["bars picker"]),
        )
        hide = dominating is not None and st.toggle(
            # Without badges, whose signs would be read aloud.
            f"Without the dominating factor ({plain(about.title(dominating))}, {about.verdicts[dominating]}, "
            f"{about.told[dominating]}: {predicted['of_dominating']:,} of {predicted['predicted']:,} predictions)",
            key="without",
            bind="query-params",
            wrap=True,
        )
    return value == "shares", hide


def _page(films: pd.DataFrame) -> pd.DataFrame:
    """Draw the pager, and give the films of its page."""
    pages = range(1, -(-len(films) // PANELS) + 1)
    page: int = picked("page", pages, 1, "a page of these films")
    if len(pages) > 1:
        # Another list has a pager of its own, which begins where the address says.
        key = f"page picker of {len(films)}"
        if st.session_state.get(key, page) != page:
            st.session_state[key] = page
        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(
                len(pages), default=page, key=key, on_change=lambda: keep("page", st.session_state[key])
            )
            first, last = PANELS * (page - 1) + 1, min(PANELS * page, len(films))
            st.caption(f"Films {first:,} to {last:,} of {len(films):,}", width="content")
    return films[PANELS * (page - 1) : PANELS * page]


def _key() -> str:
    """Return the key of the chart: another one after the reviews behind a bar were closed, so that the chart forgets
    what was clicked and the same bar can be clicked again."""
    key = f"grid {st.session_state.get(CLICKS, 0)}"
    if "film" in st.query_params or not _points(key):
        return key
    st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1
    return f"grid {st.session_state[CLICKS]}"


def _points(key: str) -> list[dict[str, Any]]:
    selected = st.session_state.get(key)
    return selected["selection"]["points"] if selected else []


def _clicked(key: str) -> None:
    """Open the reviews behind the bar that was clicked."""
    if points := _points(key):
        film, factor = points[0]["customdata"][:2]
        open_reviews_behind(film, factor)


def _ways_to_the_reviews(films: pd.DataFrame, shown: pd.DataFrame, about: Factors) -> None:
    """Draw the way to the reviews behind a bar that needs no mouse."""
    titles = dict(zip(films.film_id, films.title, strict=True))
    st.markdown("**The reviews behind a bar**: click a bar, or choose it here.")
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    film = left.selectbox("Film", list(titles), format_func=titles.__getitem__, key="behind film")
    factor = middle.selectbox(
        "Factor", sorted(shown.factor.unique()), format_func=about.choice, key="behind factor"
    )
    right.button(
        "Read the reviews",
        icon=":material/reviews:",
        on_click=open_reviews_behind,
        args=(film, factor),
    )


def _picture(
    shown: pd.DataFrame,
    tops: pd.DataFrame,
    held_out: set[Any],
    shares: bool,
    run_id: str,
    kind: Literal["png", "svg"],
) -> bytes:
    # Imported on the click: it loads matplotlib.
    from core.figures.grid_picture import grid_picture

    said = (
        f"Full bars, bold numbers: the film's top factors; pale, hatched: others. Factorscope, run {run_id}."
    )
    return grid_picture(shown, tops, kind, said, held_out=held_out, shares=shares)
