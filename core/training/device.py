"""The device that a piece of work runs on, and its name for people; importing this module loads no torch.

Every model and reader asks `device_for`, and nothing else decides. What a run asks for holds inside `using`.
The worker, which has torch loaded, notes the machine's devices in the store; pages only read them there.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import BadSettings
from core.formatting import counted
from core.store import Store
from core.training.device_rule import Choice, Work, choose
from core.training.processor import cores

if TYPE_CHECKING:
    import torch

KEY = "device"
"""In the store: `kind` ("cuda", "mps" or "cpu"), `name` of the GPU or None, `cores` of the processor."""
MISSING = "this machine has no GPU that torch can use; choose the device auto or cpu"

TOO_LARGE = (
    "the memory of the GPU is too small for this; choose smaller batches, another preset, or the device cpu"
)


@dataclass
class _Asked:
    """What a run asks for, and what was chosen in it so far."""

    device: str = "auto"
    choices: list[Choice] = field(default_factory=list)
    settled: "torch.device | None" = None
    """The device of the pieces inside `on_one`."""


_asked: ContextVar[_Asked | None] = ContextVar("asked", default=None)


@contextmanager
def using(device: str) -> Iterator[None]:
    """Do all work inside on a device, by torch's name of it, or each piece on the faster one ("auto").

    Raises BadSettings where the memory of a GPU does not suffice.
    """
    token = _asked.set(_Asked(device))
    try:
        yield
    except RuntimeError as error:
        # torch's own class, which is not imported for its name alone.
        if type(error).__name__ == "OutOfMemoryError":
            raise BadSettings(TOO_LARGE) from error
        raise
    finally:
        _asked.reset(token)


def chosen() -> list[Choice]:
    """Return the choices of the run under way, in their order; none where all came from the cache."""
    asked = _asked.get()
    return [] if asked is None else list(asked.choices)


def device_for(work: Work) -> "torch.device":
    """Return the device for a piece of work, and note the choice; loads torch."""
    import torch  # not at the top: pages import this module, and torch takes seconds

    asked = _asked.get() or _Asked()
    if asked.settled is not None:
        return asked.settled
    choice = choose(work, asked.device, gpu_kind() if asked.device == "auto" else None)
    if (choice.work, choice.device) not in ((each.work, each.device) for each in asked.choices):
        asked.choices.append(choice)
    if choice.device == "cuda":
        # Read when CUDA starts: without it, the same product may come out otherwise the next time.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    return torch.device(choice.device)


@contextmanager
def on_one(work: Work) -> "Iterator[torch.device]":
    """Choose the device for a piece of work by the whole of it; all its parts inside are done there."""
    asked, device = _asked.get() or _Asked(), device_for(work)
    token = _asked.set(_Asked(asked.device, asked.choices, device))
    try:
        yield device
    finally:
        _asked.reset(token)


def gpu_kind() -> str | None:
    """Return "cuda" or "mps", None where torch can use no GPU; loads torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def refuse_missing(device: str) -> None:
    """Raise BadSettings where a device is asked for that is not here; loads torch only for a GPU."""
    if device == "cuda" and gpu_kind() != "cuda":
        raise BadSettings(MISSING)


def note_device(store: Store) -> None:
    """Put into the store what this machine can train on; loads torch."""
    import torch

    kind = gpu_kind() or "cpu"
    name = torch.cuda.get_device_name() if kind == "cuda" else None
    store.put(KEY, {"kind": kind, "name": name, "cores": cores()})


def device_line(device: Any) -> str:
    """Describe what training can run on, for people; `device` is what the store holds under KEY, or None.

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
