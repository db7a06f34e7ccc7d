"""The finished shards of a stage, in the store under the stage's key and the shard's name."""

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from core.errors import UserError
from core.store import OLD_SECONDS, Store, digest_of, shared_store

Arrays = dict[str, np.ndarray]
"""What comes out of a shard: arrays by name."""
FILE = "arrays.safetensors"
SHARD = " shard-"
"""Between a stage's name and its key, in the names of its shards."""

log = logging.getLogger(__name__)


class StageFinished(Exception):
    """Another run finished the stage meanwhile, and deleted its shards."""


@dataclass(frozen=True)
class ShardStore:
    """The finished shards of one artifact; `stage`, `version` and `inputs` are its key."""

    store: Store
    stage: str
    version: str
    inputs: dict[str, Any]

    def has(self, name: str) -> bool:
        """Return whether a shard was finished before; whether it is whole is seen when it is read."""
        return self.store.existing(self.artifact_name(name)) is not None

    def keep(self, name: str, work: Callable[[], Arrays]) -> None:
        """Keep what comes out of a shard; its work is done now where it is not there or not whole."""

        def build(folder: Path) -> None:
            # One file, since each has to reach the disk. Its format would mix up arrays that are not in C's order.
            arrays = {key: np.ascontiguousarray(values) for key, values in work().items()}
            # Written by Python, whose error names a full disk as such.
            (folder / FILE).write_bytes(save(arrays))

        self.store.named_artifact(self.artifact_name(name), build)

    def arrays(self, name: str) -> Arrays | None:
        """Return what came out of a shard; None where it is not whole, or another run of the stage deleted it."""
        folder = self.store.whole(self.artifact_name(name))
        try:
            return dict(load_file(folder / FILE)) if folder else None
        except FileNotFoundError:
            return None

    def refuse_finished(self) -> None:
        """Raise StageFinished where the stage's artifact is there and whole."""
        if self.store.whole(self._home().name):
            raise StageFinished(self.stage)

    def clear(self) -> None:
        """Delete all shards of the stage, those of earlier runs too, since what was made of them is there."""
        self.store.discard(self._beginning())

    def artifact_name(self, name: str) -> str:
        """Return the name of the artifact of a shard, which begins with the stage's key."""
        return self._beginning() + digest_of(name)[:16]

    def _beginning(self) -> str:
        return f"{self.stage}{SHARD}{self._home().name.rpartition('-')[2][:16]}"

    def _home(self) -> Path:
        return self.store.home(self.stage, self.version, self.inputs)


def forget_old_shards() -> int:
    """Delete the shards in the shared store that are older than OLD_SECONDS, and return their number.

    Their runs never went on: they were cancelled, or failed, or ended while the store was away. A store that does not
    answer keeps them until a later call.
    """
    deleted = 0
    try:
        if shared := shared_store():
            for name in shared.names():
                # Another worker may do the same.
                with contextlib.suppress(FileNotFoundError):
                    if SHARD in name and time.time() - shared.touched(name) >= OLD_SECONDS:
                        shared.remove(name)
                        deleted += 1
    except UserError as error:
        log.warning("old shards are not deleted: %s", error)
    return deleted
