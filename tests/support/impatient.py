"""The command line with little patience: `accelerate launch tests/support/impatient.py SECONDS VERB …`."""

import sys
from datetime import timedelta

from core.child_process import end
from core.cli import main
from core.training import processes

if __name__ == "__main__":
    processes.PATIENCE = timedelta(seconds=float(sys.argv.pop(1)))
    end(main())
