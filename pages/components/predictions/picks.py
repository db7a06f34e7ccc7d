"""The pickers of films and labels above the grid, kept in the address, and the run that keeps them."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import jobs
from core.errors import BadSettings
from core.formatting import counted
from core.jobs.obstacles import obstacle
from core.jobs.reviewed_films import ReviewedFilms, reviewed_films
from core.results.factor_names import numbered
from core.settings import RunSettings, SelectionSettings
from core.store import Store
from pages.components.data.can_be_had import EXCLUDE, WITHOUT_EXCLUDED, can_be_had
from pages.components.shared.browser.address import keep
from pages.components.shared.factors import Factors
from pages.components.shared.runs import FinishedRun, choose
from pages.components.shared.show import table
from pages.components.shared.text import errors, plain

ADDRESS = "labels"
"""Name of the picks in the address: `4-60-0`, or `4-60-0-1.3` where factors 1 and 3 are excluded."""
OF_RUN = "picked labels of "
"""Session key of a run's picks as text, before the run's id."""
SHOWN = "labels shown"
"""Session key of the run and the picks that were last shown."""
TOP, FILMS, RANK, OUT = ("pick top", "pick films", "pick rank", "pick left out")
"""Keys of the pickers."""
KEEP = "Keep as a run"
"""Label of the button that keeps what is picked."""
MOST = 10_000
"""Most films that can be picked."""
HELP = {
    TOP: "A film is labelled with this many of its highest factors. The article calls the number FACTORS.",
    FILMS: "The grid shows this many films. It skips films without reviews.",
    RANK: "The films with the highest weights on this factor come first.",
    OUT: WITHOUT_EXCLUDED,
}
"""What each picker means."""


@dataclass(frozen=True)
class Picks:
    """What is picked, and whether that differs from the run's own."""

    selection: SelectionSettings
    is_own: bool
    obstacle: str
    """Why a run of them should not start, "" if nothing is known against it."""

    @property
    def name(self) -> str:
        """What a run of these picks is called."""
        picked = self.selection
        parts = [
            counted(picked.top, "top factor"),
            counted(picked.films, "film"),
            f"ranked by factor {picked.rank_by}",
        ]
        parts += [f"without {', '.join(map(str, picked.exclude_factors))}"] if picked.exclude_factors else []
        return ", ".join(parts)


def pick_labels(run: FinishedRun, about: Factors, store: Store) -> Picks:
    """Draw the pickers; return what is picked."""
    own = _own(run)
    selection = _current(run, own, about.count)
    values = {
        TOP: selection.top,
        FILMS: selection.films,
        RANK: selection.rank_by,
        OUT: selection.exclude_factors,
    }
    for key, value in values.items():
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
    settings = run.record.run_settings
    known = reviewed_films(settings.ratings, settings.reviews, store)
    by_hand = bool(own.only)
    change: dict[str, Any] = {"on_change": _picked, "args": (run.run_id,)}
    factors = range(about.count)
    box = st.container(border=True)
    with box, st.container(horizontal=True, vertical_alignment="bottom", key="label pickers"):
        st.number_input(
            "Top factors per film (FACTORS)",
            1,
            _most_top(own, about.count),
            key=TOP,
            help=HELP[TOP],
            width=220,
            **change,
        )
        st.number_input(
            "Top N films", 2, MOST, key=FILMS, help=HELP[FILMS], width=115, disabled=by_hand, **change
        )
        st.selectbox(
            "Factor to rank by",
            factors,
            # Films are ranked from the high end, and both ends would be cut.
            format_func=lambda factor: numbered(factor, about.names.get(factor, "")),
            key=RANK,
            help=HELP[RANK],
            width=220,
            disabled=by_hand,
            **change,
        )
        st.multiselect(
            EXCLUDE,
            factors,
            format_func=about.choice,
            key=OUT,
            help=HELP[OUT],
            placeholder="none",
            width=180,
            disabled=by_hand,
            **change,
        )
    if by_hand:
        notes = [
            "Somebody picked the films of this run one by one. Only the number of top factors can change."
        ]
    else:
        notes = [can_be_had(selection, known), *([WITHOUT_EXCLUDED] if selection.exclude_factors else [])]
    box.caption(" ".join(notes))
    return Picks(selection, selection == own, _obstacle(settings, selection, about.count, known))


def _own(run: FinishedRun) -> SelectionSettings:
    """Return the selection that the run used: where its factors were few, it has fewer top factors than asked for."""
    return run.record.run_settings.selection.replace(top=int(table(run, "top_factors")["rank"].max()))


def _most_top(own: SelectionSettings, factors: int) -> int:
    """Return the most top factors to pick: with all of them, films would not differ."""
    return max(own.top, factors - 1)


def _obstacle(
    settings: RunSettings, selection: SelectionSettings, factors: int, known: ReviewedFilms | None
) -> str:
    model = settings.factor_model.replace(factors=factors)
    found = obstacle(settings.replace(factor_model=model, selection=selection), known)
    return found.reason if found else ""


def back_or_keep(run: FinishedRun, picks: Picks, store: Store) -> None:
    """Draw the buttons that go back to the run's own films and labels, and that keep other picks as a run."""
    if picks.is_own:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Back to the run's own picks", icon=":material/undo:", on_click=_back, args=(run,))
        run_button(KEEP, run, picks, store)


def run_button(label: str, run: FinishedRun, picks: Picks, store: Store) -> None:
    """Draw a button that starts a run with what is picked, and why it cannot be pressed."""
    pressed = st.button(
        label,
        icon=":material/save:" if label == KEEP else ":material/play_arrow:",
        help="Starts a run with these films and labels. Unchanged stages come from the cache.",
        disabled=picks.is_own or bool(picks.obstacle),
    )
    if picks.obstacle and not picks.is_own:
        st.markdown(f":red[:material/block: {plain(picks.obstacle)}]", width="content")
    if not pressed:
        return
    with errors():
        settings = run.record.run_settings.replace(selection=picks.selection)
        choose(jobs.start(settings, store, picks.name))
    st.rerun()


def _current(run: FinishedRun, own: SelectionSettings, factors: int) -> SelectionSettings:
    """Return the picks in the address, else those made before on this run, else the run's own."""
    written = st.query_params.get(ADDRESS)
    shown = st.session_state.get(SHOWN)
    if shown and written == shown[1] and run.run_id != shown[0]:
        # The address still holds the picks of the run that was shown before.
        written = None
    text = written if written is not None else st.session_state.get(OF_RUN + run.run_id, _text(own))
    try:
        selection = _parsed(text, own, factors)
    except (ValueError, BadSettings):
        st.warning(
            plain(
                f"“{text[:40]}” in the link is no choice of films and labels of this run. The run's own are shown."
            )
        )
        selection = own
        st.session_state.pop(OF_RUN + run.run_id, None)
    _write(run.run_id, _text(selection))
    return selection


def _parsed(text: str, own: SelectionSettings, factors: int) -> SelectionSettings:
    """Return the selection that a text stands for; ValueError or BadSettings if there is none."""
    top, films, rank, *out = text.split("-")
    left_out = tuple(map(int, out[0].split("."))) if out else ()
    if (
        len(out) > 1
        or not 1 <= int(top) <= _most_top(own, factors)
        or not {int(rank), *left_out} <= set(range(factors))
    ):
        raise ValueError(text)
    return own.replace(top=int(top), films=int(films), rank_by=int(rank), exclude_factors=left_out)


def _text(selection: SelectionSettings) -> str:
    out = ".".join(map(str, selection.exclude_factors))
    return f"{selection.top}-{selection.films}-{selection.rank_by}" + (f"-{out}" if out else "")


def _write(run_id: str, text: str) -> None:
    if st.query_params.get(ADDRESS) != text:
        st.query_params[ADDRESS] = text
    st.session_state[SHOWN] = (run_id, text)


def _picked(run_id: str) -> None:
    state = st.session_state
    out = ".".join(map(str, sorted(state[OUT])))
    text = f"{state[TOP]}-{state[FILMS]}-{state[RANK]}" + (f"-{out}" if out else "")
    st.session_state[OF_RUN + run_id] = text
    _write(run_id, text)
    keep("page", 1)


def _back(run: FinishedRun) -> None:
    st.session_state.pop(OF_RUN + run.run_id, None)
    _write(run.run_id, _text(_own(run)))
    keep("page", 1)
