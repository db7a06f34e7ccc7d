"""What all stages of a run share: settings, cache and progress, and the versions of their artifacts."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.pipeline.libraries import LEARNT, load_libraries
from core.progress import Report, named, part
from core.settings import RunSettings
from core.shards.shard_store import ShardStore, StageFinished
from core.store import Store

VERSIONS = {
    "factor-model": "7",
    "factors": "1",
    "resamples": "6",
    "stability": "3",
    "reviews": "5",
    "texts": "4",
    "tokens": "2",
    "language-model": "2",
    "features": "2",
    "readings": "8",
    "classifier": "5",
    "grades": "6",
    "placing": "4",
    "words": "1",
}
"""The version of each kind of artifact. Raise it when the code makes another artifact of the same inputs, so
that older ones are no longer used."""


@dataclass(frozen=True)
class Stage:
    """What a stage uses besides its inputs."""

    settings: RunSettings
    store: Store
    report: Report

    def artifact(self, kind: str, inputs: dict[str, Any], build: Callable[[Path], object]) -> Path:
        """Return the folder of an artifact of these inputs, filled by `build` now or in an earlier run."""

        def build_it(folder: Path) -> None:
            if kind in LEARNT:
                load_libraries()
            build(folder)

        return self.store.artifact(kind, VERSIONS[kind], inputs, build_it)

    def sharded_artifact(
        self, kind: str, inputs: dict[str, Any], build: Callable[[Path, ShardStore], object]
    ) -> Path:
        """Return the folder of an artifact whose finished shards are kept until it is whole."""
        shard_store = ShardStore(self.store, kind, VERSIONS[kind], inputs)
        while True:
            with contextlib.suppress(StageFinished):
                folder = self.artifact(kind, inputs, lambda folder: build(folder, shard_store))
                shard_store.clear()
                return folder

    def checkpoint(self, kind: str, inputs: dict[str, Any]) -> Path:
        """Return the path for the checkpoint of an artifact in training, whether it exists or not."""
        return self.store.unfinished(kind, VERSIONS[kind], inputs)

    def reporting_as(self, name: str, start: float = 0.0, end: float = 1.0) -> Report:
        """Return a report under the stage `name` that covers its share from `start` to `end`."""
        return part(named(self.report, name), start, end)
