"""The films of a new run: from a run's ranking, from the map, or by search."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.factors.top_factors import rank_films, without_factors
from core.settings import SelectionSettings
from pages.components.shared.browser.address import keep, picked
from pages.components.shared.factors import Factors
from pages.components.shared.film_search import offered_films
from pages.components.shared.text import plain

BY = {"ranking": "By the ranking", "search": "By search", "map": "From the map"}


@dataclass(frozen=True)
class PickedFilms:
    """The films picked for a new run."""

    selection: SelectionSettings
    listed: list[str]
    """Ids of the films to list."""
    note: DeltaGenerator
    """Place beside the picker, for the number of films that can be had."""


def pick_films(
    films: pd.DataFrame, tops: pd.DataFrame, from_map: list[str], settings: SelectionSettings, about: Factors
) -> PickedFilms:
    """Draw the choice of films."""
    ways = [way for way in BY if way != "map" or from_map]
    way = picked("by", ways, "map" if from_map else "ranking", "a way to choose films here")
    st.session_state["by picker"] = way
    st.radio(
        "Films",
        ways,
        format_func=BY.__getitem__,
        horizontal=True,
        key="by picker",
        on_change=lambda: keep("by", st.session_state["by picker"]),
    )
    if way == "ranking":
        return _by_ranking(films, tops, settings, about)
    wanted = from_map if way == "map" else _by_search(films)
    only = tuple(wanted)
    # Checked only when a run starts: no film, or only one, may be picked here, though a run needs more.
    selection = settings.model_copy(update={"only": only, "films": max(1, len(only))})
    return PickedFilms(selection, wanted, st.container())


def _by_ranking(
    films: pd.DataFrame, tops: pd.DataFrame, settings: SelectionSettings, about: Factors
) -> PickedFilms:
    ranked_by = picked("ranked by", range(about.count), settings.rank_by, "a factor of this run")
    st.session_state["ranked by picker"] = ranked_by
    left, right = st.columns(2)
    left.selectbox(
        "Highest on",
        range(about.count),
        format_func=about.title,
        key="ranked by picker",
        on_change=lambda: keep("ranked by", st.session_state["ranked by picker"]),
    )
    most = len(films)
    # A number picked for a run with more films.
    st.session_state["many films"] = min(st.session_state.get("many films", max(2, settings.films)), most)
    many = right.number_input(
        "Films with reviews",
        2,
        most,
        key="many films",
        persist_state="session",
        help="The run follows the ranking until this many films have reviews.",
    )
    eligible = without_factors(films[films.ratings >= settings.least_ratings], tops, settings.exclude_factors)
    ranked = rank_films(eligible, ranked_by)
    selection = settings.model_copy(update={"only": (), "rank_by": ranked_by, "films": many})
    return PickedFilms(selection, ranked.film_id.head(many).tolist(), right.container())


def _by_search(films: pd.DataFrame) -> list[str]:
    """Draw the search by title; return the ids of the picked films, which are kept in the address."""
    if "films" in st.query_params and "films picked" not in st.session_state:
        known = set(films.film_id)
        ids = st.query_params.get_all("films")
        if len(ids) == 1 and ids[0] not in known:
            # Older links have all ids in one value.
            ids = ids[0].split(",")
        if strange := [film for film in ids if film not in known]:
            st.warning(
                plain(f"“{strange[0][:40]}” in the link is not a film of this run. The others are picked.")
            )
        st.session_state["films picked"] = [film for film in dict.fromkeys(ids) if film in known]
    titles = dict(zip(films.film_id, films.title, strict=True))
    # Films picked for another run may be unrated in this one.
    picked_before = [film for film in st.session_state.get("films picked", []) if film in titles]
    st.session_state["films picked"] = picked_before
    return st.multiselect(
        "Search by title",
        list(offered_films(films.sort_values("title"), "films picked", picked_before)),
        format_func=titles.__getitem__,
        key="films picked",
        persist_state="session",
        on_change=_keep_films,
        placeholder=f"Type letters of a title ({len(films):,} films)",
        filter_mode="contains",
        select_all=False,
    )


def _keep_films() -> None:
    if ids := st.session_state["films picked"]:
        st.query_params["films"] = ids
    else:
        st.query_params.pop("films", None)
