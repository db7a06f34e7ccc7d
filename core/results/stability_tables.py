"""What a run says of its factors' stability -> tables for people, with the numbers of the charts."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


def repeats(row: Mapping[str, Any], found: Mapping[str, Any]) -> pd.DataFrame:
    """Return between what one factor was compared, the mean correlation, and low and high: a row of `factors` of the
    run's `stability`, and the whole of it. What chance gives has no low."""
    rows = [
        ("halves of the users", row["stability"], *row["interval"]),
        ("seeds", row["seeds"], *row["seeds_interval"]),
        ("halves, tastes shuffled", found["null"]["mean"], float("nan"), found["null"]["high"]),
    ]
    return pd.DataFrame(rows, columns=["between", "correlation", "low", "high"])


def directions(chosen: Mapping[str, Any]) -> pd.DataFrame:
    """Return how each direction repeats that was tried: direction, correlation, shared, kept.

    >>> directions({"factors": 1, "correlations": [0.8, 0.3], "shared": [0.2, 0.1]}).values.tolist()
    [[1, 0.8, 0.2, True], [2, 0.3, 0.1, False]]
    """
    count = len(chosen["correlations"])
    return pd.DataFrame(
        {
            "direction": range(1, count + 1),
            "correlation": chosen["correlations"],
            "shared": chosen["shared"],
            "kept": [k < chosen["factors"] for k in range(count)],
        }
    )


def angles(spaces: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return the cosines of the principal angles: dimension, halves, null.

    >>> angles({"halves": [0.9, 0.5], "null": [0.2, 0.1]}).values.tolist()
    [[1.0, 0.9, 0.2], [2.0, 0.5, 0.1]]
    """
    dimensions = range(1, len(spaces["halves"]) + 1)
    return pd.DataFrame({"dimension": dimensions, "halves": spaces["halves"], "null": spaces["null"]})
