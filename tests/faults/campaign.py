"""The campaign's seed, how much of it is tried, and its table.

FACTORSCOPE_FAULTS is the share that is tried: 1 for all, as `make test-faults` does; without it a few cases of each.
FACTORSCOPE_FAULTS_SEED is the seed, FACTORSCOPE_FAULTS_CASE the number of the only case to try, to repeat a failure.
Each loss and traceback is printed, and added to the file faults.log, as soon as its case is over.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SEED = int(os.environ.get("FACTORSCOPE_FAULTS_SEED", "19"))
SHARE = float(os.environ.get("FACTORSCOPE_FAULTS", "0"))
ONLY = os.environ.get("FACTORSCOPE_FAULTS_CASE")
LOG = Path(__file__).parents[2] / "faults.log"
MOST_MEGABYTES = 2048
"""Most that a process may have, a run's own training aside."""
TABLE: "list[Row]" = []
"""What was tried in this session."""


@dataclass
class Row:
    """What was tried of a kind, and what came of it."""

    kind: str
    tried: int = 0
    lost: list[str] = field(default_factory=list)
    """What was lost or went wrong otherwise, a sentence each."""
    tracebacks: list[str] = field(default_factory=list)
    """Where a user saw a traceback, an exception or a fault of ours."""
    megabytes: float = 0.0
    """The most memory that one process had."""
    note: str = ""
    bounded: bool = True
    """Whether the memory counts, which that of a run's own training does not."""

    _told: tuple[int, int] = 0, 0
    """How many of `lost` and of `tracebacks` are in the log."""

    def __post_init__(self) -> None:
        TABLE.append(self)

    @property
    def as_markdown(self) -> str:
        memory = f"{self.megabytes:,.0f} MB" if self.megabytes else "not measured"
        told = f" ({self.note})" if self.note else ""
        return (
            f"| {self.kind}{told} | {self.tried:,} | {len(self.lost)} | {len(self.tracebacks)} | {memory} |"
        )

    def cases(self, few: int, all_: int) -> Iterator[tuple[str, random.Random]]:
        """Yield the name of each case and its random numbers; a case may add to `tried` more than the one it is."""
        until = round(SHARE * all_) if SHARE else few
        if not until:
            pytest.skip(f"{self.kind}: takes long; a part of make test-faults")
        number = 0
        while self.tried < until:
            if ONLY in (None, str(number)):
                name = f"{self.kind}, seed {SEED}, case {number}"
                began = time.monotonic()
                self.tried += 1
                yield name, random.Random(name)
                if SHARE:
                    line = f"{name}: {self.tried} of {until} tried, {time.monotonic() - began:.1f} s"
                    print(line, file=sys.__stderr__, flush=True)
                    self.tell()
            elif int(ONLY) < number:
                break
            number += 1
        self.check()

    def tell(self) -> None:
        """Print and log in a campaign what was lost or seen since the last call."""
        lost, seen = self._told
        self._told = len(self.lost), len(self.tracebacks)
        lines = [f"lost: {line}" for line in self.lost[lost:]]
        lines += [f"seen: {line}" for line in self.tracebacks[seen:]]
        if not (SHARE and lines):
            return
        text = "\n".join(lines)
        print(text, file=sys.__stderr__, flush=True)
        with LOG.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def check(self) -> None:
        """Fail if anything was lost, a traceback was seen, or too much memory was taken."""
        self.tell()
        assert not self.lost + self.tracebacks, "\n".join(self.lost + self.tracebacks)
        assert not self.bounded or self.megabytes < MOST_MEGABYTES, f"{self.kind}: {self.megabytes:.0f} MB"

    def saw(self, where: str, text: str) -> None:
        """Note a traceback or a fault of ours in what a user could read."""
        for sign in ("Traceback", "a fault of ours", "Error:"):
            if sign in text:
                self.tracebacks.append(f"{where}: {text[-1500:]}")
                return
