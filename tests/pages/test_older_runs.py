"""Pages open runs of older code: of the day before the record was typed, and of the first days."""

import json
from pathlib import Path

import pandas as pd
import pytest
from support.pages import PAGES, open_page, query_value, shown_text
from support.run_folders import add_run
from support.run_records import BEFORE, record_of_the_first_days

from core.store import Store


@pytest.mark.parametrize("page", PAGES)
def test_a_run_from_before_the_typed_record_opens_on_every_page(page: str, store: Store) -> None:
    add_run(store, out=BEFORE)
    app = open_page(page)
    assert not app.exception and not app.error


def test_links_to_films_of_runs_whose_ids_were_numbers_still_open(store: Store) -> None:
    add_run(store, out=BEFORE)
    frequencies = pd.read_parquet(BEFORE / "frequencies.parquet")
    assert frequencies.film_id.dtype == "int64"
    film, factor = str(frequencies.film_id[0]), str(frequencies.factor[0])
    for page in ("pages/2_Factors.py", "pages/3_Reviews.py"):
        app = open_page(page, film=film, view="Film", show="Read and search")
        assert "in the link" not in shown_text(app) and query_value(app, "film") == film
    app = open_page("pages/4_Predictions.py", film=film, factor=factor)
    assert "The link asks for" not in shown_text(app)
    assert f"**{frequencies.title[0]}**" in shown_text(app)
    assert "in the link is not" in shown_text(open_page("pages/2_Factors.py", film=f"0{film}"))


def older(out: Path) -> None:
    """Remove from a run the tables and keys that the first runs lacked."""
    (out / "run.json").write_text(json.dumps(record_of_the_first_days()))
    for name in ("films", "associations", "coverage", "users"):
        (out / f"{name}.parquet").unlink()


@pytest.mark.parametrize("page", PAGES)
def test_a_run_of_the_first_days_opens_on_every_page(page: str, store: Store) -> None:
    older(add_run(store, out=BEFORE) / "out")
    app = open_page(page, know="true")
    assert not app.exception and not app.error
    if page.endswith(("2_Factors.py", "4_Predictions.py")) or page == "app.py":
        assert "this run is older" in shown_text(app)
    if page.endswith("2_Factors.py"):
        assert "This run did not look for this factor's words: this run is older" in shown_text(app)
