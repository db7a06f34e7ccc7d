"""Bars of weights, drawn alike wherever they are, and the words for their intervals."""

from typing import Any

import numpy as np
import pandas as pd

from core.figures.style import FAINT, PALE
from core.formatting import interval


def bars(table: pd.DataFrame, colour: str | list[str]) -> dict[str, Any]:
    """Return bars in a colour, or one each: pale below intervals, paler and hatched where they may be nothing."""
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
    """Return an interval for people, nothing where there is none.

    >>> between(-0.5, 1.25)
    ' (95 % interval -0.50 to 1.25)'
    """
    return "" if np.isnan(low) else f" ({interval((low, high), 'z.2f')})"
