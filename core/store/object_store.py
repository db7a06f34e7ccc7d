"""Artifacts in an object store or another folder, by fsspec: what one machine made, others find.

An artifact NAME lies under the store's address as NAME/manifest.json and NAME/DIGEST, a file each. The manifest is
written last: without it there is no artifact. Since a file's name is the digest of what is in it, two writers of one
artifact do not mix, and what was read is checked by its name.
"""

import contextlib
import logging
import math
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar

from core.errors import BadInput, StorageError, UserError
from core.paths import store_address, user_path
from core.store.file_systems import file_system
from core.store.files import MANIFEST, decoded_json, disk_errors, read_json, sha256, write_json
from core.store.store_errors import Away, is_missing, storage_error

log = logging.getLogger(__name__)
RIGHTS_CHECK = "factorscope.txt"
"""Written into the store before the first long work of a process, to know that it can be."""
MOST_MANIFEST = 1 << 26
"""Bytes of a manifest; a larger one is none of ours."""
WAIT_SECONDS = 60.0
"""How long work waits for a store that does not answer; a page does not ask it again for as long."""
CHECK_SECONDS = 0.5
"""Time between two looks, while work waits, whether it is to stop."""
_T = TypeVar("_T")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ObjectStore:
    """The artifacts under one address. Its errors are StorageErrors; one that does not answer raises Away."""

    def __init__(self, address: str) -> None:
        """Open no connection yet. Raise BadInput where the address is none, or nothing here can read it."""
        scheme = address.partition("://")[0] if "://" in address else ""
        # Credentials in the address would stand in messages and logs; a chained one would hide them.
        if scheme and ("@" in address or "?" in address or "::" in scheme):
            raise BadInput(
                "FACTORSCOPE_STORE is a plain address such as s3://bucket/prefix; pass credentials by the "
                "environment, not in it"
            )
        if scheme and not address.partition("://")[2].strip("/"):
            raise BadInput(
                f"FACTORSCOPE_STORE={address} names no bucket or folder; write {scheme}://bucket/prefix"
            )
        if not scheme and ":" in address.partition("/")[0]:
            raise BadInput(
                f"FACTORSCOPE_STORE={address} is no address; write a folder, or s3://bucket/prefix with both slashes"
            )
        self.address = (
            address.rstrip("/") if scheme else str(user_path("FACTORSCOPE_STORE", address).resolve())
        )
        self._files = file_system(self.address)
        self._was_written, self._ask_again = False, 0.0

    def files(self, name: str) -> dict[str, str] | None:
        """Return path -> SHA-256 of an artifact's files; None where there is no whole artifact of this name."""
        try:
            with self._errors():
                # A range, since without one S3 is asked thrice.
                content = self._files.cat_file(self._at(name, MANIFEST), start=0, end=MOST_MANIFEST)
            files = decoded_json(content)
        except (FileNotFoundError, ValueError):
            return None
        return files if _are_files(files) else None

    def fetch(self, name: str, folder: Path) -> bool:
        """Fill an empty folder with an artifact; return False where it is not there, or damaged."""
        files = self.files(name)
        if files is None:
            return False
        for path, digest in files.items():
            to = folder / path
            to.parent.mkdir(parents=True, exist_ok=True)
            # A full disk is this machine's.
            with self._errors(), contextlib.suppress(FileNotFoundError), disk_errors(folder):
                self._files.get_file(self._at(name, digest), str(to))
            if not to.is_file() or sha256(to) != digest:
                log.warning("%s in %s is damaged, so it is made again", name, self.address)
                return False
        write_json(folder / MANIFEST, files)
        # Texts that may be kept for some months only are as old here as there.
        with contextlib.suppress(FileNotFoundError):
            made = self.made(name)
            os.utime(folder / MANIFEST, (made, made))
        return True

    def made(self, name: str, file: str = MANIFEST) -> float:
        """Return when an artifact was written (seconds since 1970), or a file of it."""
        with self._errors():
            return float(self._files.modified(self._at(name, file)).timestamp())

    def touched(self, name: str) -> float:
        """Return when any file of an artifact was written last (seconds since 1970); infinity where it has none."""
        with self._errors():
            files = [PurePosixPath(path).name for path in self._files.find(self._at(name))]
        return max((self.made(name, file) for file in files), default=math.inf)

    def share(self, folder: Path) -> None:
        """Write a whole artifact into the store unless it is there."""
        if self.files(folder.name) is None:
            self.push(folder)

    def push(self, folder: Path) -> None:
        """Write a whole artifact into the store, under the name of its folder; nothing if it was deleted since."""
        try:
            files = read_json(folder / MANIFEST)
            with self._errors():
                for path, digest in files.items():
                    self._files.put_file(str(folder / path), self._at(folder.name, digest))
                self._files.put_file(str(folder / MANIFEST), self._at(folder.name, MANIFEST))
        except FileNotFoundError:
            if folder.exists():
                raise

    def check_rights(self) -> None:
        """Write a line into the store, once a process, so that hours of work do not end at its closed door."""
        if not self._was_written:
            line = b"Artifacts of Factorscope. See docs/cluster.md.\n"
            try:
                with self._errors():
                    self._files.pipe_file(self._at(RIGHTS_CHECK), line)
            except FileNotFoundError as error:
                raise StorageError(
                    f"the store {self.address} cannot be made a folder; check FACTORSCOPE_STORE"
                ) from error
            self._was_written = True

    def names(self) -> list[str]:
        """Return the names of all artifacts, whole or not."""
        try:
            with self._errors():
                paths = self._files.ls(self._path(), detail=False)
        except FileNotFoundError:
            return []
        return sorted({PurePosixPath(path).name for path in paths} - {RIGHTS_CHECK})

    def remove(self, name: str) -> None:
        """Delete an artifact, the manifest first; do nothing where there is none."""
        with self._errors():
            for path in (self._at(name, MANIFEST), self._at(name)):
                with contextlib.suppress(FileNotFoundError):
                    self._files.rm(path, recursive=True)

    @contextlib.contextmanager
    def opened(self, name: str, digest: str) -> Iterator[BinaryIO]:
        """Hold a file of an artifact open for reading. Raise FileNotFoundError where there is none.

        A ValueError of who reads it passes, since then it is damaged.
        """
        damage = None
        with self._errors(), self._files.open(self._at(name, digest), "rb") as file:
            try:
                yield file
            except ValueError as error:
                damage = error
        if damage:
            raise damage

    def _at(self, *names: str) -> str:
        return "/".join([self._path(), *names])

    def _path(self) -> str:
        return str(self._files._strip_protocol(self.address))

    def patiently(self, act: Callable[[], _T], check: Callable[[], object] = lambda: None) -> _T:
        """Return what an act returns, tried again while the store does not answer.

        No try begins more than WAIT_SECONDS after the first one, but for the second: a long transfer may break.
        `check` is called between two tries, again and again, and raises where the work is to stop.
        """
        until, pause = time.monotonic() + WAIT_SECONDS, 1.0
        again = False
        while True:
            try:
                return act()
            except Away as error:
                if again and time.monotonic() + pause > until:
                    raise
                log.warning("%s; trying again", error)
            next_try = time.monotonic() + pause
            while time.monotonic() < next_try:
                check()
                time.sleep(min(pause, CHECK_SECONDS))
            again, pause = True, min(2 * pause, 10)

    @property
    def answered(self) -> bool:
        """Whether the store answered when it was asked last, or that is some time ago."""
        return time.monotonic() >= self._ask_again

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise StorageError in place of what libraries raise; let a missing object's FileNotFoundError pass."""
        try:
            yield
        except UserError:
            raise
        except Exception as error:
            if is_missing(error):
                raise FileNotFoundError(str(self.address)) from error
            failure = storage_error(self.address, error)
            if isinstance(failure, Away):
                self._ask_again = time.monotonic() + WAIT_SECONDS
            raise failure from error


_opened: dict[tuple[str, int], ObjectStore] = {}


def shared_store() -> ObjectStore | None:
    """Return the store that FACTORSCOPE_STORE names; None where it names none. Raise BadInput."""
    address = store_address()
    if address is None:
        return None
    key = address, os.getpid()
    if key not in _opened:
        _opened[key] = ObjectStore(address)
    return _opened[key]


def _are_files(files: Any) -> bool:
    """Return whether a manifest from elsewhere names files with digests, all of them inside of a folder."""
    return (
        isinstance(files, dict)
        and bool(files)
        and all(_DIGEST.fullmatch(str(digest)) and _is_inside(path) for path, digest in files.items())
    )


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and not path.startswith("/")
        and ".." not in parts
        and "\0" not in path
        and path != MANIFEST
    )
