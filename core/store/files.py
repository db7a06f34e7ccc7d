"""Files that are whole or not there: JSON, digests, what waits for the disk, and errors of a disk for people."""

import contextlib
import errno
import functools
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.store.leftovers import beside

HASH_BLOCK = 1 << 20
"""Bytes read at a time while hashing."""
MANIFEST = "manifest.json"
"""File in the folder of an artifact or a run with the SHA-256 of every other file."""


def write_json(path: Path, value: Any) -> None:
    """Write plain data as JSON atomically: the file is always either the old or the new one, complete.

    Once this returns, the new one is on the disk, and its name too.
    """
    content = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    # A new temporary name for each call, since two threads may write the same file at once.
    handle, temporary = tempfile.mkstemp(prefix=beside(path.name), dir=path.parent)
    try:
        # In JSON, half of a character is written as an escape, and that of Python is the same.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        put(Path(temporary), path)
        flush(path.parent, deep=False)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def put(path: Path, name: Path) -> None:
    """Give a file or folder a name, in place of whatever has it, such as a folder where a file belongs."""
    try:
        path.replace(name)
    except OSError as error:
        if error.errno not in (errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.EEXIST):
            raise
        remove(name)
        path.replace(name)


def remove(path: Path) -> None:
    """Delete a file, or a folder with all that is in it, if there is any."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def copy_folder(source: Path, to: Path, without: tuple[str, ...] = ()) -> None:
    """Copy a folder, but for the files of some names. Raise StorageError if the disk is full."""

    def copy(one: str, other: str) -> None:
        # At once: shutil goes on to the next file, and its error at the end does not say what the disk lacks.
        with disk_errors(to):
            shutil.copyfile(one, other)

    with disk_errors(to):
        shutil.copytree(
            source, to, ignore=shutil.ignore_patterns(*without), copy_function=copy, dirs_exist_ok=True
        )


def flush(place: Path, deep: bool = True) -> None:
    """Wait until a file or folder is on the disk, with `deep` all that is in it too: a power loss spares it."""
    for path in [*(place.rglob("*") if deep else ()), place]:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def read_json(path: Path) -> Any:
    """Return the plain data that a JSON file holds. Raise OSError, and ValueError if it holds none."""
    return decoded_json(content_of(path), str(path))


def content_of(path: Path) -> bytes:
    """Return the content of a file. Raise OSError, also for what could be read for ever."""
    refuse_endless(path)
    return path.read_bytes()


def refuse_endless(path: Path) -> None:
    """Raise OSError for a pipe or a device, which could be read for ever."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "neither a file nor a folder", str(path))


def decoded_json(content: bytes, name: str = "the content") -> Any:
    """Return the plain data in JSON. Raise ValueError if it holds none."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError(f"{name} is nested too deep") from error


def digest_of(value: Any) -> str:
    """Return the SHA-256 of plain data, which does not depend on the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def write_manifest(folder: Path) -> None:
    """Write the SHA-256 of all files of a folder into its manifest."""
    files = {str(p.relative_to(folder)): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    write_json(folder / MANIFEST, files)


def as_written(path: Path) -> bool:
    """Return whether a file has the digest in its folder's manifest; True where there is none. Raise OSError."""
    refuse_endless(path)
    digest, about = recorded_digest(path), path.stat()
    return digest is None or _digest_at(path, about.st_size, about.st_mtime_ns) == digest


def recorded_digest(path: Path) -> Any:
    """Return the digest of a file in its folder's manifest; None where there is none. Raise OSError."""
    try:
        return read_json(path.parent / MANIFEST).get(path.name)
    except (FileNotFoundError, ValueError, AttributeError):
        return None


@functools.lru_cache(maxsize=1000)
def _digest_at(path: Path, size: int, changed: int) -> str:
    """Return the SHA-256 of a file that had this size and time of change."""
    return sha256(path)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content. Raise OSError."""
    refuse_endless(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Raise StorageError in place of an OSError about a full or read-only disk."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"the disk of {root} is full; free some space and start again") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StorageError(
                f"{error.filename or root} cannot be written; set FACTORSCOPE_CACHE to a folder that can"
            ) from error
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error) or "I/O" in str(error):
            raise StorageError(f"the disk of {root} is full; free some space and start again") from error
        if "readonly" in str(error):
            raise StorageError(
                f"{root} cannot be written; set FACTORSCOPE_CACHE to a folder that can"
            ) from error
        raise


def is_damaged(error: Exception) -> bool:
    """Return whether an error of a SQLite database is due to its content, not to the disk or to other processes."""
    passing = ("full", "locked", "busy", "readonly", "I/O")
    return not (isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in passing))


def renamed(work: Path, home: Path) -> bool:
    """Give a folder its name; return False where another folder or file has it."""
    try:
        work.replace(home)
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def is_intact(home: Path) -> bool:
    """Return whether an artifact exists, complete and unchanged, and mark it as used now."""
    try:
        files = read_json(home / MANIFEST)
        if not files or any(sha256(home / name) != digest for name, digest in files.items()):
            return False
        os.utime(home)
    except (OSError, ValueError, AttributeError):
        return False
    return True
