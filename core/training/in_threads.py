"""Independent pieces of work, each in a thread of its own; what they report goes through the caller's thread.

torch lets go of Python's lock while it computes, so two fits on two cores take little more time than one. Their
threads never wait for each other, so a busy neighbour slows them by its share alone (see benchmarks/threads.py).
"""

import contextvars
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TypeVar

import torch

from core.errors import Cancelled
from core.progress import Report, Values

Result = TypeVar("Result")
LOOK_SECONDS = 0.1
"""How often progress is reported, and so how soon a cancelled piece hears of it."""


def threads_for(device: torch.device) -> int:
    """Return how many fits are worth doing at once: one a core, as far as OMP_NUM_THREADS lets it; one on a GPU."""
    if device.type != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdigit() and int(limit) else cores


def in_threads(
    pieces: Sequence[Callable[[Report], Result]], threads: int, report: Callable[[float], None]
) -> list[Result]:
    """Return the results of the pieces, in their order; `report` is given the share that is done.

    Where a piece fails, or the report raises, all others end at their next report and the error is raised.
    """
    shares = [0.0] * len(pieces)
    ended = threading.Event()

    def run(number: int) -> Result:
        def note(stage: str, done: float, message: str, values: Values | None = None) -> None:
            shares[number] = done
            if ended.is_set():
                raise Cancelled("another piece of the work ended early")

        torch.set_num_threads(1)
        return pieces[number](note)

    if threads == 1:
        return [_in_this_thread(piece, number, len(pieces), report) for number, piece in enumerate(pieces)]
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(threads)
    # What a run has asked for, such as its device, holds in its threads too.
    futures = [pool.submit(contextvars.copy_context().run, run, number) for number in range(len(pieces))]
    try:
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, LOOK_SECONDS, FIRST_EXCEPTION)
            report(sum(shares) / len(shares))
            for future in finished:
                future.result()
    finally:
        ended.set()
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)
    return [future.result() for future in futures]


def _in_this_thread(
    piece: Callable[[Report], Result], number: int, count: int, report: Callable[[float], None]
) -> Result:
    return piece(lambda stage, done, message, values=None: report((number + done) / count))
