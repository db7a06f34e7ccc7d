"""How many threads torch uses, and work in several threads that do not wait for each other.

Importing it sets the number of torch's threads, so that every module that computes with torch has it by naming this
one among its imports, whichever of them a process loads first.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import torch

Part = TypeVar("Part")
TICK_SECONDS = 0.2
"""Time between two reports of work in threads."""

# One core is left to the browser and the server. Threads that wait for each other spin, so a fit with as
# many threads as cores takes many times as long as soon as anything else runs: see benchmarks/threads.py.
if "OMP_NUM_THREADS" not in os.environ:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))


class Stopped(Exception):
    """Raised in a thread whose work nobody waits for any more."""


def in_threads(
    work: Callable[[Part, Callable[[], None]], object],
    parts: Sequence[Part],
    threads: int,
    tick: Callable[[], None],
) -> None:
    """Do the work on each part, so many at once, each in a thread whose torch has no other.

    So nothing waits for anything, and a busy neighbour costs no more than its share. `tick` is called now and then
    in this thread, and may raise to stop; `work` is given its part, and what it is to call now and then, which
    raises Stopped once nobody waits. A single thread is this one, and torch's threads stay as they are.
    """
    if threads == 1 or len(parts) < 2:
        _one_by_one(work, parts, tick)
        return
    stop, before = Event(), torch.get_num_threads()

    def check() -> None:
        if stop.is_set():
            raise Stopped

    with ThreadPoolExecutor(min(threads, len(parts)), "work", torch.set_num_threads, (1,)) as pool:
        try:
            running = [pool.submit(work, part, check) for part in parts]
            waiting = set(running)
            while waiting:
                done, waiting = wait(running, TICK_SECONDS, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                tick()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            # It is the default of new threads too.
            torch.set_num_threads(before)


def _one_by_one(
    work: Callable[[Part, Callable[[], None]], object], parts: Sequence[Part], tick: Callable[[], None]
) -> None:
    last = time.monotonic()

    def check() -> None:
        nonlocal last
        if time.monotonic() - last >= TICK_SECONDS:
            last = time.monotonic()
            tick()

    for part in parts:
        work(part, check)
        tick()
