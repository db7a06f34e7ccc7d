"""Runs of the chain in one process, with the seconds of each stage: python chain_in_turns.py CACHE RUN …

Prints one JSON document. `core` is that of PYTHONPATH, so an older commit's chain is measured by the same code.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from machine import peak_gb

RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "first": ("starter", {"ratings": "ml-100k", "reviews": "sample"}),
    "first, 3 top factors": ("starter", {"ratings": "ml-100k", "reviews": "sample", "top": 3}),
    "first, 60 films": ("starter", {"ratings": "ml-100k", "reviews": "sample", "films": 60}),
    "lmrd": ("accurate", {"ratings": "ml-100k", "reviews": "lmrd", "films": 1664, "factors": 8}),
    "lmrd, 3 top factors": (
        "accurate",
        {"ratings": "ml-100k", "reviews": "lmrd", "films": 1664, "factors": 8, "top": 3},
    ),
}
"""Preset and changes of its settings, by name."""


def processor_seconds() -> float:
    """Return the seconds that all threads of this process, and processes that it ended, were computing."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Stages:
    """A report that adds up the seconds between two reports, as those of the later one's stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self._last = processor_seconds(), time.monotonic()

    def __call__(self, stage: str, done: float, message: str, values: object = None) -> None:
        now = processor_seconds(), time.monotonic()
        spent = self.seconds.setdefault(stage, [0.0, 0.0])
        for at, (one, other) in enumerate(zip(self._last, now, strict=True)):
            spent[at] += other - one
        self._last = now


def main(cache: Path, names: list[str]) -> dict[str, Any]:
    stages = Stages()
    from core.jobs.__main__ import load
    from core.settings import preset
    from core.store import Store

    store = Store(cache)
    chain, _ = load(store)
    stages("imports", 1.0, "")
    result: dict[str, Any] = {}
    for number, name in enumerate(names):
        # Only the first run of a process waits for its imports.
        stages = stages if number == 0 else Stages()
        which, changes = RUNS[name]
        record: Any = chain(preset(which, **changes), store, stages, cache / f"out {name}")
        result[name] = {
            "stages": stages.seconds,
            "peak_gb": peak_gb(),
            "rmse": record.factor_model.rmse_valid,
            "lrap": record.classifier.lrap,
            "tfidf": record.plain()["readability"]["rivals"]["tfidf"]["lrap"],
        }
    return result


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2:])))
