"""Several processes that train one model, started by `accelerate launch`: who they are, and how they wait.

Each takes its share of every batch, and fastai's `distrib_ctx` adds up their gradients. The first alone writes files
and reports. Tensors of the processor travel by gloo, those of GPUs by NCCL; what is agreed on goes through the store
of torch's processes. Alone, a process begins none of this.
"""

import importlib.util
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from core.errors import BadSettings, Cancelled, CannotAnswer, UserError
from core.training.process_group import ENDED, Place, ProcessGroup

PATIENCE = timedelta(minutes=10)
"""How long a step waits for the other processes, and they for a sign of life from one that works in its turn."""
LINGER_SECONDS = 60.0
"""How long a process that tells nothing waits for the end of the one that tells; its launcher ends it sooner."""
NOT_INSTALLED = (
    "several processes need Accelerate; install it by .venv/bin/pip install --constraint constraints.txt "
    "--requirement requirements-cluster.txt"
)

_joined: ProcessGroup | None = None


def place() -> Place:
    """Return which process this is, of those that it has joined."""
    return _joined.place if _joined else Place()


def are_several() -> bool:
    """Return whether the environment promises further processes of this command, as `accelerate` sets it."""
    return os.environ.get("WORLD_SIZE", "1") not in ("", "0", "1")


def launched() -> Place:
    """Return which process this is, by what its launcher says in the environment. Raise BadSettings if unclear."""
    names = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_PORT")
    if not are_several():
        return Place()
    try:
        return Place(*[int(os.environ[name]) for name in names][:3])
    except (KeyError, ValueError) as error:
        raise BadSettings(
            f"WORLD_SIZE promises several processes, but {', '.join(names)} are no numbers; "
            "start them by accelerate launch"
        ) from error


@contextmanager
def together(streams: int, device: str) -> Iterator[Place]:
    """Join the processes that were launched with this one, each with its share of the streams of a batch.

    Raise BadSettings where the streams cannot be shared, CannotAnswer where another process ends before this one.
    An error is told by one process of each machine; the others end with status 2.
    """
    global _joined
    place = launched()
    if place.processes == 1:
        yield place
        return
    try:
        _refuse(place, streams, device)
        with _ended_by_signal():
            _joined = ProcessGroup(place, PATIENCE)
            yield place
        import torch.distributed as dist

        dist.destroy_process_group()
    except BaseException as error:
        is_first = _joined.fail() if _joined else place.local == 0
        ended = _is_of_others(error)
        if not is_first and (ended or isinstance(error, UserError | Cancelled | KeyboardInterrupt)):
            # Whose end the launcher sees first, ends the others: not before the error is told.
            time.sleep(LINGER_SECONDS)
            raise SystemExit(2) from error
        if ended:
            raise CannotAnswer(ENDED) from error
        raise
    finally:
        if _joined:
            _joined.leave()
        _joined = None


@contextmanager
def in_turn() -> Iterator[None]:
    """Let the first process do the work inside, then the first of each machine, then all, and wait for all.

    So what the first has put into the cache, the others find there, whether or not machines share it. Raise
    CannotAnswer where another fails or falls silent.
    """
    group = _joined
    if group is None:
        yield
        return
    place, turn = group.place, group.turns
    group.turns += 1
    first_here = place.rank - place.local
    for first in {0, first_here} - {place.rank}:
        group.wait(f"{turn}/{first}")
    yield
    group.store.set(f"{turn}/{place.rank}", "")
    if group.store.add(f"{turn}/done", 1) == place.processes:
        group.store.set(f"{turn}/all", "")
    group.wait(f"{turn}/all")


def of_first(name: str, value: str) -> str:
    """Return the value that the first process gave first under a name; the others wait for it."""
    if _joined is None:
        return value
    if _joined.place.rank == 0:
        _joined.store.compare_set(f"value/{name}", "", value)
    _joined.wait(f"value/{name}")
    return str(_joined.store.get(f"value/{name}").decode())


@contextmanager
def file_of_first(path: Path) -> Iterator[Path]:
    """Give each process the first one's file, by its path or as a copy; an empty one where the first has none."""
    if _joined is None:
        yield path
        return
    import numpy as np
    import torch

    is_first = _joined.place.rank == 0
    content = np.fromfile(path, np.uint8) if is_first and path.is_file() else np.zeros(0, np.uint8)
    length = torch.tensor(len(content))
    torch.distributed.broadcast(length, 0)
    block = torch.from_numpy(content) if is_first else torch.zeros(int(length), dtype=torch.uint8)
    if len(block):
        torch.distributed.broadcast(block, 0)
    with tempfile.NamedTemporaryFile() as copy:
        if not is_first:
            block.numpy().tofile(copy.name)
        yield path if is_first else Path(copy.name)


def _refuse(place: Place, streams: int, device: str) -> None:
    """Raise BadSettings for what no training in several processes can be begun with."""
    if importlib.util.find_spec("accelerate") is None:
        raise BadSettings(NOT_INSTALLED)
    if streams < place.processes:
        raise BadSettings(f"{place.processes} processes cannot share {streams} streams of text; launch fewer")
    if streams % place.processes:
        fewer = next(n for n in range(place.processes, 0, -1) if streams % n == 0)
        raise BadSettings(
            f"a batch of {streams} streams does not divide by {place.processes} processes; launch {fewer}"
        )
    import torch

    if device != "cpu" and torch.cuda.is_available():
        gpus = torch.cuda.device_count()
        if int(os.environ.get("LOCAL_WORLD_SIZE", place.processes)) > gpus:
            raise BadSettings(
                f"this machine has {gpus} GPUs; launch a process for each, or choose --device cpu"
            )
        torch.cuda.set_device(place.local)


def _is_of_others(error: BaseException) -> bool:
    """Return whether an error says that another process was lost: torch has no class of its own for gloo's."""
    if not isinstance(error, RuntimeError):
        return False
    import torch.distributed as dist

    return isinstance(error, dist.DistError) or any(name in str(error) for name in ("gloo/", "NCCL"))


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Raise CannotAnswer where the launcher ends this process, as it does once another has ended."""

    def end(*_: Any) -> NoReturn:
        raise CannotAnswer(ENDED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
