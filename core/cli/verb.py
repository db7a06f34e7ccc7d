"""What a verb is made of."""

import argparse
from collections.abc import Callable
from typing import Any

from core.store import Store

Document = dict[str, Any]
Verb = Callable[
    [str, Callable[[argparse.Namespace, Store], Document], Callable[[Document], str], str],
    argparse.ArgumentParser,
]
"""Adds a verb: its name, what it does, how it says so, and what help says of it."""
