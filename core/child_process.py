"""How a process ends that may have read tables."""

import os
import sys
from typing import NoReturn


def end(code: int) -> NoReturn:
    """End this process with this exit status, its output written, and take nothing down.

    Arrow reads tables in threads that outlive the reading by a moment. An interpreter that is taken down while
    one of them holds a Python stream aborts, or waits for ever: a few in a thousand of the calls that refuse a
    table did, on a busy machine. What libraries would do at the exit is left undone.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
