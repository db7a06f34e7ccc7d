"""The wanted columns of a table file."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Rows:
    """The wanted columns of a table file; a missing value is NaN or NA."""

    name: str
    frame: pd.DataFrame
    location: Callable[[int], str]
    """Row of the frame -> its place in the file, for messages: "ratings.csv, line 7"."""
