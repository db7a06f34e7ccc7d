"""The command line as some tests launch it: `accelerate launch tests/support/launched.py PATIENCE VERB …`.

PATIENCE is in seconds. The language model is a small one that drops and draws nothing in a step, so that
several processes compute what one does.
"""

import sys
from datetime import timedelta

from core.child_process import end
from core.cli import main, runs
from core.training import processes

PLAIN = runs.SMALL_LANGUAGE_MODEL.replace(
    embedding_size=48, hidden_size=48, batch_size=4, drop_mult=1e-9, sampled_words=None
)

if __name__ == "__main__":
    processes.PATIENCE = timedelta(seconds=float(sys.argv.pop(1)))
    runs.SMALL_LANGUAGE_MODEL = PLAIN
    end(main())
