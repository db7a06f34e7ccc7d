"""A folder, an archive or a single file -> an opener for each file in it, by its name."""

import gzip
import zipfile
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from core.data.tables.text import Opener
from core.errors import BadInput

MAX_FILES = 20_000
MAX_DEPTH = 3
"""Folders within folders that are looked into."""


def members(path: Path) -> dict[str, Opener]:
    """Return an opener of each file of a folder or an archive, by its name without folders.

    Of two files of one name, the less nested is taken. A compressed file goes by its name without .gz and the
    like, and is opened unpacked. A single file that is no archive is its own member. Nothing is unpacked to disk.
    Raises BadInput where the archive cannot be read, or holds too many files.
    """
    if path.is_dir():
        found = {str(file.relative_to(path)): partial(path_opener, file) for file in _files(path)}
    elif zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        found = {name: partial(archive.open, name) for name in archive.namelist() if not name.endswith("/")}
    else:
        found = {path.name: partial(path_opener, path)}
    # The less nested comes last, and replaces the other.
    names = sorted(found, key=lambda name: name.count("/"), reverse=True)
    return {PurePosixPath(name).name.removesuffix(".gz"): found[name] for name in names}


def path_opener(path: Path) -> IO[bytes]:
    """Return the file, opened, and unpacked where it is compressed."""
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


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
