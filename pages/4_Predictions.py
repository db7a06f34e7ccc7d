"""Predictions: of which factors the reviews speak, film by film, and how sure that is."""

import streamlit as st

from core.results import report
from core.results.sentences import factors_that_are_read
from pages.components.predictions.film_by_film import film_by_film
from pages.components.predictions.how_sure import how_sure
from pages.components.shared.factors import factors_of
from pages.components.shared.page import set_up
from pages.components.shared.run_notes.provenance import licence
from pages.components.shared.runs import require_finished_run
from pages.components.shared.text import plain

store = set_up("Predictions")
run = require_finished_run(store)
about = factors_of(run)

st.markdown(f"#### {plain(factors_that_are_read(about.readability, about.verdict_words, about.names))}")
how_sure(run, about)
film_by_film(run, about, store)
st.download_button(
    "Report (HTML, opens offline)",
    lambda: report.with_names((run.folder / "report.html").read_text(encoding="utf-8"), about.given),
    f"factorscope-{run.run_id}.html",
    "text/html",
    on_click="ignore",
)
licence(run)
