"""Two processes on machines of their own, that take turns: `python -m support.turns PATIENCE WHAT`.

WHAT the second does in its turn: "raise", "stop" (it stands still) or "work" (longer than the patience).
"""

import importlib.util
import os
import signal
import sys
import time
from datetime import timedelta
from typing import Any

import torch.distributed  # noqa: F401  -- before its own questions for libraries get a wrong answer

from core.errors import BadInput, UserError
from core.training import process_group, processes


def main(patience: float, what: str) -> None:
    """Join, prepare in turn, and print how that ended."""
    importlib.util.find_spec = lambda *_: True  # type: ignore[assignment,return-value]
    process_group.SIGN_SECONDS = 0.5
    join = processes.ProcessGroup.__init__

    def joined(group: processes.ProcessGroup, *place: Any) -> None:
        join(group, *place)
        # Only now, since one process may start long before the other.
        group._patience = timedelta(seconds=patience)

    processes.ProcessGroup.__init__ = joined  # type: ignore[method-assign]
    try:
        with processes.together(2, "cpu") as place, processes.in_turn():
            if place.rank and what == "raise":
                raise BadInput("no reviews here")
            if place.rank and what == "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            if place.rank:
                time.sleep(2 * patience)
        print("done")
    except UserError as error:
        print(error)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
