"""The order in which files are flushed to the disk and get their names, for tests of a power loss."""

import os
from pathlib import Path

import pytest

Events = list[int | str]
"""An inode that was flushed, or a name that was given, in their order."""


def noted_flushes(monkeypatch: pytest.MonkeyPatch) -> Events:
    """Return a list that grows with each flush and each name that is given from now on."""
    events: Events = []
    replace = Path.replace

    def noted(path: Path, name: Path) -> Path:
        given = replace(path, name)
        events.append(name.name)
        return given

    monkeypatch.setattr(os, "fsync", lambda handle: events.append(os.fstat(handle).st_ino))
    monkeypatch.setattr(Path, "replace", noted)
    return events


def outlives_a_power_loss(path: Path, events: Events) -> bool:
    """Return whether a file, or a folder with its files, was flushed before it got its name, and its name after."""
    named = events.index(path.name)
    parts = {part.stat().st_ino for part in (path, *path.rglob("*"))}
    return parts <= set(events[:named]) and path.parent.stat().st_ino in events[named:]
