"""A table on a page, in which no number is shown as minus zero."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.formatting import without_minus_zero

_PLACES = re.compile(r"%\+?\.(\d)f")
"""The decimal places in the format of a column."""
MOST_PLACES = 4
"""Decimal places that Streamlit shows of a number without a format."""


def data_table(table: pd.DataFrame, column_config: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """Draw a table as `st.dataframe` does, and return what that returns.

    Negative numbers that would be shown as minus zero are replaced by 0.
    """
    configs = column_config or {}
    table = table.assign(
        **{
            name: without_minus_zero(table[name], _places(configs.get(name)))
            for name in table.select_dtypes("float")
        }
    )
    return st.dataframe(table, column_config=column_config, **options)


def _places(config: Any) -> int:
    """Return the decimal places that a column with this configuration shows."""
    form = (
        config["type_config"].get("format") if isinstance(config, dict) and "type_config" in config else None
    )
    places = _PLACES.search(form or "")
    return int(places[1]) if places else MOST_PLACES
