"""What people paste or upload about one film -> its reviews, one text each.

A text has one review a line; a table has a column for them. What is in the reviews is not looked at here.
"""

import re
from pathlib import PurePath

from core.errors import BadInput
from core.tables import Opener, open_table, pick, whole_text

MOST_REVIEWS = 500
"""Reviews of one film that are read at once on a page: more would take long and tell little more."""
MOST_BYTES = 5 * 1024**2
"""Largest file of reviews that is taken as an upload."""
COLUMN = ("review", "text", "review_text")
"""Names by which the column of reviews is recognised, whatever their case."""
ONE_A_LINE = (".txt", ".text", "")
"""Endings of files that are no table."""
_BREAK = re.compile(r"\r\n|[\r\n]")


def lines_of(text: str) -> list[str]:
    """Give the lines of a text that are not blank.

    >>> lines_of("Good.\\r\\n\\n  Bad. ")
    ['Good.', 'Bad.']
    """
    return [line.strip() for line in _BREAK.split(text) if line.strip()]


def reviews_in(name: str, open_: Opener) -> list[str]:
    """Give the reviews in a file that are not blank: the lines of a text, or a column of a table.

    A table is CSV, TSV, JSONL, Parquet or a zip of these; the encoding of a text is detected. Raises BadInput where
    the file is none of these, has no column `review`, or holds no review.
    """
    if PurePath(name.lower()).suffix in ONE_A_LINE:
        found = lines_of(whole_text(name, open_))
    else:
        table = open_table(name, open_)
        columns = pick(table.columns, {"review": COLUMN})
        if not columns:
            listed = ", ".join(table.columns)[:80]
            raise BadInput(f"{name} has no column for the review (it has {listed}); name one 'review'")
        texts = (text for piece in table.pieces(columns) for text in piece["review"].to_pylist())
        found = [text.strip() for text in texts if text and text.strip()]
    if not found:
        raise BadInput(f"{name} holds no text; write one review a line")
    return found
