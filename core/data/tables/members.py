"""A folder, an archive or a single file -> an opener for each file in it, by its name."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from core.data.tables.bounds import most_bytes
from core.data.tables.excel import WORKBOOK
from core.data.tables.packing import (
    ENDINGS_OF_PACKED,
    Opener,
    Unpacking,
    first_bytes,
    is_zip,
    most_of,
    open_path,
    unpacked,
    zip_members,
)
from core.errors import BadInput
from core.paths import path_of

MAX_FILES = 20_000
MAX_DEPTH = 3
"""Folders within folders that are looked into."""


def members(path: Path) -> dict[str, Opener]:
    """Return an opener of each file of a folder or an archive, by its name without folders.

    Of two files of one name, the less nested is taken. A compressed file goes by its name without .gz and the
    like, and is opened unpacked. A single file that is no archive, or an Excel file, is its own member. Nothing is
    unpacked to disk.
    Raises BadInput where the path is a pipe or a device, or the archive cannot be read, or holds too many files.
    """
    found = _all_files(path)
    return {_plain(name): _unpacked(f"{path.name}: {_plain(name)}", found[name]) for name in _ranked(found)}


def shadowed(path: Path) -> dict[str, list[str]]:
    """Return the files that `members` leaves out by the name they share with another, with their folders."""
    names: dict[str, list[str]] = {}
    for name in _ranked(_all_files(path)):
        names.setdefault(_plain(name), []).append(name)
    return {plain: sorted(those[:-1]) for plain, those in names.items() if len(those) > 1}


def _all_files(path: Path) -> dict[str, Opener]:
    """Return an opener of each file, by its name with folders."""
    if path.is_dir():
        found: dict[str, Opener] = {
            str(file.relative_to(path)): Unpacking(partial(open_path, file), most_bytes(file.stat().st_size))
            for file in _files(path)
        }
    else:
        # Refuses a pipe or a device.
        path_of(str(path))
        opener = unpacked(path.name, partial(open_path, path))
        found = {path.name: opener}
        if is_zip(first_bytes(path.name, opener, 4)):
            archive = zip_members(path.name, opener)
            if WORKBOOK not in archive:
                found = {name: member.open for name, member in archive.items()}
    return found


def _ranked(names: Iterable[str]) -> list[str]:
    """Return the names such that the less nested comes last, and replaces another of its plain name."""
    return sorted(names, key=lambda name: name.count("/"), reverse=True)


def _unpacked(label: str, opener: Opener) -> Opener:
    """Return the opener of a file, whose content is unpacked where it is compressed."""
    return Unpacking(partial(_open, label, opener), most_of(opener))


def _open(label: str, opener: Opener) -> IO[bytes]:
    return unpacked(label, opener)()


def _plain(name: str) -> str:
    """Return a file's name without folders and without the ending of its compression.

    >>> _plain("ml-1m/ratings.csv.gz"), _plain("mine.zip")
    ('ratings.csv', 'mine.zip')
    """
    plain = PurePosixPath(name).name
    return plain.removesuffix(
        next((end for end in ENDINGS_OF_PACKED[:-1] if plain.lower().endswith(end)), "")
    )


def _files(folder: Path, depth: int = 0) -> list[Path]:
    files: list[Path] = []
    for entry in sorted(folder.iterdir()):
        if entry.is_file():
            files.append(entry)
        elif depth < MAX_DEPTH and entry.is_dir() and not entry.name.startswith("."):
            files += _files(entry, depth + 1)
        if len(files) > MAX_FILES:
            raise BadInput(
                f"{folder.name} holds more than {MAX_FILES:,} files; give the folder of one data set"
            )
    return files
