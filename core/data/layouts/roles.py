"""A table -> which of its columns has which meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.data.layouts.aliases import ALIASES, named_roles
from core.data.layouts.recognition import layout_of
from core.data.tables import UserTable
from core.errors import BadInput

Holds = Literal["ratings", "reviews"]
OF_REVIEWS = {"film": "film_id", "rating": "stars"}
"""Our columns in a layout -> in a file of reviews, where they differ."""


@dataclass(frozen=True)
class Roles:
    """The roles of a table's columns."""

    columns: Mapping[str, str]
    """Ours -> the table's."""
    layout: str = ""
    """Name of the known layout; "" where there is none."""
    warnings: tuple[str, ...] = ()
    """Sentences on what was guessed."""


def guess_roles(table: UserTable, holds: Holds) -> Roles:
    """Return the roles of the columns of a table of ratings or reviews; a role without a column is missing."""
    if (layout := layout_of(table)) is not None:
        columns = {
            (OF_REVIEWS.get(ours, ours) if holds == "reviews" else ours): theirs
            for ours, theirs in layout.columns.items()
        }
        columns = {
            ours: theirs
            for ours, theirs in columns.items()
            if ours in ALIASES[holds] and theirs in table.columns
        }
        return Roles(columns, layout.name)
    return Roles(named_roles(table.columns, holds))


def chosen_roles(table: UserTable, columns: Mapping[str, str]) -> Roles:
    """Return the roles that a user chose. Raises BadInput where the table has no such column."""
    for column in columns.values():
        if column not in table.columns:
            raise BadInput(
                f"{table.name} has no column {column!r} (it has {', '.join(table.columns)[:80]}); choose one of these"
            )
    return Roles(dict(columns))
