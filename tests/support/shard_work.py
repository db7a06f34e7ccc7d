"""Shards whose work is to square numbers, in a module that other processes find too."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DegenerateResult
from core.shards.shard_store import Arrays
from core.shards.shards import Progress, Shards
from core.training.device import device_for, using
from core.training.device_rule import Work

SECRET = "pa5swOrd"
"""Of a worker."""
SIZES = {"a": 1, "b": 1, "c": 2}


def squares(diary: Path, number: int, progress: Progress) -> Arrays:
    """Return the square of a number, and write into the diary that it was computed."""
    with diary.open("a", encoding="utf-8") as file:
        file.write(f"{number}\n")
    progress(0.5)
    return {"square": np.array([number**2])}


def refuse(diary: Path, number: int, progress: Progress) -> Arrays:
    """Refuse the number 2, and return the squares of the others."""
    if number == 2:
        raise DegenerateResult("two cannot be squared")
    return squares(diary, number, progress)


def shards(diary: Path) -> Shards[Path, int]:
    """Return shards that square 1, 2 and 3."""
    return Shards(squares, diary, SIZES, lambda name: "abc".index(name) + 1)


def slow_squares(diary: Path, number: int, progress: Progress) -> Arrays:
    """Return the square of a number after two seconds; the diary says which node began."""
    import ray

    with diary.open("a", encoding="utf-8") as file:
        file.write(f"{ray.get_runtime_context().get_node_id()} {number}\n")
    time.sleep(2)
    return {"square": np.array([number**2])}


def do_shard_on_any_gpu(
    work: Callable[..., Arrays], common: Any, argument: Any, device: str, wanted: str
) -> Arrays:
    """Do a shard as a node would whose torch can use the GPU."""
    with using(device):
        return work(common, argument, float)


def share_of_gpu(diary: Path, number: int, progress: Progress) -> Arrays:
    """Return the share of a GPU that this shard was given, and whether it is done on the processor."""
    import ray

    share = ray.get_runtime_context().get_assigned_resources().get("GPU", 0)
    device = device_for(Work("squares", "text reading", 1, "numbers"))
    return {"square": np.array([share, device.type == "cpu"])}


def knows_password(diary: Path, number: int, progress: Progress) -> Arrays:
    """Return whether this process has the secret anywhere in its environment."""
    return {"square": np.array([int(any(SECRET in value for value in os.environ.values()))])}
