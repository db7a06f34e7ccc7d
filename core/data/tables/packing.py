"""Compressed files -> openers of what is in them, recognised by their first bytes; nothing is unpacked to disk."""

import bz2
import contextlib
import errno
import gzip
import io
import lzma
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import pyarrow as pa

from core.errors import BadInput

Opener = Callable[[], IO[bytes]]
"""Opens a file at its beginning, any number of times."""
MAX_UNPACKED_BYTES = 2 * 1024**3
"""Limit for a compressed file, or for all tables of an archive together."""
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


def unpacked(name: str, opener: Opener) -> Opener:
    """Return the opener of a file, or where it is compressed that of its content, which is bounded.

    Raises BadInput where it is packed in a way that cannot be read.
    """
    start = first_bytes(name, opener, _MAGIC_BYTES)
    for magic, kind in UNREADABLE.items():
        if start.startswith(magic):
            raise BadInput(f"{name} is packed as {kind}, which cannot be read; pack it as .zip or .gz")
    method = next((method for magic, method in COMPRESSED.items() if start.startswith(magic)), None)
    return opener if method is None else partial(_unpacking, name, opener, method)


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

    Raises BadInput where the archive cannot be read, or a file in it is locked by a password.
    """
    stream = opener()
    try:
        archive = zipfile.ZipFile(stream)
        weakref.finalize(archive, stream.close)
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        stream.close()
        raise BadInput(f"{name} is not a whole zip archive; pack it again") from error
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
    ]
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"{name} is locked by a password; pack it again without one")
    return {
        entry.filename: Member(partial(_member, name, archive, entry), entry.file_size) for entry in entries
    }


def _member(archive_name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    # zipfile reads no more than the size that an entry states, and checks its CRC there.
    name = f"{archive_name}: {PurePosixPath(entry.filename).name}"
    if entry.file_size > MAX_UNPACKED_BYTES:
        raise too_large(name)
    try:
        stream = archive.open(entry)
        # The archive, whose end closes its file, lives as long as the stream.
        weakref.finalize(stream, bool, archive)
        return stream
    except (NotImplementedError, RuntimeError) as error:
        raise BadInput(f"{name} is packed in a way that cannot be read; pack it again") from error


def too_large(name: str) -> BadInput:
    """Return the error for a file that unpacks to too much."""
    return BadInput(f"{name} unpacks to more than {MAX_UNPACKED_BYTES / 1024**3:.1g} GB; give smaller tables")


def _unpacking(name: str, opener: Opener, method: str) -> IO[bytes]:
    packed = opener()
    if method == "zst":
        stream = pa.CompressedInputStream(pa.PythonFile(packed, "r"), "zstd")
    else:
        open_packed: Any = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}[method]
        stream = open_packed(packed)
    return io.BufferedReader(_Bounded(name, stream, packed), BUFFER_BYTES)


class _Bounded(io.RawIOBase):
    """A stream that ends with BadInput where more comes than may be unpacked."""

    def __init__(self, name: str, stream: Any, packed: IO[bytes]) -> None:
        self._name, self._stream, self._packed = name, stream, packed
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        content = self._stream.read(len(view))
        self._bytes += len(content)
        if self._bytes > MAX_UNPACKED_BYTES:
            raise too_large(self._name)
        view[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._packed.close()
        super().close()
