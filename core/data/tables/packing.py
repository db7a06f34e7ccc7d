"""Compressed files -> openers of what is in them, recognised by their first bytes; nothing is unpacked to disk.

What comes out of a file on the disk is bounded by its size (`bounds`), however often it is packed.
"""

import bz2
import contextlib
import errno
import gzip
import io
import lzma
import os
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import pyarrow as pa

from core.data.tables.bounds import most_bytes, too_large
from core.errors import BadInput

Opener = Callable[[], IO[bytes]]
"""Opens a file at its beginning, any number of times."""
ZIP_MAGIC = b"PK\x03\x04"
ENDINGS_OF_PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
COMPRESSED = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
"""First bytes -> kind of compression."""
UNREADABLE = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar", b"\x1f\x9d": "Z", b"\x04\x22\x4d\x18": "lz4"}
_MAGIC_BYTES = 8
BUFFER_BYTES = 1 << 18


class Member(NamedTuple):
    """A file in an archive."""

    open: Opener
    bytes: int
    """Its unpacked size, as the archive states it."""


@dataclass(frozen=True)
class Unpacking:
    """Opens what was packed, which is no more than may come out of the file on the disk."""

    open: Opener
    most: int
    """Bytes that may come out of that file."""

    def __call__(self) -> IO[bytes]:
        return self.open()


def most_of(opener: Opener) -> int:
    """Return how many bytes may come out of a file."""
    if isinstance(opener, Unpacking):
        return opener.most
    with opener() as stream:
        return most_bytes(stream.seek(0, os.SEEK_END))


def unpacked(name: str, opener: Opener) -> Opener:
    """Return the opener of a file, or where it is compressed that of its content, which is bounded.

    Raises BadInput where it is packed in a way that cannot be read.
    """
    start = first_bytes(name, opener, _MAGIC_BYTES)
    for magic, kind in UNREADABLE.items():
        if start.startswith(magic):
            raise BadInput(f"{name} is packed as {kind}, which cannot be read; pack it as .zip or .gz")
    method = next((method for magic, method in COMPRESSED.items() if start.startswith(magic)), None)
    if method is None:
        return opener
    most = most_of(opener)
    return Unpacking(partial(_unpacking, name, opener, method, most), most)


def first_bytes(name: str, opener: Opener, count: int) -> bytes:
    """Return the first bytes of a file."""
    with opened(name, opener) as stream:
        return stream.read(count)


@contextlib.contextmanager
def opened(name: str, opener: Opener) -> Iterator[IO[bytes]]:
    """Open a file. Raises BadInput, also while it is read, where it is damaged or cut off."""
    try:
        with opener() as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise _damaged(name, error) from error
    except OSError as error:
        # An error of a decompressor about damaged data has no errno, unlike an error of the system about a file.
        if error.errno in (errno.EIO, errno.EACCES, errno.EPERM):
            raise BadInput(f"{name} cannot be read ({error.strerror}); give a file that can") from error
        if error.errno is not None:
            raise
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> BadInput:
    return BadInput(f"{name} is damaged ({' '.join(str(error).split())[:100]}); fetch it again")


def open_path(path: Path) -> IO[bytes]:
    """Return the file at a path, opened."""
    return path.open("rb")


def is_zip(start: bytes) -> bool:
    """Return whether a file with these first bytes is a zip archive, be it an empty one."""
    return start.startswith((ZIP_MAGIC, b"PK\x05\x06"))


def zip_members(name: str, opener: Opener) -> dict[str, Member]:
    """Return each file in a zip archive, by its path in there, which is never used as one on disk.

    Raises BadInput where the archive cannot be read, or a file in it is locked by a password; and when a file is
    opened, where those that were opened are too large together.
    """
    most = most_of(opener)
    stream = opener()
    try:
        archive = _Archive(name, zipfile.ZipFile(stream), most)
        weakref.finalize(archive.file, stream.close)
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        stream.close()
        raise BadInput(f"{name} is not a whole zip archive; pack it again") from error
    entries = [
        entry
        for entry in archive.file.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"{name} is locked by a password; pack it again without one")
    return {
        entry.filename: Member(Unpacking(partial(archive.open, entry), most), entry.file_size)
        for entry in entries
    }


@dataclass
class _Archive:
    """An open archive, and which of its files were opened."""

    name: str
    file: zipfile.ZipFile
    most: int
    """Bytes that all files that are opened may have together."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Of those that were opened."""

    def open(self, entry: zipfile.ZipInfo) -> IO[bytes]:
        """Return a file, opened."""
        # zipfile reads no more than the size that an entry states, and checks its CRC there.
        self.sizes[entry.filename] = entry.file_size
        if sum(self.sizes.values()) > self.most:
            raise too_large(self.name, self.most)
        try:
            stream = self.file.open(entry)
            # The archive, whose end closes its file, lives as long as the stream.
            weakref.finalize(stream, bool, self.file)
            return stream
        except (NotImplementedError, RuntimeError) as error:
            name = f"{self.name}: {PurePosixPath(entry.filename).name}"
            raise BadInput(f"{name} is packed in a way that cannot be read; pack it again") from error


def _unpacking(name: str, opener: Opener, method: str, most: int) -> IO[bytes]:
    packed = opener()
    if method == "zst":
        stream = pa.CompressedInputStream(pa.PythonFile(packed, "r"), "zstd")
    else:
        open_packed: Any = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}[method]
        stream = open_packed(packed)
    return io.BufferedReader(_Bounded(name, stream, packed, most), BUFFER_BYTES)


class _Bounded(io.RawIOBase):
    """A stream that ends with BadInput where more comes than may be unpacked."""

    def __init__(self, name: str, stream: Any, packed: IO[bytes], most: int) -> None:
        self._name, self._stream, self._packed, self._most = name, stream, packed, most
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        content = self._stream.read(len(view))
        self._bytes += len(content)
        if self._bytes > self._most:
            raise too_large(self._name, self._most)
        view[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._packed.close()
        super().close()
