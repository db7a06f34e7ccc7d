"""A table, or the files of a folder or an archive -> the known layout, if there is one."""

from collections.abc import Collection
from fnmatch import fnmatch
from pathlib import PurePosixPath

from core.data.layouts.known import KNOWN
from core.data.layouts.layout import Layout
from core.data.tables import UserTable


def layout_of(table: UserTable) -> Layout | None:
    """Return the known layout of a table, by its name and columns."""
    name = PurePosixPath(table.name.rpartition(": ")[2]).name
    return next((layout for layout in KNOWN if is_named(name, layout) and has_signs(table, layout)), None)


def is_named(name: str, layout: Layout) -> bool:
    """Return whether a file of this name may be in a layout; the ending of a compressed file does not count."""
    return any(fnmatch(plain_ending(name), pattern) for pattern in layout.files)


def has_signs(table: UserTable, layout: Layout) -> bool:
    """Return whether a table has the columns of a layout."""
    signs, columns = set(layout.signs), set(table.columns)
    return signs == columns if layout.exact else signs <= columns


def files_named(pattern: str, names: Collection[str]) -> list[str]:
    """Return the names that match a pattern, sorted."""
    return sorted(name for name in names if fnmatch(plain_ending(name), pattern))


def plain_ending(name: str) -> str:
    """Return the name of a file in lower case, without the ending of a compressed file.

    >>> plain_ending("Ratings.csv.gz")
    'ratings.csv'
    """
    name = name.lower()
    for ending in (".gz", ".bz2", ".xz", ".zst", ".zip"):
        name = name.removesuffix(ending)
    return name
