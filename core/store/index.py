"""The index: small JSON values in diskcache, which would unpickle entries that its database marks as pickled.

So it gets a `Disk` that refuses them. A damaged index is put aside, since whatever it holds can be found again.
"""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_RAW

from core.paths import database_address, machine
from core.store.files import is_damaged

DAMAGE = (sqlite3.DatabaseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What a damaged database leads to in sqlite3 and diskcache, which trusts its own settings there."""


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


class Index:
    """The small values of a cache folder, by key."""

    def __init__(self, root: Path) -> None:
        # Processes of several machines cannot share a SQLite database in a shared folder.
        self.folder = root / (f"index-{machine()}" if database_address() else "index")
        try:
            self._cache = self._opened()
        except DAMAGE as error:
            if not is_damaged(error):
                raise
            self._cache = self._fresh()

    def get(self, key: str) -> Any:
        """Return the value under a key; None if there is none or it cannot be read."""
        return self._on_whole(lambda cache: cache.get(key))

    def put(self, key: str, value: Any) -> None:
        """Store a small JSON value under a key."""
        self._on_whole(lambda cache: cache.set(key, value))

    def _on_whole(self, act: Callable[[diskcache.Cache], Any]) -> Any:
        """Return what an act on the index returns; where that is damaged, of the same act on an empty one."""
        try:
            return act(self._cache)
        except DAMAGE as error:
            if not is_damaged(error):
                raise
        self._cache = self._fresh()
        return act(self._cache)

    def _opened(self) -> diskcache.Cache:
        # With the policy "none" and a very large size, diskcache never evicts; see `Store.prune`.
        return diskcache.Cache(
            str(self.folder),
            disk=JSONOnlyDisk,
            eviction_policy="none",
            cull_limit=0,
            size_limit=1 << 50,
        )

    def _fresh(self) -> diskcache.Cache:
        """Move a damaged index aside and return an empty one. Artifacts need none: manifests check them."""
        with contextlib.suppress(FileNotFoundError):
            self.folder.rename(self.folder.with_name(f"{self.folder.name}-damaged-{time.time_ns()}"))
        return self._opened()
