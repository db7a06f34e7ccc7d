"""A verb's work -> its document on standard output, as JSON or in words."""

import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

from core.paths import cache_dir
from core.store import Store

Document = dict[str, Any]


def show(work: Callable[[Store], Document], words: Callable[[Document], str], as_json: bool) -> None:
    """Do the work of a verb in the cache folder, and print its document."""
    # Libraries print to standard output as they like; it is kept for the document.
    with contextlib.redirect_stdout(sys.stderr):
        document = work(Store(cache_dir()))
    print(json.dumps(document, ensure_ascii=False, indent=2) if as_json else words(document), flush=True)
