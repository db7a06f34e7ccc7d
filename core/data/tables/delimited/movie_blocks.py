"""Netflix's blocks, "movie:" and a line a rating below -> delimited rows with the movie first, line by line."""

import re
from collections.abc import Iterator
from typing import IO

from core.data.tables.delimited.rewriting import stream_of, whole_lines
from core.data.tables.delimited.text import TextFile

COLUMNS = ("movie", "user", "rating", "date")
_BEGINNING = re.compile(r"\s*\d+:[ \t]*(?:\r\n|\r|\n)\d+,\d[^,\r\n]*,\d{4}-\d\d-\d\d[ \t]*(?:[\r\n]|$)")
_MOVIE = re.compile(r"(?m)^(\d+):[ \t]*(?=[\r\n]|$)")


def holds_movie_blocks(text: str) -> bool:
    """Return whether the beginning of a text is such a block.

    >>> holds_movie_blocks("1:\\n1488844,3,2005-09-06\\n822109,5,2005-05-13\\n")
    True
    """
    return _BEGINNING.match(text) is not None


def as_rows(file: TextFile) -> IO[bytes]:
    """Return the text in UTF-8 with the movie before each rating; the lines keep their numbers.

    >>> import io
    >>> blocks = b"1:\\n7,3,2005-09-06\\n2:\\n8,5,2005-05-13"
    >>> print(as_rows(TextFile("x", lambda: io.BytesIO(blocks))).read().decode())
    <BLANKLINE>
    1,7,3,2005-09-06
    <BLANKLINE>
    2,8,5,2005-05-13
    """
    return stream_of(_blocks(file))


def _blocks(file: TextFile) -> Iterator[bytes]:
    movie = ""
    with file.open() as stream:
        for block in whole_lines(file.name, stream, file.encoding):
            rows, *parts = _MOVIE.split(block)
            # The rest of a movie's ratings, whose block began earlier.
            text = _named(rows, movie) if rows.strip() else rows
            for movie, ratings in zip(parts[::2], parts[1::2], strict=True):
                # What follows a movie's line begins with its line end.
                head = ratings[: len(ratings) - len(ratings.lstrip("\r\n"))]
                text += head + _named(ratings[len(head) :], movie)
            yield text.encode()


def _named(rows: str, movie: str) -> str:
    """Return lines with the movie before each of them."""
    if not rows:
        return ""
    end = rows[len(rows.rstrip("\r\n")) :]
    body = rows[: len(rows) - len(end)]
    return f"{movie}," + body.replace("\n", f"\n{movie},") + end
