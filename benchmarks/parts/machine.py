"""What a figure was measured on: the machine, the libraries, and the memory that a process took."""

import os
import platform
import re
import resource
import sys
from importlib.metadata import version
from pathlib import Path


def machine(*libraries: str) -> str:
    """Return cores, memory, Python and the versions of the libraries that a figure may depend on.

    A GPU is named where torch is among the libraries.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [f"{os.cpu_count()} {platform.machine()} cores", f"{memory:.0f} GiB"]
    if "torch" in libraries:
        import torch

        parts += [
            torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU",
            f"{torch.get_num_threads()} torch threads",
        ]
    parts += [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in libraries)]
    return ", ".join(parts)


def peak_gb() -> float:
    """Return the most memory that this process has held, in GB."""
    if sys.platform == "linux":
        # On Linux a process's ru_maxrss starts from what the process that started it had.
        status = Path("/proc/self/status").read_text()
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e9
