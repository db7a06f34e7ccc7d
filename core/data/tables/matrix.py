"""A matrix with a row a user and a column an item, as Jester's -> a row a rating."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from core.data.tables.records.table import Form, table_of
from core.data.tables.user_table import UserTable

ABSENT = 99.0
"""Stands where a user has not rated."""
FEWEST_COLUMNS = 10
Rows = Callable[[], Iterator[tuple[int, Sequence[str]]]]
"""Gives the number and the values of each row."""


def is_matrix(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether each row begins with how many of its other values are ratings.

    >>> is_matrix([["2", "99", "-7.82", "8.79", *["99"] * 8], ["1", "4.08", *["99"] * 10]])
    True
    """
    if not rows or min(map(len, rows)) < FEWEST_COLUMNS:
        return False
    try:
        numbers = [[float(value) for value in row if value] for row in rows]
    except ValueError:
        return False
    return any(ABSENT in row for row in numbers) and all(
        row and row[0] == sum(value != ABSENT for value in row[1:]) for row in numbers
    )


def open_matrix(name: str, form: tuple[str, str], rows: Rows) -> UserTable:
    """Return the ratings of a matrix as a table; a user is called by the number of its row, an item by its column's.

    `form` is the format for people and the encoding.
    """
    note = f"{name} is a matrix: users and items are numbered by its rows and columns, and 99 is no rating."
    title, encoding = form
    whole = Form(f"{title}, one row per user", encoding, "row", header=False, notes=(note,))
    return table_of(name, whole, partial(_ratings, rows))


def _ratings(rows: Rows) -> Iterator[tuple[int, dict[str, str | None]]]:
    for user, (number, values) in enumerate(rows(), 1):
        for item, value in enumerate(values[1:], 1):
            if value.strip() and not _is_absent(value):
                yield number, {"user": str(user), "item": str(item), "rating": value}


def _is_absent(value: str) -> bool:
    try:
        return float(value) == ABSENT
    except ValueError:
        return False
