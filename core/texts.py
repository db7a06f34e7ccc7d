"""What people paste or upload about films -> their reviews, one text each.

A text has one review a line; a table has a column for them, and may have one for the film. What is in the reviews
is not looked at here.
"""

import re
from collections.abc import Iterable
from itertools import repeat
from pathlib import PurePath

from core.errors import BadInput
from core.reviews.own_file.rows import ALIASES
from core.tables import Opener, open_table, pick, whole_text

MOST_REVIEWS = 500
"""Reviews of one film that are read at once on a page: more would take long and tell little more."""
MOST_BYTES = 5 * 1024**2
"""Largest file of reviews that is taken as an upload."""
ONE_A_LINE = (".txt", ".text", "")
"""Endings of files that are no table."""
FILM = ("title", "imdb_id", "film_id")
"""Columns that say to people which film a review is of, the plainest first."""
_BREAK = re.compile(r"\r\n|[\r\n]")


def lines_of(text: str) -> list[str]:
    """Give the lines of a text that are not blank.

    >>> lines_of("Good.\\r\\n\\n  Bad. ")
    ['Good.', 'Bad.']
    """
    return [line.strip() for line in _BREAK.split(text) if line.strip()]


def distinct(texts: Iterable[str]) -> list[str]:
    """Give the texts, each once: told again it is no second opinion.

    >>> distinct(["Good.", "Bad.", "Good."])
    ['Good.', 'Bad.']
    """
    return list(dict.fromkeys(texts))


def reviews_in(name: str, open_: Opener) -> dict[str, list[str]]:
    """Give the reviews in a file that are not blank, by their film as the file calls it; "" where it does not say.

    They are the lines of a text, or a column of a table: CSV, TSV, JSONL, Parquet or a zip of these; the encoding
    of a text is detected. Raises BadInput where the file is none of these, has no column `review`, or holds no
    review.
    """
    found: dict[str, list[str]] = {}
    if PurePath(name.lower()).suffix in ONE_A_LINE:
        found = {"": texts} if (texts := lines_of(whole_text(name, open_))) else {}
    else:
        table = open_table(name, open_)
        columns = pick(table.columns, {what: ALIASES[what] for what in ("review", *FILM)})
        if "review" not in columns:
            listed = ", ".join(table.columns)[:80]
            raise BadInput(f"{name} has no column for the review (it has {listed}); name one 'review'")
        film = next((what for what in FILM if what in columns), None)
        for piece in table.pieces({what: columns[what] for what in ("review", film) if what}):
            films = piece[film].to_pylist() if film else repeat("")
            for text, called in zip(piece["review"].to_pylist(), films, strict=film is not None):
                if text and text.strip():
                    found.setdefault((called or "").strip(), []).append(text.strip())
    if not found:
        raise BadInput(f"{name} holds no text; write one review a line")
    return found
