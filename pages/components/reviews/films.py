"""The films of a new run: from a run's ranking, from the map, or by search; and the progress of that run."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core import jobs
from core.factors.top_factors import rank_films, without_factors
from core.settings import SelectionSettings
from core.store import Store
from pages.components.shared.address import keep, picked
from pages.components.shared.factors import Factors
from pages.components.shared.runs import POLL_SECONDS, UNDER_WAY, choose
from pages.components.shared.text import errors, plain, sentence

BY = {"ranking": "By the ranking", "search": "By search", "map": "From the map"}
FETCHING = "fetching"
"""Session key of the run that was started on this page, whose progress is shown here."""
MOST_OPTIONS = 5000
"""Most films offered at once in the search; of more, those with the most ratings that match the text."""


def pick_films(
    films: pd.DataFrame, tops: pd.DataFrame, from_map: list[Any], settings: SelectionSettings, about: Factors
) -> tuple[SelectionSettings, list[Any]]:
    """Draw the choice of films; return the selection for a run, and the ids of the films to list."""
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
    only = tuple(str(film) for film in wanted)
    # Checked only when a run starts: no film, or only one, may be picked here, though a run needs more.
    return settings.model_copy(update={"only": only, "films": max(1, len(only))}), wanted


def _by_ranking(
    films: pd.DataFrame, tops: pd.DataFrame, settings: SelectionSettings, about: Factors
) -> tuple[SelectionSettings, list[Any]]:
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
        help="The ranking is followed until so many films have reviews in the source.",
    )
    eligible = without_factors(films[films.ratings >= settings.least_ratings], tops, settings.exclude_factors)
    ranked = rank_films(eligible, ranked_by)
    selection = settings.model_copy(update={"only": (), "rank_by": ranked_by, "films": many})
    return selection, ranked.film_id.head(many).tolist()


def _by_search(films: pd.DataFrame) -> list[Any]:
    """Draw the search by title; return the ids of the picked films, which are kept in the address."""
    film_of_id = {str(film): film for film in films.film_id}
    written = st.query_params.get("films")
    if written is not None and "films picked" not in st.session_state:
        ids = written.split(",")
        if strange := [film for film in ids if film not in film_of_id]:
            st.warning(
                plain(f"“{strange[0][:40]}” in the link is not a film of this run; the others are picked.")
            )
        st.session_state["films picked"] = [
            film_of_id[film] for film in dict.fromkeys(ids) if film in film_of_id
        ]
    titles = dict(zip(films.film_id, films.title, strict=True))
    # Films picked for another run may be unrated in this one.
    picked_before = [film for film in st.session_state.get("films picked", []) if film in titles]
    st.session_state["films picked"] = picked_before
    return st.multiselect(
        "Search by title",
        _options(films, picked_before),
        format_func=titles.__getitem__,
        key="films picked",
        persist_state="session",
        on_change=_keep_films,
        placeholder=f"Type letters of a title; {len(films):,} films are rated",
        filter_mode="contains",
        select_all=False,
    )


def _options(films: pd.DataFrame, picked_before: Sequence[Any]) -> list[Any]:
    """Return the ids of the films that the search offers, by title; earlier picks are always among them."""
    if len(films) > MOST_OPTIONS:
        letters = st.text_input("Titles that contain", key="letters", persist_state="session")
        fitting = films[films.title.str.contains(letters, case=False, regex=False)]
        most_rated = fitting.nlargest(MOST_OPTIONS, "ratings")
        films = films[films.film_id.isin(most_rated.film_id) | films.film_id.isin(picked_before)]
    by_title: list[Any] = films.sort_values("title").film_id.tolist()
    return by_title


def _keep_films() -> None:
    ids = ",".join(str(film) for film in st.session_state["films picked"])
    if ids:
        st.query_params["films"] = ids
    else:
        st.query_params.pop("films", None)


def follow_fetch(store: Store) -> None:
    """Draw the progress of the run started here, until its results are opened or the message is closed."""
    run_id = st.session_state.get(FETCHING)
    if run_id is None:
        return
    run_ids = {job.run_id for job in jobs.runs(store)}
    if run_id not in run_ids:
        st.session_state.pop(FETCHING)
        return
    with st.container(border=True):
        _fetch(store, run_id)


@st.fragment(run_every=POLL_SECONDS)
def _fetch(store: Store, run_id: str) -> None:
    with errors():
        job = jobs.status(run_id, store)
    at_work = job.state in UNDER_WAY
    st.markdown(f"**{plain(job.name)}**")
    stage = next((stage for stage in job.stages if stage.name == "reviews"), None)
    if stage is not None:
        st.progress(stage.done, text=plain(f"Reviews: {stage.message or 'not reached yet'}"))
    if at_work:
        st.progress(job.progress, text=plain(f"Whole run: {job.message}"))
        if st.button("Cancel this run", icon=":material/stop_circle:", key="cancel fetch"):
            with errors():
                jobs.cancel(run_id, store)
            st.rerun(scope="fragment")
        return
    if job.state == "failed":
        st.error(plain(sentence(f"The run failed: {job.error or 'the reason is in worker.log'}")))
    else:
        st.write("Done." if job.state == "done" else "Cancelled; what it had finished is kept in the cache.")
    with st.container(horizontal=True):
        if job.state == "done" and st.button("Look at it", type="primary", icon=":material/visibility:"):
            del st.session_state[FETCHING]
            choose(run_id)
            st.rerun()
        if job.state != "done" and st.button("Resume it", type="primary", icon=":material/play_arrow:"):
            with errors():
                jobs.resume(run_id, store)
            st.rerun()
        if st.button("Put away", icon=":material/close:"):
            del st.session_state[FETCHING]
            st.rerun()
