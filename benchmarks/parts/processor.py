"""Processor time of the dashboard's server and of the browser's processes, by kind. Linux alone."""

import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from parts.watched import TICK, file_text, tree

T = TypeVar("T")
KIND = re.compile(r"--type=(\S+)")
"""What a process of the browser is for; its first one does not say."""


async def milliseconds_each(
    server: int, act: Callable[[], Awaitable[T]], count: Callable[[T], int]
) -> dict[str, float]:
    """Act; return the milliseconds that one of the acts takes of a processor, by kind of process.

    `server` is the process id of the dashboard's server, which counts with the processes below it; `count` says how
    many acts there were.
    """
    before = _seconds(server)
    acts = count(await act())
    taken = _seconds(server)
    taken.subtract(before)
    each = {kind: seconds * 1000 / acts for kind, seconds in taken.most_common()}
    return {"all": sum(each.values())} | each


def _seconds(server: int) -> Counter[str]:
    """Return the processor seconds that each kind of process has taken by now."""
    seconds: Counter[str] = Counter()
    of_server = set(tree(server))
    for process in tree(os.getpid()):
        command = file_text(Path(f"/proc/{process}/cmdline")).replace("\0", " ")
        kind = KIND.search(command)
        if process in of_server:
            name = "server"
        elif command.partition(" ")[0].endswith("chromium"):
            name = kind[1] if kind else "browser"
        else:
            # What drives the browser.
            continue
        fields = file_text(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
        seconds[name] += sum(map(int, fields[11:13])) / TICK if fields else 0
    return seconds
