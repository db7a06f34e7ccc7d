"""What all pages share: set-up, the run that is looked at, its progress, its tables, and how things are shown.

Each page begins with `set_up` and is complete after it, since a link may open any page on a fresh server.
Streamlit takes only files directly in `pages/` for pages, so this folder is none. In reading order:

    text     untrusted text -> text that cannot act as Markdown
    runs     which run is looked at, and its progress
    show     tables, charts and the grid of histograms
"""

from pathlib import Path

import streamlit as st

from core import jobs
from core.settings import cache_dir, preset
from core.store import Store
from pages.frame.runs import (
    UNDER_WAY,
    FinishedRun,
    choose,
    chosen_run,
    forget,
    label_of,
    pick_run,
    require_finished_run,
    show_stages,
    under_way,
)
from pages.frame.show import MADE_UP, columns_that_fit, grid, licence, show_chart, table
from pages.frame.text import errors, plain

__all__ = [
    "MADE_UP",
    "UNDER_WAY",
    "FinishedRun",
    "choose",
    "chosen_run",
    "columns_that_fit",
    "errors",
    "forget",
    "grid",
    "label_of",
    "licence",
    "plain",
    "require_finished_run",
    "set_up",
    "show_chart",
    "show_stages",
    "table",
]

FIRST_START = "the first run was started"
"""Key in the store: the first run starts by itself once a cache folder, not each time the last run is deleted."""


def set_up(title: str) -> Store:
    """Begin a page: open the store, keep the worker alive, start the first run, draw title and sidebar."""
    st.set_page_config(page_title=f"{title} · Factorscope", page_icon=":material/movie:", layout="wide")
    with errors():
        store = _open(str(cache_dir()))
        jobs.ensure_worker(store)
        if not jobs.runs(store) and store.get(FIRST_START) is None:
            jobs.start_once(preset("quick"), store)
            store.put(FIRST_START, True)
        st.title(title, anchor=False)
        with st.sidebar:
            pick_run(store)
            under_way(store)
    return store


@st.cache_resource(show_spinner=False)
def _open(root: str) -> Store:
    return Store(Path(root))
