"""The precision in which many texts are read on this machine: asked for, or measured once and kept.

Importing this module loads no torch: pages and runs that find all in the cache need only the name.
"""

import os
from importlib.metadata import version
from typing import Literal, get_args

from core.errors import BadSettings
from core.store import Store
from core.training.processor import processor

Precision = Literal["float32", "float32-slots", "bfloat16"]
"""float32: texts of a batch begin and end together, as in every version so far, to the last digit.
float32-slots: equal to a millionth, and faster; see `slots`. bfloat16: the same with products of bfloat16."""
VARIABLE = "FACTORSCOPE_PRECISION"
"""Environment variable that names a precision."""
LEAST_GAIN = 1.3
"""Times as fast that bfloat16 must be; where a processor is made for it, it is about twice as fast."""


def reading_precision(store: Store) -> Precision:
    """Return the precision for this machine; BadSettings where the variable names none.

    It is measured when a store first asks for it on a processor, which takes half a second after torch is loaded.
    """
    asked = os.environ.get(VARIABLE)
    if asked:
        return _known(asked)
    key = f"reading precision, torch {version('torch')}, {processor()}"
    kept = store.get(key)
    if kept not in get_args(Precision):
        kept = _measured()
        store.put(key, kept)
    return _known(kept)


def _known(name: str) -> Precision:
    for precision in get_args(Precision):
        if name == precision:
            return precision  # type: ignore[no-any-return]
    raise BadSettings(f"{VARIABLE} is {name!r}; choose one of {', '.join(get_args(Precision))}")


def _measured() -> Precision:
    """Return the faster precision, bfloat16 only where the processor is made for it."""
    import torch  # not at the top: see above

    from core.language_model.speed import gain

    supported = torch.cpu.get_capabilities()
    if not (supported.get("amx_bf16") or supported.get("avx512_bf16")):
        return "float32-slots"
    return "bfloat16" if gain(torch.bfloat16) >= LEAST_GAIN else "float32-slots"
