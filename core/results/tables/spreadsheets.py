"""Tables as CSV for spreadsheets, which take some texts for formulas and run them."""

import re

import pandas as pd

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|\t")
"""Beginning of a text that a spreadsheet may take for a formula."""


def csv_for_spreadsheets(table: pd.DataFrame) -> str:
    """Return a table as CSV, with an apostrophe before each text that may be a formula; Parquet stays exact.

    >>> csv_for_spreadsheets(pd.DataFrame({"title": ["=HYPERLINK(1)", "Heat"], "weight": [-1.5, 2.0]}))
    "title,weight\\n'=HYPERLINK(1),-1.5\\nHeat,2.0\\n"
    """
    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name].dtype)]
    return str(table.assign(**{name: table[name].map(_guarded) for name in texts}).to_csv(index=False))


def _guarded(value: object) -> object:
    if not isinstance(value, str):
        return value
    # The writer does not quote a carriage return, behind which a spreadsheet begins a new row.
    text = value.replace("\r", " ")
    return f"'{text}" if _FORMULA.match(text) else text
