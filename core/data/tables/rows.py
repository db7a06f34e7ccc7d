"""The wanted columns of a file, and which column stands for which."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Rows:
    """The wanted columns of a table file; a missing value is NaN or NA."""

    name: str
    frame: pd.DataFrame
    place: Callable[[int], str]
    """Where a row of the frame stands in its file, for messages: "ratings.csv, line 7"."""


def pick(columns: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return for each wanted name that is there, the column that stands for it; case and marks do not count.

    >>> pick(["userId", "Movie ID"], {"user": ["user", "user_id"], "film": ["movie_id"], "stars": ["stars"]})
    {'user': 'userId', 'film': 'Movie ID'}
    """
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in reversed(columns)}
    found = {
        name: next(
            (plain[alias.replace("_", "")] for alias in names if alias.replace("_", "") in plain), None
        )
        for name, names in aliases.items()
    }
    return {name: column for name, column in found.items() if column is not None}
