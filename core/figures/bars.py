"""Bars of weights, drawn alike in all charts, and the text of their intervals."""

from typing import Any

import numpy as np
import pandas as pd

from core.figures.style import FAINT, PALE
from core.formatting import interval


def bars(table: pd.DataFrame, colour: str | list[str]) -> dict[str, Any]:
    """Return bars in one colour, or one each: pale under intervals, faint and hatched if these hold zero."""
    sure = 1.0 if table.low.isna().all() else PALE
    return {
        "color": colour,
        "opacity": [FAINT if doubtful else sure for doubtful in table.doubtful],
        "pattern": {
            "shape": ["/" if doubtful else "" for doubtful in table.doubtful],
            "fgopacity": 0.6,
        },
    }


def between(low: float, high: float) -> str:
    """Return the text of an interval; empty if there is none.

    >>> between(-0.5, 1.25)
    ' (95 % interval -0.50 to 1.25)'
    """
    return "" if np.isnan(low) else f" ({interval((low, high), 'z.2f')})"
