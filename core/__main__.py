"""`python -m core VERB [options] [--json]`; see `core.cli`."""

from core.child_process import end
from core.cli import main

if __name__ == "__main__":
    end(main())
