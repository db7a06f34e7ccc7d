"""What all pages share: set-up, the run that is looked at, its progress, its tables, and how things are shown.

Each page begins with `set_up` and is complete after it, since a link may open any page on a fresh server.
Streamlit takes only files directly in `pages/` for pages, so this folder is none. In reading order:

    text     untrusted text -> text that cannot act as Markdown
    address  what was picked on a page, in the address and in the session
    history  what a user does, one step in the browser's history each
    runs     which run is looked at, and its progress
    factors  a run's factors: number, name, badges
    fitting  how many histograms fit side by side
    show     tables, charts and the grid of histograms
    reader   asking the process that reads texts
    own_texts  what people paste or upload to be read
    where_it_stands  a film with reviews alone, among the rated films
    marked   a text with the words marked that moved a factor
    one_factor, model   a factor, and the model of all, as the page Factors shows them
    behind   the reviews behind a bar of the grid
    film_by_film  the films with their histograms, as the page Predictions shows them
    naming   naming factors, by hand and from another run
    lesson   the steps of the guided example
    guide    going through them, on a run of their own
    preset_cards, settings_form, all_settings   the settings of a new run, as the page Train shows them
    results, run_cards, watching, side_by_side  what runs found, where they stand, and two of them compared
    sources  picking ratings and reviews: by name, by path, by upload
    upload   an upload's first rows, its columns, and what it holds
    films, reviews, right_film, kept_files   the films of a new run, the texts, which film is which, what was given
"""

import gc
from pathlib import Path

import streamlit as st

from core import jobs
from core.reviews.tmdb.expiry import forget_old
from core.settings import cache_dir
from core.store import Store
from pages.frame.address import keep, picked, picker
from pages.frame.all_settings import all_settings, excluded
from pages.frame.coverage import coverage_at_a_glance, coverage_by_film
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
    swatches,
    verdict_columns,
)
from pages.frame.film_by_film import film_by_film
from pages.frame.films import FETCHING, follow_fetch, pick_films
from pages.frame.fitting import panels_a_row
from pages.frame.guide import GUIDE, GUIDE_TITLE, guide
from pages.frame.history import one_step_each
from pages.frame.kept_files import kept_files
from pages.frame.marked import marked
from pages.frame.model import factor_model
from pages.frame.naming import downloads, names_from_another_run
from pages.frame.one_factor import INTERVALS, films_at_ends, one_factor
from pages.frame.own_texts import examples, one_review, texts_to_read
from pages.frame.preset_cards import pick_preset
from pages.frame.reader import ask, warm_reader
from pages.frame.results import results_by_preset
from pages.frame.reviews import about_tmdb, show_reviews
from pages.frame.right_film import right_film
from pages.frame.run_cards import PARTS, run_cards
from pages.frame.runs import (
    FIRST_RUN,
    FROM_MAP,
    UNDER_WAY,
    choose,
    forget,
    pick_run,
    require_finished_run,
    settle_run,
    show_stages,
    under_way,
)
from pages.frame.settings_form import Form, source_in_address
from pages.frame.show import (
    grid,
    held_out_films,
    licence,
    optional_table,
    select_on_chart,
    show_chart,
    table,
)
from pages.frame.side_by_side import compare_runs
from pages.frame.source_cards import source_cards
from pages.frame.sources import RATINGS, RATINGS_LAYOUT, REVIEWS_LAYOUT, reviews_picker, source_picker
from pages.frame.text import errors, plain
from pages.frame.watching import watch
from pages.frame.where_it_stands import where_it_stands

__all__ = [
    "watch",
    "source_in_address",
    "run_cards",
    "results_by_preset",
    "pick_preset",
    "excluded",
    "compare_runs",
    "all_settings",
    "PARTS",
    "Form",
    "FETCHING",
    "FEW_RATINGS",
    "FROM_MAP",
    "GUIDE",
    "GUIDE_TITLE",
    "INTERVALS",
    "RATINGS",
    "RATINGS_LAYOUT",
    "REVIEWS_LAYOUT",
    "UNDER_WAY",
    "Factors",
    "about_tmdb",
    "coverage_at_a_glance",
    "coverage_by_film",
    "as_badges",
    "ask",
    "badges",
    "choose",
    "described",
    "downloads",
    "errors",
    "examples",
    "factor_model",
    "factors_of",
    "film_by_film",
    "films_at_ends",
    "follow_fetch",
    "forget",
    "grid",
    "guide",
    "held_out_films",
    "interval_columns",
    "keep",
    "kept_files",
    "label_columns",
    "legend",
    "licence",
    "marked",
    "names_from_another_run",
    "one_factor",
    "one_review",
    "optional_table",
    "panels_a_row",
    "pick_films",
    "picked",
    "picker",
    "plain",
    "require_finished_run",
    "reviews_picker",
    "right_film",
    "select_on_chart",
    "set_up",
    "show_chart",
    "show_reviews",
    "show_stages",
    "source_cards",
    "source_picker",
    "swatches",
    "table",
    "texts_to_read",
    "verdict_columns",
    "warm_reader",
    "where_it_stands",
]

PAGES = {
    "app.py": ("Start", ":material/home:"),
    "pages/1_Train.py": ("Train", ":material/model_training:"),
    "pages/2_Factors.py": ("Factors", ":material/tune:"),
    "pages/3_Reviews.py": ("Reviews", ":material/reviews:"),
    "pages/4_Predictions.py": ("Predictions", ":material/bar_chart:"),
    "pages/5_Try_a_review.py": ("Try a review", ":material/edit_note:"),
}
LOGO, ICON, LOOK = (Path(__file__).with_name(name) for name in ("logo.svg", "icon.svg", "look.css"))
FIRST_START = "the first run was started"
"""Key in the store: the first run starts by itself once a cache folder, not each time the last run is deleted."""


def set_up(title: str) -> Store:
    """Begin a page: open the store, keep the worker alive, start the first run, draw title and sidebar."""
    st.set_page_config(page_title=f"{title} · Factorscope", page_icon=ICON, layout="wide")
    st.logo(LOGO, icon_image=ICON, size="large")
    st.html(LOOK)
    with errors():
        store = _open(str(cache_dir()))
        if emptied := not (store.root / "index").is_dir():
            # What is open is a file that is gone.
            _open.clear()
            store = _open(str(cache_dir()))
        jobs.ensure_worker(store)
        if not jobs.runs(store) and store.get(FIRST_START) is None:
            jobs.start_once(FIRST_RUN, store)
            store.put(FIRST_START, True)
        st.title(title, anchor=False)
        if emptied:
            st.warning(
                "The cache folder was emptied while the app ran, so its runs are gone. The quick run begins anew."
            )
        run_id = settle_run(store)
        with st.sidebar:
            for path, (name, icon) in PAGES.items():
                st.page_link(path, label=name, icon=icon, query_params={"run": run_id} if run_id else None)
            if run_id:
                st.divider()
                pick_run(store, run_id)
            under_way(store)
            one_step_each()
    return store


@st.cache_resource(show_spinner=False)
def _open(root: str) -> Store:
    # Streamlit looks for garbage after each run of a page, with everybody waiting: 0.05 s, unless it passes over
    # all that was imported by now.
    gc.collect()
    gc.freeze()
    store = Store(Path(root))
    forget_old(store.root)
    return store
