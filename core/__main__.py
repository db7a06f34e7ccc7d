"""`python -m core VERB [options] [--json]`; see `core.cli`."""

import os
import sys

from core.child_process import end
from core.cli import main
from core.cli.own_process import in_own_process

WATCHED_OTHERWISE = ("serve", "worker")
"""Verbs that last as long as their machine, and whose end the dashboard or other workers tell."""

if __name__ == "__main__":
    # Of several processes that `accelerate` launches, each tells the end of the others.
    alone = os.environ.get("WORLD_SIZE", "") in ("", "0", "1")
    end(
        in_own_process(main)
        if alone and sys.argv[1:2] not in [[verb] for verb in WATCHED_OTHERWISE]
        else main()
    )
