"""A zip archive -> the tables in it, each with how to open it; nothing is unpacked."""

import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from core.data.tables.text import Opener
from core.errors import BadInput

MOST_UNPACKED = 2 * 1024**3
"""Bytes of all tables in a zip together."""


def members(name: str, open_: Opener, endings: Sequence[str]) -> list[tuple[str, Opener]]:
    """Return the names of the files with these endings, as in "mine.zip: 2024.csv", and how to open each.

    Their paths are never used for one. Raises BadInput where there is none, or the archive cannot be read.
    """
    try:
        archive = zipfile.ZipFile(open_())
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{name} is not a whole zip archive; pack it again") from error
    entries = [
        entry
        for entry in archive.infolist()
        if entry.filename.lower().endswith(tuple(endings)) and not entry.filename.startswith("__MACOSX/")
    ]
    tables = [entry for entry in entries if not entry.filename.lower().endswith(".txt")]
    # Beside tables of another kind a text is a note.
    entries = tables or entries
    if not entries:
        raise BadInput(f"{name} holds no table; pack one ({', '.join(endings)})")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"{name} is locked by a password; pack it again without one")
    # zipfile ends at the size that an entry states and checks its sum there, so the bound holds.
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise BadInput(f"{name} unpacks to more than {MOST_UNPACKED // 1024**3} GB; give smaller tables")
    return [
        (f"{name}: {PurePosixPath(entry.filename).name}", partial(_member, archive, entry))
        for entry in entries
    ]


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(entry)
    except NotImplementedError as error:
        raise BadInput(f"{entry.filename} is packed in a way that cannot be read; pack it again") from error
