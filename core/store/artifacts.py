"""Costly results: folders of files that one stage made from one set of inputs, found again by their key.

The key is a digest of the stage's name, the stage's version and the inputs, so only equal inputs lead to the same
artifact.
"""

import contextlib
import copy
import errno
import glob
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.store.files import (
    MANIFEST,
    digest_of,
    disk_errors,
    flush,
    is_intact,
    remove,
    renamed,
    sha256,
    write_manifest,
)
from core.store.index import Index
from core.store.leftovers import beside, is_old, left_in
from core.store.object_store import shared_store

log = logging.getLogger(__name__)

UNUSED_SECONDS = 3600
"""An artifact used more recently is never pruned."""
NO_FOLDER = (
    errno.EEXIST,
    errno.EINVAL,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
)
"""Errors of a path that cannot be made a folder."""
_ARTIFACT = re.compile(r"[a-z_ -]+-[0-9a-f]{32}")


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
        self._check: Callable[[], object] = lambda: None
        try:
            with disk_errors(root):
                root.mkdir(mode=0o700, parents=True, exist_ok=True)
                root.chmod(0o700)
                (root / "artifacts").mkdir(exist_ok=True)
                self._index = Index(root)
        except OSError as error:
            if error.errno not in NO_FOLDER:
                raise
            raise StorageError(
                f"{root} cannot be made a folder; set FACTORSCOPE_CACHE to one that can"
            ) from error

    def checked(self, check: Callable[[], object]) -> "Store":
        """Return this store with a `check` that is called while a shared store is waited for, and may raise."""
        other = copy.copy(self)
        other._check = check
        return other

    def artifact(
        self, stage: str, version: str, inputs: dict[str, Any], build: Callable[[Path], object]
    ) -> Path:
        """Return the folder that `build` filled for these inputs, now or before.

        `build` gets an empty folder to write files into. The folder gets its final name only when it is
        complete, so a kill leaves no partial artifact. An artifact whose files are missing or changed is
        built again. Where artifacts are shared, it comes from there, or is written there once it is complete.
        Raise what `build` raises, and StorageError if the disk is full or the shared store cannot be used.
        """
        return self.named_artifact(self.home(stage, version, inputs).name, build)

    def named_artifact(self, name: str, build: Callable[[Path], object]) -> Path:
        """Return the folder of the artifact of a name, as `artifact` does."""
        home, shared = self.root / "artifacts" / name, shared_store()
        whole = is_intact(home)
        if shared and not whole:
            if shared.patiently(lambda: self._placed(home, lambda to: shared.fetch(name, to)), self._check):
                return home
            shared.patiently(shared.check_rights, self._check)
            # Another process may have completed it meanwhile.
            whole = is_intact(home)

        def built(folder: Path) -> bool:
            build(folder)
            write_manifest(folder)
            return True

        if not whole:
            self._placed(home, built)
        if shared:
            # What was whole may be of a time before the store was named, or when it did not answer.
            shared.patiently(lambda: shared.share(home) if whole else shared.push(home), self._check)
        return home

    def existing(self, name: str) -> Path | None:
        """Return the folder of an artifact by its name, marked as used now; None where it is gone.

        Its files are not checked. A store that does not answer is waited for once and briefly, and then not asked
        for some time, since this is for those who wait for an answer. Nothing is removed.
        """
        folder = self.root / "artifacts" / name
        if Path(name).name != name:
            return None
        if not (folder / MANIFEST).is_file():
            shared = shared_store()
            try:
                if not (
                    shared
                    and shared.answered
                    and self._placed(folder, lambda to: shared.fetch(name, to), mend=False)
                ):
                    return None
            except StorageError as error:
                log.warning("%s is not fetched: %s", name, error)
                return None
        try:
            os.utime(folder)
        except FileNotFoundError:
            return None  # another process deleted it since
        return folder

    def whole(self, name: str) -> Path | None:
        """Return the folder of an artifact by its name; None where it is gone, or its files are not whole."""
        folder = self.existing(name)
        return folder if folder and is_intact(folder) else None

    def _placed(self, home: Path, fill: Callable[[Path], bool], mend: bool = True) -> bool:
        """Return whether `fill` filled an empty folder, which then has the name `home`.

        What has this name is left there if it is whole. Where it is damaged, the new one takes its place, unless
        `mend` is False.
        """
        stage = home.name.rpartition("-")[0]
        with disk_errors(self.root):
            work = Path(tempfile.mkdtemp(prefix=beside(stage), dir=self.root / "artifacts"))
            aside = work.with_name(f"{work.name}-damaged")
            try:
                if not fill(work):
                    return False
                flush(work)
                while not renamed(work, home):
                    # Another process may have completed the same artifact first, from equal inputs.
                    if is_intact(home):
                        break
                    if not mend:
                        return False
                    with contextlib.suppress(FileNotFoundError):
                        home.replace(aside)
                    remove(aside)
                flush(home.parent, deep=False)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return True

    def discard(self, beginning: str) -> None:
        """Delete the artifacts whose names begin so, since nobody needs them any more.

        A store that does not answer, or refuses, keeps its copies. They are deleted when this is called again.
        """
        for home in (self.root / "artifacts").glob(f"{glob.escape(beginning)}*"):
            remove(home)
        shared = shared_store()
        if not (shared and shared.answered):
            return
        try:
            for name in shared.names():
                if name.startswith(beginning):
                    shared.remove(name)
        except StorageError as error:
            log.warning("%s… is not deleted: %s", beginning, error)

    def home(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        """Return the path of an artifact's folder, which may not exist."""
        key = digest_of({"stage": stage, "version": version, "inputs": inputs})
        return self.root / "artifacts" / f"{stage}-{key[:32]}"

    def unfinished(self, stage: str, version: str, inputs: dict[str, Any]) -> Path:
        """Return the path of the checkpoint of work on an artifact, which may not exist."""
        key = digest_of({"stage": stage, "version": version, "inputs": inputs})
        return self.root / "unfinished" / f"{stage}-{key[:32]}.safetensors"

    @property
    def index_folder(self) -> Path:
        """The folder of the small values."""
        return self._index.folder

    def get(self, key: str) -> Any:
        """Return the JSON value under a key; None if there is none or it cannot be read."""
        return self._index.get(key)

    def put(self, key: str, value: Any) -> None:
        """Store a small JSON value under a key."""
        with disk_errors(self.root):
            self._index.put(key, value)

    def file_digest(self, path: Path) -> str:
        """Return the SHA-256 of a file's content; the file is read again only when size or time changed."""
        stat = path.stat()
        key = digest_of({"file": str(path.resolve()), "size": stat.st_size, "time": stat.st_mtime_ns})
        digest = self.get(key)
        if not isinstance(digest, str):
            digest = sha256(path)
            self.put(key, digest)
        return digest

    def prune(self, max_bytes: int) -> int:
        """Delete leftovers of killed work, then the least recently used artifacts until `max_bytes` are left.

        Return the number of folders and files deleted. Artifacts used within the last hour, the work of living
        processes, and what does not bear our names are not deleted.
        """
        used, sizes, deleted, now = {}, {}, 0, time.time()
        for path in left_in(self.root / "artifacts"):
            remove(path)
            deleted += 1
        for path in (self.root / "artifacts").iterdir():
            # Another process may be pruning too.
            with contextlib.suppress(FileNotFoundError):
                if _ARTIFACT.fullmatch(path.name):
                    used[path], sizes[path] = path.stat().st_mtime, _bytes(path)
        for checkpoint in (self.root / "unfinished").glob("*.safetensors"):
            if is_old(checkpoint):
                checkpoint.unlink(missing_ok=True)
                deleted += 1
        total = sum(sizes.values())
        for path in sorted(used, key=lambda path: used[path]):
            if total <= max_bytes or now - used[path] < UNUSED_SECONDS:
                break
            total -= sizes[path]
            shutil.rmtree(path, ignore_errors=True)
            deleted += 1
        return deleted


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
