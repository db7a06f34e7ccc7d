"""The progress of a run, as its worker writes it to `progress.json`: the stages, and the state of the attempt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from core.store import content_of

State = Literal["waiting", "running", "done", "failed", "cancelled"]

ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
PACE = ((5.0, 0.2), (60.0, 0.05))
"""A stage's pace is known after so many seconds and such a share of it: its first reviews may be the longest."""


@dataclass(frozen=True)
class StageStatus:
    """One stage of a run."""

    __pydantic_config__ = ConfigDict(allow_inf_nan=False)

    name: str
    done: float
    """Share done, 0 to 1."""
    message: str
    """The stage's last message for people."""
    seconds: float | None
    """Duration; of a stage from the cache, that in the earlier attempt. None until it has ended."""
    began: float | None = None
    """When its latest part began; the share done falls where another part begins."""
    curve: tuple[dict[str, float], ...] = ()
    """Points of the stage's curves: `step`, and each curve's value there. `runs` leaves them out."""
    since: float | None = None
    """When it reported first, from where `seconds` count; None before that, and in runs that predate it."""
    done_before: float = 0.0
    """Share that was done when its latest part began, as in a fit that resumes."""

    def seconds_left(self, now: float) -> float | None:
        """Return the remaining seconds at the pace so far, None where that is not known yet."""
        ran = now - self.began if self.began else 0.0
        gained = self.done - self.done_before
        if self.done >= 1 or not any(ran >= seconds and gained >= share for seconds, share in PACE):
            return None
        return ran * (1 - self.done) / gained


@dataclass(frozen=True)
class Progress:
    """The progress of an attempt, as its worker wrote it; see JobStatus."""

    __pydantic_config__ = ConfigDict(allow_inf_nan=False)

    attempt: int
    state: State
    worker: int | str
    """Its process id, or among several machines its name."""
    starts: int
    """Number of workers that took up this attempt."""
    stages: tuple[StageStatus, ...]
    current: str | None
    """Name of the stage that reported last."""
    error: str | None
    started: float | None
    finished: float | None


_PROGRESS = TypeAdapter(Progress)


def progress_of(folder: Path) -> Progress | None:
    """Return the progress of the last attempt that a worker took up; None where none is stored, or it is damaged.

    Keys of later versions are left out.
    """
    try:
        return _PROGRESS.validate_json(content_of(folder / "progress.json"))
    except (OSError, ValidationError):
        return None
