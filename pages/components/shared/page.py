"""The common start of all pages: the store, the worker, the first run, the title and the sidebar.

Each page calls `set_up` first and relies on no other page, since a link may open any page on a fresh server.
"""

import gc
from pathlib import Path

import streamlit as st

from core import jobs
from core.data.reviews.sources.tmdb.expiry import forget_old
from core.paths import cache_dir
from core.store import Store
from pages.components.shared.browser.address import forget_infinite
from pages.components.shared.runs import FIRST_RUN, pick_run, settle_run, under_way
from pages.components.shared.text import errors

PAGES = {
    "app.py": ("Start", ":material/home:"),
    "pages/1_Train.py": ("Train", ":material/model_training:"),
    "pages/2_Factors.py": ("Factors", ":material/tune:"),
    "pages/3_Reviews.py": ("Reviews", ":material/reviews:"),
    "pages/4_Predictions.py": ("Predictions", ":material/bar_chart:"),
    "pages/5_Try_a_review.py": ("Try a review", ":material/edit_note:"),
}
LOGO, ICON = (Path(__file__).with_name("browser") / name for name in ("logo.svg", "icon.svg"))
FIRST_START = "the first run was started"
"""Key in the store: the first run starts by itself once per cache folder, not whenever there are no runs."""


def set_up(title: str) -> Store:
    """Open and return the store, keep the worker alive, start the first run, draw title and sidebar."""
    st.set_page_config(page_title=f"{title} · Factorscope", layout="wide")
    st.logo(LOGO, icon_image=ICON, size="large")
    forget_infinite()
    with errors():
        store = _open(str(cache_dir()))
        if emptied := not store.index_folder.is_dir():
            # The open index is a file that was deleted.
            _open.clear()
            store = _open(str(cache_dir()))
        jobs.ensure_worker(store)
        if not jobs.runs(store) and store.get(FIRST_START) is None:
            jobs.start_once(FIRST_RUN, store)
            store.put(FIRST_START, True)
        st.title(title, anchor=False)
        if emptied:
            st.warning(
                "The cache folder was emptied while the app ran, so its runs are gone. The first run starts again."
            )
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
    # Streamlit collects garbage after each run of a page while all users wait: 0.05 s, unless it skips all
    # that was imported by now.
    gc.collect()
    gc.freeze()
    store = Store(Path(root))
    forget_old(store.root)
    return store
