"""How fast this processor reads in a precision, measured on an encoder of the bundled one's shape."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from core.language_model.lstm import LstmLayer
from core.language_model.slots import WIDTH, SlotReader
from core.training.threads import in_threads

SIZES = ((200, 400), (400, 200))
"""Inputs and outputs of each layer."""
STEPS, ROUNDS = 24, 4
"""Words of each slot, and how often they are read; the fastest counts."""


def seconds(precision: torch.dtype) -> float:
    """Return the processor time of a small encoder for STEPS words of all slots, in seconds; takes about 0.1."""
    draw = partial(torch.randn, generator=torch.Generator().manual_seed(0))
    weights = {
        name: tensor
        for number, (before, size) in enumerate(SIZES)
        for name, tensor in {
            f"rnns.{number}.module.weight_ih_l0": 0.05 * draw(4 * size, before),
            f"rnns.{number}.weight_hh_l0_raw": 0.05 * draw(4 * size, size),
            f"rnns.{number}.module.bias_ih_l0": torch.zeros(4 * size),
            f"rnns.{number}.module.bias_hh_l0": torch.zeros(4 * size),
        }.items()
    }
    layers = [LstmLayer(weights, f"rnns.{number}.") for number in range(len(SIZES))]
    reader = SlotReader(0.1 * draw(STEPS * WIDTH, SIZES[0][0]), layers, precision)
    texts, first = list(np.arange(STEPS * WIDTH).reshape(WIDTH, STEPS)), np.zeros(WIDTH, dtype=np.int64)
    times: list[float] = []

    def read(_: int, check: Callable[[], None]) -> None:
        began = time.thread_time()
        reader.pooled(texts, first, WIDTH, lambda _: check())
        times.append(time.thread_time() - began)

    in_threads(read, range(ROUNDS), 1, lambda: None)
    return min(times)
