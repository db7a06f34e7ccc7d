"""What all pages share: set-up, the run that is looked at, its progress, its tables, and how things are shown.

Each page begins with `set_up` and is complete after it, since a link may open any page on a fresh server.
Streamlit takes only files directly in `pages/` for pages, so this folder is none. In reading order:

    text     untrusted text -> text that cannot act as Markdown
    address  what was picked on a page, in the address and in the session
    runs     which run is looked at, and its progress
    factors  a run's factors: number, name, badges
    show     tables, charts and the grid of histograms
    reader   asking the process that reads texts
    marked   a text with the words marked that moved a factor
    naming   naming factors, by hand and from another run
    sources  picking ratings and reviews: by name, by path, by upload
"""

from pathlib import Path

import streamlit as st

from core import jobs
from core.settings import cache_dir
from core.store import Store
from pages.frame.address import keep, picked, picker
from pages.frame.factors import (
    FEW_RATINGS,
    Factors,
    as_badges,
    badges,
    described,
    factors_of,
    interval_columns,
    label_columns,
    legend,
    verdict_columns,
)
from pages.frame.marked import marked
from pages.frame.naming import downloads, name_field, names_from_another_run
from pages.frame.reader import ask, warm_reader
from pages.frame.runs import (
    FIRST_RUN,
    FROM_MAP,
    UNDER_WAY,
    FinishedRun,
    choose,
    chosen_run,
    finished_runs,
    forget,
    label_of,
    open_run,
    pick_run,
    require_finished_run,
    settle_run,
    show_stages,
    under_way,
)
from pages.frame.show import (
    MADE_UP,
    grid,
    held_out_films,
    licence,
    optional_table,
    panels_a_row,
    select_on_chart,
    show_chart,
    table,
)
from pages.frame.sources import RATINGS, RATINGS_LAYOUT, REVIEWS, REVIEWS_LAYOUT, source_picker
from pages.frame.text import errors, plain

__all__ = [
    "FEW_RATINGS",
    "FROM_MAP",
    "MADE_UP",
    "RATINGS",
    "RATINGS_LAYOUT",
    "REVIEWS",
    "REVIEWS_LAYOUT",
    "UNDER_WAY",
    "Factors",
    "FinishedRun",
    "as_badges",
    "ask",
    "badges",
    "choose",
    "chosen_run",
    "described",
    "downloads",
    "errors",
    "factors_of",
    "finished_runs",
    "forget",
    "grid",
    "held_out_films",
    "interval_columns",
    "keep",
    "label_columns",
    "label_of",
    "legend",
    "licence",
    "marked",
    "name_field",
    "names_from_another_run",
    "optional_table",
    "panels_a_row",
    "open_run",
    "picked",
    "picker",
    "plain",
    "require_finished_run",
    "select_on_chart",
    "set_up",
    "show_chart",
    "show_stages",
    "source_picker",
    "table",
    "verdict_columns",
    "warm_reader",
]

PAGES = {
    "app.py": ("Start", ":material/home:"),
    "pages/1_Train.py": ("Train", ":material/model_training:"),
    "pages/2_Factors.py": ("Factors", ":material/tune:"),
    "pages/3_Reviews.py": ("Reviews", ":material/reviews:"),
    "pages/4_Predictions.py": ("Predictions", ":material/bar_chart:"),
    "pages/5_Try_a_review.py": ("Try a review", ":material/edit_note:"),
}
FIRST_START = "the first run was started"
"""Key in the store: the first run starts by itself once a cache folder, not each time the last run is deleted."""


def set_up(title: str) -> Store:
    """Begin a page: open the store, keep the worker alive, start the first run, draw title and sidebar."""
    st.set_page_config(page_title=f"{title} · Factorscope", page_icon="🎬", layout="wide")
    with errors():
        store = _open(str(cache_dir()))
        jobs.ensure_worker(store)
        if not jobs.runs(store) and store.get(FIRST_START) is None:
            jobs.start_once(FIRST_RUN, store)
            store.put(FIRST_START, True)
        st.title(title, anchor=False)
        run_id = settle_run(store)
        with st.sidebar:
            for path, (name, icon) in PAGES.items():
                st.page_link(path, label=name, icon=icon, query_params={"run": run_id} if run_id else None)
            if run_id:
                st.divider()
                pick_run(store, run_id)
            under_way(store)
    return store


@st.cache_resource(show_spinner=False)
def _open(root: str) -> Store:
    return Store(Path(root))
