"""A zip archive -> an opener for each table in it; nothing is unpacked to disk."""

import weakref
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from core.data.tables.text import Opener
from core.errors import BadInput

MAX_UNPACKED_BYTES = 2 * 1024**3
"""Limit for all tables of a zip together."""


def table_members(name: str, opener: Opener, endings: Sequence[str]) -> list[tuple[str, Opener]]:
    """Return the name, as in "mine.zip: 2024.csv", and an opener of each file with one of these endings.

    Paths inside the archive are never used as paths on disk. Raises BadInput where there is no table, or the
    archive cannot be read.
    """
    stream = opener()
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError) as error:
        stream.close()
        raise BadInput(f"{name} is not a whole zip archive; pack it again") from error
    # zipfile leaves a stream open that it was given.
    weakref.finalize(archive, stream.close)
    entries = [
        entry
        for entry in archive.infolist()
        if entry.filename.lower().endswith(tuple(endings)) and not entry.filename.startswith("__MACOSX/")
    ]
    tables = [entry for entry in entries if not entry.filename.lower().endswith(".txt")]
    # Beside tables of another format, a .txt file is a note.
    entries = tables or entries
    if not entries:
        raise BadInput(f"{name} holds no table; pack one ({', '.join(endings)})")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"{name} is locked by a password; pack it again without one")
    # zipfile reads no more than the size that an entry states, and checks its CRC there, so the limit holds.
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise BadInput(f"{name} unpacks to more than {MAX_UNPACKED_BYTES // 1024**3} GB; give smaller tables")
    return [
        (f"{name}: {PurePosixPath(entry.filename).name}", partial(_member, archive, entry))
        for entry in entries
    ]


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(entry)
    except NotImplementedError as error:
        raise BadInput(f"{entry.filename} is packed in a way that cannot be read; pack it again") from error
