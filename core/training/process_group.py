"""The processes that train one model, joined: what they tell each other beside tensors, by the store of torch's."""

import os
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.errors import CannotAnswer

TICK_SECONDS = 0.2
"""Time between two looks for what another process has to say."""
SIGN_SECONDS = 5.0
"""Time between two signs of life."""
TELLING_SECONDS = 5.0
"""How long to try to tell the others that this process fails."""
FAILED = "failed"
ENDED = (
    "a process of this training ended or was cut off. "
    "What was finished is kept, and the same command goes on from there"
)


@dataclass(frozen=True)
class Place:
    """Which of the processes this one is."""

    rank: int = 0
    """Among all, from 0."""
    local: int = 0
    """Among those of this machine, from 0."""
    processes: int = 1


class ProcessGroup:
    """The processes that this one has joined; it gives them signs of life until it leaves."""

    def __init__(self, place: Place, patience: timedelta) -> None:
        import torch.distributed as dist  # not at the top: the pipeline imports this module

        # Without a name of its own, torch gives tensors of the processor to gloo, and those of GPUs to NCCL.
        dist.init_process_group(timeout=patience)
        self.place, self._patience = place, patience
        address = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])

        def connected() -> Any:
            return dist.TCPStore(*address, is_master=False, timeout=patience)  # type: ignore[attr-defined]

        self.store, self.turns, self._left = connected(), 0, threading.Event()
        threading.Thread(target=self._give_signs, args=(connected(),), daemon=True).start()

    def wait(self, key: str) -> None:
        """Wait for a key of the store, however long the others work for it.

        Raise CannotAnswer where one of them failed, or gave no sign of life for as long as the patience lasts.
        """
        heard = dict.fromkeys(range(self.place.processes), (-1, 0.0))
        # Asked again and again, since torch's own wait hears no signal.
        while not self.store.check([key]):
            now = time.monotonic()
            for rank, (signs, _) in heard.items():
                count = self.store.add(f"sign/{rank}", 0)
                if count != signs:
                    heard[rank] = count, now
            silent = now - min(since for _, since in heard.values())
            if self.store.check([FAILED]) or silent > self._patience.total_seconds():
                raise CannotAnswer(ENDED)
            time.sleep(TICK_SECONDS)

    def fail(self) -> bool:
        """Tell the others that this process fails; return whether none of this machine has done so.

        True where it cannot be found out.
        """
        place, order = self.place, [1]

        def tell() -> None:
            order[0] = self.store.add(f"told/{place.rank - place.local}", 1)
            self.store.set(FAILED, "")

        # The store may be on a machine that no longer answers.
        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        thread.join(TELLING_SECONDS)
        return order[0] == 1

    def leave(self) -> None:
        """Give no more signs of life."""
        self._left.set()

    def _give_signs(self, store: Any) -> None:
        """Count up, over a connection of its own, since the other may be waiting for an answer."""
        try:
            while not self._left.is_set():
                store.add(f"sign/{self.place.rank}", 1)
                self._left.wait(min(SIGN_SECONDS, self._patience.total_seconds() / 4))
        except RuntimeError:
            # The store is lost, which the others learn as this process does.
            return
