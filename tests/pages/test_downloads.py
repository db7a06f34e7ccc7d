"""Downloads of the pages: no cell of a CSV is a formula, and Parquet holds each title and name to the letter."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from support.pages import open_page
from support.run_folders import RUN, add_run, with_title

from core import jobs
from core.results.factor_names import write_names
from core.store import Store

TITLE = '=HYPERLINK("http://x","y")'
NAMES = {0: "@SUM(1)", 1: "+cmd", 2: "-1+2"}
FORMULAS = {TITLE, *NAMES.values()}


@pytest.fixture
def offered(
    store: Store, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Callable[[], Any]]:
    """Return the content of each table that the pages offer, by its file's name."""
    add_run(store, RUN, out=with_title(small_run, tmp_path / "out", TITLE))
    write_names(jobs.run_folder(RUN, store), NAMES)
    found: dict[str, Callable[[], Any]] = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, name, *_, **__: found.update({name: data}))
    open_page("pages/2_Factors.py", view="Names and downloads")
    open_page("pages/3_Reviews.py", show="Coverage")
    open_page("pages/4_Predictions.py")
    return found


def test_no_cell_of_a_csv_is_a_formula(offered: dict[str, Callable[[], Any]]) -> None:
    texts: set[str] = set()
    tables = {name: content for name, content in offered.items() if name.endswith(".csv")}
    assert {name.split("-")[0] for name in tables} >= {"weights", "factors", "coverage", "frequencies"}
    for content in tables.values():
        table = pd.read_csv(io.StringIO(content()), dtype=str, keep_default_na=False)
        numbers = table.apply(lambda column: pd.to_numeric(column, errors="coerce"))
        cells = {str(value) for value in table[numbers.isna()].stack()}
        assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in cells)
        texts |= cells
    # They are there, behind an apostrophe.
    assert {f"'{formula}" for formula in FORMULAS} <= texts


def test_parquet_is_exact(offered: dict[str, Callable[[], Any]]) -> None:
    tables = {name: content for name, content in offered.items() if name.endswith(".parquet")}
    assert {name.split("-")[0] for name in tables} >= {"weights", "frequencies"}
    for content in tables.values():
        table = pd.read_parquet(io.BytesIO(content()))
        if "title" in table:
            assert TITLE in set(table.title)
        assert set(NAMES.values()) & set(table.name) and not table.name.str.startswith("'").any()
