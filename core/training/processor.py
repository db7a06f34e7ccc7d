"""The processor: what it calls itself, and how much of it work may take; importing this module loads no torch."""

import os
import platform
from functools import cache
from pathlib import Path


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
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores(), int(asked))) if asked.isdecimal() else cores()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
