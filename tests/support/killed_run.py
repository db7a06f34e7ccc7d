"""A run whose features, resamples and predictions are in several shards, in a process that kills itself in a stage.

python -m support.killed_run FOLDER STAGE SHARE
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from support.small_run import SMALL

from core.language_model import feature_shards
from core.pipeline.chain import run
from core.progress import Report
from core.settings import Phase
from core.store import Store

TEXTS = 100
"""Reviews of a shard."""
TRAINED = SMALL.replace(
    classifier=SMALL.classifier.replace(phases=(Phase(unfrozen=1, epochs=1, rate=1e-2),), max_length=72)
)
"""A run whose encoder is trained with its head, so that all reviews are read again."""


def make(folder: Path, report: Report) -> None:
    """Do the run in a folder."""
    feature_shards.TEXTS = TEXTS
    run(TRAINED, Store(folder / "cache"), report, folder / "out")


def main(folder: str, stage: str, share: str) -> None:
    """Do the run until so much of a stage is done."""

    def report(name: str, done: float, *_: Any) -> None:
        if name == stage and float(share) <= done < 1:
            os.kill(os.getpid(), signal.SIGKILL)

    make(Path(folder), report)


if __name__ == "__main__":
    main(*sys.argv[1:])
