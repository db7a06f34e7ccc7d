"""A title of thousands of letters is cut on every page, in texts and in charts, and kept whole in the tables."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from support.pages import charts, open_page, shown_text
from support.run_folders import add_run, with_title

from core.store import Store

VIEWS = [
    ("app.py", {}),
    *(("pages/2_Factors.py", {"view": view}) for view in ("Factor", "All factors", "Film", "Map")),
    *(("pages/3_Reviews.py", {"show": show}) for show in ("Coverage", "Read and search", "New run")),
    ("pages/4_Predictions.py", {}),
    ("pages/5_Try_a_review.py", {}),
]
LONG = "Long title " + "goes on and on " * 300
REPEATED = re.compile(r"(?:goes on(?:<br>| )+and on(?:<br>| )+){15,}")
"""More of it than a line has."""


@pytest.fixture(scope="module")
def out(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_title(small_run, tmp_path_factory.mktemp("long") / "out", LONG)


@pytest.mark.parametrize(("page", "query"), VIEWS, ids=str)
def test_a_very_long_title_is_cut(page: str, query: dict[str, str], out: Path, store: Store) -> None:
    add_run(store, out=out)
    film = pd.read_parquet(out / "chosen_films.parquet").film_id.iloc[0]
    app = open_page(page, **query, **({} if "Predictions" in page else {"film": film}))
    assert not REPEATED.search(shown_text(app))
    assert not REPEATED.search(json.dumps(charts(app)))
