"""Tables and numbers of the pages: none is shown as minus zero."""

import re
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from support.pages import ROOT

from core.figures import factors as figures
from pages.components.shared.data_table import data_table

SOURCES = [path for folder in ("core", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]


def test_a_table_shows_zero_where_a_negative_number_is_rounded_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[pd.DataFrame] = []

    def draw(table: pd.DataFrame, **_: Any) -> None:
        shown.append(table)

    monkeypatch.setattr(st, "dataframe", draw)
    numbers = [-0.004, -0.005, 0.004, -0.0]
    table = pd.DataFrame(
        {"two": numbers, "signed": numbers, "as it is": numbers, "film": list("abcd"), "films": range(4)}
    )
    columns = {
        "two": st.column_config.NumberColumn(format="%.2f"),
        "signed": st.column_config.NumberColumn(format="%+.1f"),
        "as it is": "weight",
        "film": None,
    }
    data_table(table, columns, hide_index=True)
    (drawn,) = shown
    assert drawn.two.astype(str).tolist() == ["0.0", "-0.005", "0.004", "0.0"]
    assert drawn.signed.astype(str).tolist() == ["0.0", "0.0", "0.004", "0.0"]
    assert drawn["as it is"].astype(str).tolist() == ["-0.004", "-0.005", "0.004", "0.0"]
    assert drawn[["film", "films"]].equals(table[["film", "films"]]) and table.two.iloc[0] == -0.004


def test_every_table_of_a_page_is_drawn_by_that_rule() -> None:
    drawing = [path.name for path in SOURCES if re.search(r"\bst\.dataframe\(", path.read_text("utf-8"))]
    assert drawing == ["data_table.py"]


def test_no_number_with_a_sign_is_written_without_the_z_that_spares_minus_zero() -> None:
    # Plotly writes −0.00 for a small negative number where a plus is asked for.
    signed = re.compile(r":\+,?\.\d")
    assert [path.name for path in SOURCES if signed.search(path.read_text("utf-8"))] == []


def test_hovers_show_a_small_negative_weight_as_zero() -> None:
    end = {"weight": [-0.001], "low": [-0.002], "high": [0.5], "films": [9]}
    drawn = figures.decades(pd.DataFrame(end | {"decade": [1990]}), 0, "sd").data[0]
    assert drawn.customdata[0][1] == "+0.00 (95% interval 0.00 to 0.50)"
    effects = pd.DataFrame(end | {"effect": [-0.001], "name": ["War"], "kind": ["genre"], "clear": [True]})
    drawn = figures.associations(effects, 0, "", "sd").data[0]
    assert drawn.customdata[0][2:] == ["+0.00", "interval +0.00 to +0.50"]
