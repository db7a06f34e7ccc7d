"""How fast this processor reads in a precision, measured on an encoder of the bundled one's shape."""

import time
from functools import partial

import numpy as np
import torch

from core.language_model.lstm import LstmLayer
from core.language_model.slots import WIDTH, SlotReader

SIZES = ((200, 400), (400, 200))
"""Inputs and outputs of each layer."""
STEPS, ROUNDS = 24, 5
"""Words of each slot, and how often they are read in turns."""


def gain(precision: torch.dtype) -> float:
    """Return how many times as fast as in float32 a processor reads in a precision; takes half a second.

    It is measured in one thread, by that thread's time on the processor, of which a busy neighbour takes little.
    """
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
    vectors = 0.1 * draw(STEPS, SIZES[0][0])
    single, other = (SlotReader(vectors, layers, each) for each in (torch.float32, precision))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        turns = [(_seconds(single), _seconds(other)) for _ in range(ROUNDS)]
    finally:
        torch.set_num_threads(threads)
    return min(before for before, _ in turns) / min(after for _, after in turns)


def _seconds(reader: SlotReader) -> float:
    texts, first = [np.arange(STEPS)] * WIDTH, np.zeros(WIDTH, dtype=np.int64)
    began = time.thread_time()
    reader.pooled(texts, first, WIDTH, lambda _: None)
    return time.thread_time() - began
