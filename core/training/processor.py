"""The processor: what it calls itself, and how much of it work may take; importing this module loads no torch."""

import os
import platform
import re
from functools import cache
from pathlib import Path

from core.errors import BadSettings

_THREADS = re.compile(r"[ \t]*([1-9][0-9]{0,8})[ \t]*(,[ \t0-9,]*)?")
"""OpenMP takes a list too, one number for each level of nested threads."""


@cache
def processor() -> str:
    """Return what the processor calls itself, with family and model: "AMD EPYC, family 25, model 17".

    Several kinds may bear one name. Where it tells none of that, its architecture is returned.
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    except OSError:
        lines = []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    if "model name" not in told:
        return platform.processor() or platform.machine()
    return f"{told['model name']}, family {told.get('cpu family')}, model {told.get('model')}"


def workers() -> int:
    """Return how many threads or processes may work side by side: one a core, or fewer by OMP_NUM_THREADS."""
    return min(cores(), asked_threads() or cores())


def asked_threads() -> int | None:
    """Return the number of threads in OMP_NUM_THREADS, as OpenMP reads it; None where there is none."""
    asked = _THREADS.fullmatch(os.environ.get("OMP_NUM_THREADS", ""))
    return int(asked[1]) if asked else None


def refuse_odd_threads() -> None:
    """Raise BadSettings where OMP_NUM_THREADS is no number of threads."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked and asked_threads() is None:
        raise BadSettings(
            f"OMP_NUM_THREADS={asked[:40]} is no number of threads; write a whole number from 1 on, or leave it out"
        )


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
