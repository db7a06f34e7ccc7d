"""Validation of a downloaded archive, before it gets its final name."""

import gzip
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import BadInput

BLOCK_BYTES = 1 << 20
"""Bytes unpacked at a time."""


@dataclass(frozen=True)
class Archive:
    """Name and required content of a published file."""

    name: str
    kind: Literal["zip", "tar.gz", "gz"]
    members: tuple[str, ...]
    """Of a zip, required files; of a tar, required beginnings of paths; of a gz, the beginning of its text."""


def check_archive(path: Path, archive: Archive) -> None:
    """Read the archive to its end. Raises BadInput where it is damaged or lacks a required member."""
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
    # With gzip outside of tarfile, which alone would accept some truncated archives.
    with gzip.open(path) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as file:
        for entry in file:
            missing -= {start for start in missing if entry.name.startswith(start)}
        while unpacked.read(BLOCK_BYTES):
            pass
    return sorted(missing)


def _missing_in_text(path: Path, members: tuple[str, ...]) -> list[str]:
    with gzip.open(path) as file:
        block = file.read(BLOCK_BYTES)
        missing = [start for start in members if not block.startswith(start.encode())]
        while block:  # to the end, where gzip checks the CRC
            block = file.read(BLOCK_BYTES)
    return missing


_READERS = {"zip": _missing_in_zip, "tar.gz": _missing_in_tar, "gz": _missing_in_text}
