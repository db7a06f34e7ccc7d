"""Progress reports, by which costly work is watched and cancelled.

Every costly stage takes a `Report` and calls it often. The caller of the stage decides what a report does:
print a line, write a row, or raise `Cancelled`, which ends the stage.
"""

import sys
import time
from collections.abc import Mapping
from typing import Protocol

Values = Mapping[str, float]
"""A point of a stage's curves: `step`, and the value of each line there by its name."""


class Report(Protocol):
    """Callback with a stage's name, completed share (0 to 1), a message, and perhaps a point of its curves."""

    def __call__(self, stage: str, done: float, message: str, values: Values | None = None) -> None: ...


def silent(stage: str, done: float, message: str, values: Values | None = None) -> None:
    """Report nothing."""


LONG_SECONDS = 20.0
"""Seconds of a stage from which on its time left is printed."""


class Lines:
    """A report that prints at most a line a second of each stage to standard error, of a long one its time left."""

    def __init__(self) -> None:
        self._last = ("", 0.0)
        self._began = (0.0, 0.0)

    def __call__(self, stage: str, done: float, message: str, values: Values | None = None) -> None:
        now = time.monotonic()
        if stage != self._last[0]:
            self._began = now, done
        elif now - self._last[1] < 1 and done < 1:
            return
        self._last = (stage, now)
        ran, gained, time_left = now - self._began[0], done - self._began[1], ""
        if ran >= LONG_SECONDS and gained > 0 and done < 1:
            minutes = max(1, round(ran * (1 - done) / gained / 60))
            time_left = f", about {minutes} min left in this stage"
        print(f"{stage:<15} {done:4.0%}  {message}{time_left}", file=sys.stderr, flush=True)


def part(report: Report, start: float, end: float) -> Report:
    """Return a report that maps 0 to 1 onto the part `start` to `end` of a stage."""
    return lambda stage, done, message, values=None: report(
        stage, start + done * (end - start), message, values
    )


def named(report: Report, stage: str) -> Report:
    """Return a report under the name of `stage`, whatever name the work inside it reports.

    Points are dropped: the curves of that work are not those of the stage.
    """
    return lambda _, done, message, values=None: report(stage, min(done, 0.99), message)


def against(report: Report, baselines: Values) -> Report:
    """Return a report that adds baselines, as constant lines, to each point of a stage's curves."""
    return lambda stage, done, message, values=None: report(
        stage, done, message, {**values, **baselines} if values else None
    )
