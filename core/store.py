"""The cache: costly artifacts as files in folders, and small values in diskcache.

An artifact is a folder of files that one stage made from one set of inputs. Its key is a digest of the
stage's name, the stage's version and the inputs, so only equal inputs lead to the same artifact. The index
(diskcache) holds only small JSON values, such as the digests of large files. Nothing is ever pickled or
unpickled: diskcache would unpickle entries that its database marks as pickled, so this store uses a `Disk`
that refuses them.

This module is longer than others, to keep all code that decides what may be in the cache in one place.
"""

import contextlib
import errno
import functools
import hashlib
import json
import os
import re
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
"""File in the folder of an artifact or a run with the SHA-256 of every other file."""
UNUSED_SECONDS = 3600
"""An artifact used more recently is never pruned."""
UNFINISHED_SECONDS = 14 * 24 * 3600
"""Checkpoints of interrupted work that are older are deleted."""


_WORK = re.compile(r"\.(\d{1,9})-.+")
_ARTIFACT = re.compile(r"[a-z_ -]+-[0-9a-f]{32}")


class JSONOnlyDisk(diskcache.Disk):  # type: ignore[misc]
    """A Disk that keeps text in the database, and refuses pickles and files even if the database has some."""

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
        """Delete no file: our entries have none, so a file that an entry names is not ours."""


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

        `build` gets an empty folder to write files into. The folder gets its final name only when it is
        complete, so a kill leaves no partial artifact. An artifact whose files are missing or changed is
        built again. Raise what `build` raises, and StorageError if the disk is full.
        """
        home = self.home(stage, version, inputs)
        if _intact(home):
            return home
        with disk_errors(self.root):
            shutil.rmtree(home, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f".{os.getpid()}-{stage}-", dir=self.root / "artifacts"))
            try:
                build(work)
                write_manifest(work)
                flush(work)
                try:
                    work.replace(home)
                except OSError:
                    # Another process completed the same artifact first, from equal inputs.
                    if not _intact(home):
                        raise
                flush(home.parent, deep=False)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return home

    def existing(self, name: str) -> Path | None:
        """Return the folder of an artifact by its name, marked as used now; None where it is gone.

        Its files are not checked, since this is for those who wait for an answer.
        """
        folder = self.root / "artifacts" / name
        if Path(name).name != name or not (folder / MANIFEST).is_file():
            return None
        os.utime(folder)
        return folder

    def home(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        """Return the path of an artifact's folder, which may not exist."""
        key = digest_of({"stage": stage, "version": version, "inputs": inputs})
        return self.root / "artifacts" / f"{stage}-{key[:32]}"

    def unfinished(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        """Return the path of the checkpoint of work on an artifact, which may not exist."""
        key = digest_of({"stage": stage, "version": version, "inputs": inputs})
        return self.root / "unfinished" / f"{stage}-{key[:32]}.safetensors"

    def get(self, key: str) -> Any:
        """Return the JSON value under a key; None if there is none or it cannot be read."""
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
        """Delete leftovers of killed work, then the least recently used artifacts until `max_bytes` are left.

        Return the number of folders and files deleted. Artifacts used within the last hour, the work of living
        processes, and what does not bear our names are not deleted.
        """
        used, sizes, deleted, now = {}, {}, 0, time.time()
        for path in (self.root / "artifacts").iterdir():
            # Another process may be pruning too.
            with contextlib.suppress(FileNotFoundError):
                if worked := _WORK.fullmatch(path.name):
                    if not _alive(int(worked[1])):
                        shutil.rmtree(path, ignore_errors=True)
                        deleted += 1
                elif _ARTIFACT.fullmatch(path.name):
                    used[path], sizes[path] = path.stat().st_mtime, _bytes(path)
        for checkpoint in (self.root / "unfinished").glob("*.safetensors"):
            with contextlib.suppress(FileNotFoundError):
                if now - checkpoint.stat().st_mtime >= UNFINISHED_SECONDS:
                    checkpoint.unlink()
                    deleted += 1
        total = sum(sizes.values())
        for path in sorted(used, key=lambda path: used[path]):
            if total <= max_bytes or now - used[path] < UNUSED_SECONDS:
                break
            total -= sizes[path]
            shutil.rmtree(path, ignore_errors=True)
            deleted += 1
        return deleted

    def _open_index(self) -> diskcache.Cache:
        try:
            return self._diskcache()
        except sqlite3.DatabaseError:
            return self._fresh_index()

    def _fresh_index(self) -> diskcache.Cache:
        """Move a damaged index aside and return an empty one. Artifacts need none: manifests check them."""
        damaged = self.root / "index"
        with contextlib.suppress(FileNotFoundError):
            damaged.rename(self.root / f"index-damaged-{time.time_ns()}")
        return self._diskcache()

    def _diskcache(self) -> diskcache.Cache:
        # With the policy "none" and a very large size, diskcache never evicts; see `prune`.
        return diskcache.Cache(
            str(self.root / "index"),
            disk=JSONOnlyDisk,
            eviction_policy="none",
            cull_limit=0,
            size_limit=1 << 50,
        )


def _intact(home: Path) -> bool:
    """Return whether an artifact exists, complete and unchanged, and mark it as used now."""
    try:
        files = read_json(home / MANIFEST)
        if any(_sha256(home / name) != digest for name, digest in files.items()):
            return False
        os.utime(home)
    except (OSError, ValueError, AttributeError):
        return False
    return True


def write_manifest(folder: Path) -> None:
    """Write the SHA-256 of all files of a folder into its manifest."""
    files = {str(p.relative_to(folder)): _sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    write_json(folder / MANIFEST, files)


def as_written(path: Path) -> bool:
    """Return whether a file has the digest in its folder's manifest; True where there is none. Raise OSError."""
    try:
        digest = read_json(path.parent / MANIFEST).get(path.name)
    except (FileNotFoundError, ValueError, AttributeError):
        return True
    stat = path.stat()
    return digest is None or _digest_at(path, stat.st_size, stat.st_mtime_ns) == digest


@functools.lru_cache(maxsize=1000)
def _digest_at(path: Path, size: int, changed: int) -> str:
    """Return the SHA-256 of a file that had this size and time of change."""
    return _sha256(path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is alive, and belongs to another user
    return True


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def digest_of(value: Any) -> str:
    """Return the SHA-256 of plain data, which does not depend on the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write plain data as JSON atomically: the file is always either the old or the new one, complete."""
    content = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    # A new temporary name for each call, since two threads may write the same file at once.
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def flush(folder: Path, deep: bool = True) -> None:
    """Wait until a folder is on the disk, and with `deep` all that is in it, so that a power loss spares them."""
    for path in [*(folder.rglob("*") if deep else ()), folder]:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


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
        if "full" in str(error):
            raise StorageError(f"the disk of {root} is full; free some space and start again") from error
        raise
