"""The cache: artifacts that are costly to compute, as files in folders, and small values in diskcache.

An artifact is a folder of files that one stage made from one set of inputs. Its key is a digest of the stage's name,
the stage's version and the inputs, so equal inputs lead to it again, and anything else does not. The index
(diskcache) holds small JSON alone, such as the digests of large files. Nothing is ever pickled or unpickled:
diskcache would unpickle what its database says, so this store brings a `Disk` that refuses.

This module is longer than others, so that all code that decides what may stand in the cache is read in one place.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_RAW

from core.errors import StorageError

HASH_BLOCK = 1 << 20
"""Bytes read at a time while hashing."""
MANIFEST = "manifest.json"
"""In each artifact's folder: the SHA-256 of every other file."""
UNUSED_SECONDS = 3600
"""An artifact used more recently is never pruned."""
UNFINISHED_SECONDS = 14 * 24 * 3600
"""Work that was cut off longer ago is not waited for."""


class JSONOnlyDisk(diskcache.Disk):  # type: ignore[misc]
    """Keeps text in the database itself; refuses pickles and files, whatever the database says."""

    def put(self, key: Any) -> tuple[str, bool]:
        if not isinstance(key, str):
            raise TypeError(f"a key is text, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: bool) -> str:
        if not raw or not isinstance(key, str):
            raise ValueError("the cache's index holds a key that is not text")
        return key

    def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, str]:
        return 0, MODE_RAW, None, json.dumps(value, sort_keys=True)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if mode != MODE_RAW or filename is not None or not isinstance(value, str):
            raise ValueError("the cache's index holds an entry that is not JSON text")
        return json.loads(value)

    def remove(self, file_path: str) -> None:
        """Delete no file: no entry has one, so an entry that names a file names one of somebody else."""


class Store:
    """The cache folder. Any number of processes may use one folder at once.

    >>> import tempfile
    >>> store = Store(Path(tempfile.mkdtemp()))
    >>> folder = store.artifact("squares", "1", {"of": 3}, lambda to: (to / "n.txt").write_text("9"))
    >>> (folder / "n.txt").read_text()
    '9'
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        with disk_errors(root):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            root.chmod(0o700)
            (root / "artifacts").mkdir(exist_ok=True)
            self._index = self._open_index()

    def artifact(
        self, stage: str, version: str, inputs: dict[str, Any], build: Callable[[Path], object]
    ) -> Path:
        """Return the folder that `build` filled for these inputs, now or before.

        `build` gets an empty folder to write files into. The folder appears under its final name only
        once it is complete, so a kill leaves no half artifact. One whose files are missing or changed
        is built again. Raises what `build` raises, and StorageError where the disk is full.
        """
        home = self.home(stage, version, inputs)
        if _intact(home):
            return home
        with disk_errors(self.root):
            shutil.rmtree(home, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-{stage}-", dir=self.root / "artifacts"))
            try:
                build(work)
                files = {str(p.relative_to(work)): _sha256(p) for p in sorted(work.rglob("*")) if p.is_file()}
                write_json(work / MANIFEST, files)
                try:
                    work.replace(home)
                except OSError:
                    # Another process finished the same artifact first: equal inputs, and its manifest is whole.
                    if not _intact(home):
                        raise
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return home

    def home(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        """Return the path of an artifact's folder, there or not."""
        key = digest_of({"stage": stage, "version": version, "inputs": inputs})
        return self.root / "artifacts" / f"{stage}-{key[:32]}"

    def unfinished(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        """Return the path of the checkpoint of work on an artifact, there or not."""
        key = digest_of({"stage": stage, "version": version, "inputs": inputs})
        return self.root / "unfinished" / f"{stage}-{key[:32]}.safetensors"

    def get(self, key: str) -> Any:
        """Return the JSON value under a key, or None. An entry that cannot be read counts as none."""
        try:
            return self._index.get(key)
        except (ValueError, UnicodeDecodeError):
            self._index.delete(key)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._index = self._fresh_index()
        return None

    def put(self, key: str, value: Any) -> None:
        """Store a small JSON value under a key."""
        with disk_errors(self.root):
            self._index.set(key, value)

    def file_digest(self, path: Path) -> str:
        """Return the SHA-256 of a file's content; the file is read again only when size or time changed."""
        stat = path.stat()
        key = digest_of({"file": str(path.resolve()), "size": stat.st_size, "time": stat.st_mtime_ns})
        digest = self.get(key)
        if not isinstance(digest, str):
            digest = _sha256(path)
            self.put(key, digest)
        return digest

    def prune(self, max_bytes: int) -> int:
        """Delete leftovers of killed work, then the artifacts longest unused, until the rest fits.

        Return the number of folders and files deleted. What was used within the last hour stays, and so does the
        work of processes that live.
        """
        artifacts = self.root / "artifacts"
        unused, deleted, now = [], 0, time.time()
        for folder in artifacts.iterdir():
            if folder.name.startswith("."):
                if not _alive(int(folder.name[1:].split("-")[0])):
                    shutil.rmtree(folder, ignore_errors=True)
                    deleted += 1
            elif now - folder.stat().st_mtime >= UNUSED_SECONDS:
                unused.append((folder.stat().st_mtime, folder))
        for checkpoint in self.root.glob("unfinished/*"):
            if now - checkpoint.stat().st_mtime >= UNFINISHED_SECONDS:
                checkpoint.unlink(missing_ok=True)
                deleted += 1
        total = _bytes(artifacts)
        for _, folder in sorted(unused):
            if total <= max_bytes:
                break
            total -= _bytes(folder)
            shutil.rmtree(folder, ignore_errors=True)
            deleted += 1
        return deleted

    def _open_index(self) -> diskcache.Cache:
        try:
            return self._diskcache()
        except sqlite3.DatabaseError:
            return self._fresh_index()

    def _fresh_index(self) -> diskcache.Cache:
        """Move a damaged index aside and begin an empty one; artifacts are checked by their manifests without it."""
        damaged = self.root / "index"
        with contextlib.suppress(FileNotFoundError):
            damaged.rename(self.root / f"index-damaged-{time.time_ns()}")
        return self._diskcache()

    def _diskcache(self) -> diskcache.Cache:
        # The policy "none" and a size out of reach: diskcache itself never evicts, see `prune`.
        return diskcache.Cache(
            str(self.root / "index"),
            disk=JSONOnlyDisk,
            eviction_policy="none",
            cull_limit=0,
            size_limit=1 << 50,
        )


def _intact(home: Path) -> bool:
    """Return whether an artifact is there, whole and unchanged, and mark it as used now."""
    try:
        files = read_json(home / MANIFEST)
        if any(_sha256(home / name) != digest for name, digest in files.items()):
            return False
        os.utime(home)
    except (OSError, ValueError, AttributeError):
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and belongs to another user
    return True


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def digest_of(value: Any) -> str:
    """Return the SHA-256 of plain data, the same for equal data in any order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write plain data as JSON, so that the file is either the old one or the new one, whole."""
    content = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    # A new name for each writing: two threads may write the same file at once.
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """Return the plain data that a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn a full or read-only disk into a StorageError that says so."""
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
        if "full" in str(error):
            raise StorageError(f"the disk of {root} is full; free some space and start again") from error
        raise
