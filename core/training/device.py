"""The device that training runs on here, and its name for people; importing this module loads no torch.

The worker, which has torch loaded, detects the device and puts it into the store; pages only read it there.
"""

import os
from typing import Any

from core.formatting import counted
from core.store import Store

KEY = "device"
"""In the store: `kind` ("cuda", "mps" or "cpu"), `name` of the GPU or None, `cores` of the processor."""


def device_name() -> str:
    """Name the device that fastai trains on here: "cuda", "mps" or "cpu"; loads torch."""
    from fastai.torch_core import (
        default_device,  # not at the top: pages import this module, and torch takes seconds
    )

    return str(default_device()).split(":")[0]


def note_device(store: Store) -> None:
    """Put into the store what fastai trains on in this process; loads torch."""
    import torch  # not at the top: pages import this module, and torch takes seconds

    kind = device_name()
    name = torch.cuda.get_device_name() if kind == "cuda" else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    store.put(KEY, {"kind": kind, "name": name, "cores": cores})


def device_line(device: Any) -> str:
    """Describe what training runs on, for people; `device` is what the store holds under KEY, or None.

    >>> device_line({"kind": "cpu", "name": None, "cores": 2})
    'CPU, 2 cores'
    >>> device_line({"kind": "cuda", "name": "NVIDIA A100", "cores": 8})
    'CUDA, NVIDIA A100; 8 processor cores'
    """
    if not isinstance(device, dict):
        return "found out when the first run starts"
    cores = counted(device["cores"], "core")
    if device["kind"] == "cpu":
        return f"CPU, {cores}"
    name = device["name"] or "Apple GPU"
    return f"{device['kind'].upper()}, {name}; {device['cores']} processor cores"
