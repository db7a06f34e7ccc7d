"""Whether a downloaded file is the archive that it should be, before it gets its final name.

Takes a path and what is expected, gives nothing or a BadInput. Where the file comes from is left to
`download` and `mirror`.
"""

import gzip
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import BadInput

BLOCK = 1 << 20
"""Bytes unpacked at a time."""


@dataclass(frozen=True)
class Archive:
    """What a published file is called and must contain."""

    name: str
    kind: Literal["zip", "tar.gz", "gz"]
    members: tuple[str, ...]
    """Files that a zip must have, beginnings of paths that a tar must have, or how a text must begin."""


def check_archive(path: Path, archive: Archive) -> None:
    """Read the archive to its end. Raises BadInput, with its name, where it is damaged or another thing."""
    try:
        missing = _READERS[archive.kind](path, archive.members)
    except (zipfile.BadZipFile, gzip.BadGzipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise BadInput(f"{archive.name} is not a whole {archive.kind} archive ({error})") from error
    if missing:
        raise BadInput(f"{archive.name} is not what it should be: it lacks {missing[0].strip()!r}")


def _missing_in_zip(path: Path, members: tuple[str, ...]) -> list[str]:
    with zipfile.ZipFile(path) as file:
        damaged = file.testzip()
        if damaged is not None:
            raise zipfile.BadZipFile(f"{damaged} is damaged")
        return sorted(set(members) - set(file.namelist()))


def _missing_in_tar(path: Path, members: tuple[str, ...]) -> list[str]:
    missing = set(members)
    # gzip apart from tarfile, which alone would take some truncated archives for whole ones.
    with gzip.open(path) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as file:
        for entry in file:
            missing -= {start for start in missing if entry.name.startswith(start)}
        while unpacked.read(BLOCK):
            pass
    return sorted(missing)


def _missing_in_text(path: Path, members: tuple[str, ...]) -> list[str]:
    with gzip.open(path) as file:
        block = file.read(BLOCK)
        missing = [start for start in members if not block.startswith(start.encode())]
        while block:  # to the end, where gzip keeps its checksum
            block = file.read(BLOCK)
    return missing


_READERS = {"zip": _missing_in_zip, "tar.gz": _missing_in_tar, "gz": _missing_in_text}
