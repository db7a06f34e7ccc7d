"""The machine and libraries of a measurement, a clock, and the peak memory of a process."""

import os
import platform
import re
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path


def machine(*libraries: str) -> str:
    """Return the processor, memory, and the versions of Python and the given libraries.

    If torch is among the libraries, a GPU is named too.
    """
    # Not at the top: scripts import this module before they say where `core` is.
    from core.training.processor import processor

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [f"{os.cpu_count()} {platform.machine()} cores of {processor()}", f"{memory:.0f} GiB"]
    if "torch" in libraries:
        import torch

        parts += [
            torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU",
            f"{torch.get_num_threads()} torch threads",
        ]
    parts += [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in libraries)]
    return ", ".join(parts)


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_gb(process: int | None = None) -> float:
    """Return the peak memory in GB of a process, which is this one on any other system than Linux."""
    if sys.platform == "linux":
        # On Linux ru_maxrss starts from the value of the parent process.
        status = Path(f"/proc/{process or 'self'}/status").read_text()
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e9
