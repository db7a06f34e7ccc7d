"""The libraries that a run computes with, imported at once where the first of its artifacts needs them."""

import gc
from functools import cache

LEARNT = frozenset(("factor-model", "resamples", "language-model", "features", "readings", "classifier"))
"""Kinds of artifacts that cannot be made without these libraries."""


@cache
def load_libraries() -> None:
    """Import torch, fastai and what is built on them; takes seconds the first time.

    Nothing that is imported is ever given back, so nobody looks for garbage among it, then or later: that would take
    a fifth of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        import core.classification.classifier
        import core.factors.models.factor_model  # noqa: F401
    finally:
        gc.freeze()
        if collects:
            gc.enable()
