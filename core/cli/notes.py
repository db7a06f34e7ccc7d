"""What was merged, left out or assumed while a table was read -> a line each."""

from collections.abc import Mapping
from typing import Any

from core.formatting import counted


def note_lines(document: Mapping[str, Any]) -> list[str]:
    """Return the lines of `merged`, `left_out` and `warnings` in a document.

    >>> note_lines({"merged": [], "left_out": [{"why": "no user", "rows": 2}], "warnings": ["Careful."]})
    ['left out: 2 rows, no user', 'warning: Careful.']
    """
    return [
        *(
            f"one film: {merged['kept']} and {', '.join(merged['others'])} ({merged['why']})"
            for merged in document["merged"]
        ),
        *(f"left out: {counted(left['rows'], 'row')}, {left['why']}" for left in document["left_out"]),
        *(f"warning: {warning}" for warning in document["warnings"]),
    ]
