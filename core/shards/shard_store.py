"""The finished shards of a stage, in the store under the stage's key and the shard's name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from core.store import Store

Arrays = dict[str, np.ndarray]
"""What comes out of a shard: arrays by name."""
FILE = "arrays.safetensors"


@dataclass(frozen=True)
class ShardStore:
    """The finished shards of one artifact; `stage`, `version` and `inputs` are its key."""

    store: Store
    stage: str
    version: str
    inputs: dict[str, Any]
    _used: set[str] = field(default_factory=set)

    def has(self, name: str) -> bool:
        """Return whether a shard was finished before; whether it is whole is seen when it is read."""
        home = self.store.home(*self._key(name))
        return self.store.existing(home.name) is not None

    def arrays(self, name: str, work: Callable[[], Arrays]) -> Arrays:
        """Return what came out of a shard; it is done now where it is not there or not whole."""

        def build(folder: Path) -> None:
            # One file, since each has to reach the disk. Its format would mix up arrays that are not in C's order.
            arrays = {key: np.ascontiguousarray(values) for key, values in work().items()}
            # Written by Python, whose error names a full disk as such.
            (folder / FILE).write_bytes(save(arrays))

        self._used.add(name)
        folder = self.store.artifact(*self._key(name), build)
        return dict(load_file(folder / FILE))

    def clear(self) -> None:
        """Delete the shards that were used, since what was made of them is there."""
        for name in sorted(self._used):
            self.store.discard(*self._key(name))

    def _key(self, name: str) -> tuple[str, str, dict[str, Any]]:
        return f"{self.stage} shard", self.version, {**self.inputs, "shard": name}
