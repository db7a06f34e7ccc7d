"""What people paste or upload about films -> their reviews, one text each.

A text has one review a line; a table has a column for them, and may have one for the film. What is in the reviews
is left to `predict`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath

from core.data.layouts.roles import guess_roles
from core.data.tables import Opener, open_table, whole_text
from core.errors import BadInput
from core.memory import bounded_memory, size_of
from core.paths import path_of

MOST_REVIEWS = 500
"""Reviews of one film that are read at once on a page: more would take long and tell little more."""
MOST_BYTES = 5 * 1024**2
"""Largest file of reviews that is taken as an upload."""
ONE_A_LINE = (".txt", ".text", "")
"""Endings of files that are no table."""
IDS = ("imdb_id", "film_id")
"""Columns with the id of a film, the plainer first."""
_BREAK = re.compile(r"\r\n|[\r\n]")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that are not blank.

    >>> lines_of("Good.\\r\\n\\n  Bad. ")
    ['Good.', 'Bad.']
    """
    return [line.strip() for line in _BREAK.split(text) if line.strip()]


def films_named(reviews: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the films that a file names, in its order, with how many reviews it has of each.

    >>> films_named([("Heat", "Good."), ("", "Bad."), ("Heat", "Long.")])
    {'Heat': 2}
    """
    return dict(Counter(film for film, _ in reviews if film))


def read_texts(path: Path, film: str | None = None) -> tuple[list[str], int]:
    """Return the reviews in a file, one a line or a column of a table, and how many films it names.

    `film` is what the file calls the one whose reviews are wanted. Raises BadInput where there is none.
    """
    try:
        # Refuses a pipe or a device.
        path_of(str(path))
        with bounded_memory(path.name, size_of(path)):
            reviews = reviews_in(path.name, lambda: path.open("rb"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}; check the path") from error
    if film is None:
        return [text for _, text in reviews], len(films_named(reviews))
    if not films_named(reviews):
        raise BadInput(f"{path} names no films; leave --film out, or give a table with a column title")
    texts = [text for title, text in reviews if title == film]
    if not texts:
        raise BadInput(f"{path} has no review of a film {film!r}; write it as the file does")
    return texts, 1


def reviews_in(name: str, open_: Opener) -> list[tuple[str, str]]:
    """Return the reviews in a file that are not blank, in its order: what it calls the film, and the text.

    They are the lines of a text, or a column of a table: CSV, TSV, JSONL, Parquet or a zip of these; the encoding
    of a text is detected. A film is called by its title, with its year where that stands apart and its id where
    several films have the title, else by its id; "" where there is nothing. Raises BadInput where the file is none
    of these, has no column `review`, or holds no review.
    """
    if PurePath(name.lower()).suffix in ONE_A_LINE:
        reviews = [("", text) for text in lines_of(whole_text(name, open_))]
    else:
        table = open_table(name, open_)
        columns = {
            ours: theirs
            for ours, theirs in guess_roles(table, "reviews").columns.items()
            if ours in ("review", "title", "year", *IDS)
        }
        if "review" not in columns:
            listed = ", ".join(table.columns)[:80]
            raise BadInput(f"{name} has no column for the review (it has {listed}); name one 'review'")
        rows = (row for piece in table.batches(columns) for row in piece.to_pylist())
        written = [(row, text) for row in rows if (text := (row["review"] or "").strip())]
        films = _films([row for row, _ in written])
        reviews = [(film, text) for film, (_, text) in zip(films, written, strict=True)]
    if not reviews:
        raise BadInput(f"{name} holds no text; write one review a line")
    return reviews


def _films(rows: Sequence[Mapping[str, str | None]]) -> list[str]:
    """Return what rows call their films: the title with its year, and the id behind one that several films have.

    >>> _films([{"title": "Heat", "year": "1995"}, {"title": "Heat (1995)", "year": "1995"}, {"year": "1995"}])
    ['Heat (1995)', 'Heat (1995)', '']
    >>> _films([{"title": "Emma", "film_id": "7"}, {"title": "Emma", "film_id": "07"}, {"film_id": " 7"}])
    ['Emma [id 7]', 'Emma [id 07]', ' 7']
    """
    titles = [_title(row) for row in rows]
    ids = [next((given for column in IDS if (given := row.get(column))), "") for row in rows]
    ids_of = defaultdict(set)
    for title, film_id in zip(titles, ids, strict=True):
        if film_id:
            ids_of[title].add(film_id)
    return [
        f"{title} [id {film_id}]" if title and film_id and len(ids_of[title]) > 1 else title or film_id
        for title, film_id in zip(titles, ids, strict=True)
    ]


def _title(row: Mapping[str, str | None]) -> str:
    title = (row.get("title") or "").strip()
    year = (row.get("year") or "").strip().removesuffix(".0")
    return f"{title} ({year})" if title and year and not title.endswith(f"({year})") else title
