"""Tables for spreadsheets: no text of a file becomes a formula, and numbers stay numbers."""

import io

import pandas as pd
import pytest

from core.results.tables.spreadsheets import csv_for_spreadsheets


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://a")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", " =1", "\t=1", "\r=1", "＝1", "＠x"],
)
def test_no_text_is_a_formula(text: str) -> None:
    table = pd.DataFrame({"title": [text, "Heat (1995)", None], "weight": [-0.5, 1.0, 2.0]})
    read = pd.read_csv(io.StringIO(csv_for_spreadsheets(table)))
    assert read.title[0].startswith("'") and read.title[1] == "Heat (1995)" and pd.isna(read.title[2])
    assert read.weight.tolist() == [-0.5, 1.0, 2.0]


def test_a_carriage_return_begins_no_row() -> None:
    assert csv_for_spreadsheets(pd.DataFrame({"title": ["Heat\r=1+1"]})) == "title\nHeat =1+1\n"


def test_categories_and_mixed_columns_are_guarded_too() -> None:
    table = pd.DataFrame({"a": pd.Categorical(["=1", "x"]), "b": ["@x", 3]})
    assert csv_for_spreadsheets(table) == "a,b\n'=1,'@x\nx,3\n"
