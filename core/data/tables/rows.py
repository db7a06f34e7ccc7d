"""The wanted columns of a file, and which of its columns have which meaning."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Rows:
    """The wanted columns of a table file; a missing value is NaN or NA."""

    name: str
    frame: pd.DataFrame
    location: Callable[[int], str]
    """Row of the frame -> its place in the file, for messages: "ratings.csv, line 7"."""


def match_columns(columns: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return wanted name -> column of the file, for those that are there; case and punctuation are ignored.

    >>> aliases = {"user": ["user", "user_id"], "film": ["movie_id"], "stars": ["stars"]}
    >>> match_columns(["userId", "Movie ID"], aliases)
    {'user': 'userId', 'film': 'Movie ID'}
    """
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in reversed(columns)}
    matches = {
        name: next(
            (plain[alias.replace("_", "")] for alias in names if alias.replace("_", "") in plain), None
        )
        for name, names in aliases.items()
    }
    return {name: column for name, column in matches.items() if column is not None}
