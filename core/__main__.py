"""`python -m core VERB [options] [--json]`; see `core.cli`."""

import sys

from core.child_process import end
from core.cli import main
from core.cli.own_process import in_own_process
from core.training.processes import are_several

WATCHED_OTHERWISE = {"serve", "worker"}
"""Verbs that last as long as their machine, and whose end the dashboard or other workers tell."""

if __name__ == "__main__":
    # Of several processes that `accelerate` launches, each tells the end of the others.
    told_by_others = are_several() or not WATCHED_OTHERWISE.isdisjoint(sys.argv[1:2])
    end(main() if told_by_others else in_own_process(main))
