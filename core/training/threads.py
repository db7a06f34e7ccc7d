"""How many threads torch uses, and work in several threads that do not wait for each other.

Importing it sets the number of torch's threads, so that every module that computes with torch has it by naming this
one among its imports, whichever of them a process loads first.
"""

import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import torch

from core.errors import Cancelled
from core.training.processor import asked_threads, cores

Part = TypeVar("Part")
Result = TypeVar("Result")
TICK_SECONDS = 0.2
"""Time between two reports of work in threads, and so how soon a cancelled part hears of it."""

# One core is left to the browser and the server. Threads that wait for each other spin, so a fit with as
# many threads as cores takes many times as long as soon as anything else runs: see benchmarks/threads.py.
if asked_threads() is None:
    torch.set_num_threads(max(1, cores() - 1))


def in_threads(
    work: Callable[[Part, Callable[[], None]], Result],
    parts: Sequence[Part],
    threads: int,
    tick: Callable[[], None],
) -> list[Result]:
    """Return the results of the parts, in their order: so many at once, each in a thread whose torch has no other.

    So nothing waits for anything, and a busy neighbour costs no more than its share. `tick` is called now and then
    in this thread, and may raise to stop; `work` is given its part, and what it is to call now and then, which
    raises Cancelled once nobody waits. A single thread is this one, and torch's threads stay as they are.
    """
    if threads == 1 or len(parts) < 2:
        return _one_by_one(work, parts, tick)
    stop, before = Event(), torch.get_num_threads()

    def check() -> None:
        if stop.is_set():
            raise Cancelled("another part of the work ended early")

    with ThreadPoolExecutor(min(threads, len(parts)), "work", torch.set_num_threads, (1,)) as pool:
        try:
            # What a run has asked for, such as its device, holds in its threads too.
            running = [pool.submit(contextvars.copy_context().run, work, part, check) for part in parts]
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
    return [future.result() for future in running]


def _one_by_one(
    work: Callable[[Part, Callable[[], None]], Result], parts: Sequence[Part], tick: Callable[[], None]
) -> list[Result]:
    last = time.monotonic()

    def check() -> None:
        nonlocal last
        if time.monotonic() - last >= TICK_SECONDS:
            last = time.monotonic()
            tick()

    results = []
    for part in parts:
        results.append(work(part, check))
        tick()
    return results
