"""A verb's document on standard output, as JSON or text."""

import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

from core.paths import cache_dir
from core.store import Store

Document = dict[str, Any]


def show(work: Callable[[Store], Document], words: Callable[[Document], str], as_json: bool) -> None:
    """Run a verb on the store, and print its document: as JSON, or as the text that `words` returns."""
    show_of_run(lambda: work(Store(cache_dir())), words, as_json)


def show_of_run(work: Callable[[], Document], words: Callable[[Document], str], as_json: bool) -> None:
    """Do the same with a verb that reads the folder of a run alone, whatever the cache is like."""
    # Standard output is reserved for the document, so prints of libraries go to standard error.
    with contextlib.redirect_stdout(sys.stderr):
        document = work()
    print(json.dumps(document, ensure_ascii=False, indent=2) if as_json else words(document), flush=True)
