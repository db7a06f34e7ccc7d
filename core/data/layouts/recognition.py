"""A table -> its known layout, if it has one."""

from fnmatch import fnmatch
from pathlib import PurePosixPath

from core.data.layouts.known import KNOWN
from core.data.layouts.layout import Layout
from core.data.tables import UserTable


def layout_of(table: UserTable) -> Layout | None:
    """Return the known layout of a table, by its name and columns."""
    return next((layout for layout in KNOWN if _is_of(table, layout)), None)


def _is_of(table: UserTable, layout: Layout) -> bool:
    name = PurePosixPath(table.name.rpartition(": ")[2]).name.lower()
    named = not layout.files or any(fnmatch(name, pattern) for pattern in layout.files)
    signs = layout.signs or tuple(layout.columns.values())
    return named and set(signs) <= set(table.columns)
