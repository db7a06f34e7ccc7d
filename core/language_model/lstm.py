"""An LSTM layer of the encoder as plain matrices, so that many texts advance together, a word a step."""

from collections.abc import Mapping
from copy import copy
from itertools import pairwise

import torch

State = tuple[torch.Tensor, torch.Tensor]
"""Output and cell of an LSTM layer, each texts x size."""


def multiplications(shape: Mapping[str, int]) -> int:
    """Return how many numbers a word is multiplied by in an AWD_LSTM of this shape (SHAPE).

    >>> multiplications({"emb_sz": 2, "n_hid": 3, "n_layers": 2})
    100
    """
    inner = [shape["n_hid"]] * (shape["n_layers"] - 1)
    sizes = [shape["emb_sz"], *inner, shape["emb_sz"]]
    return sum(4 * size * (before + size) for before, size in pairwise(sizes))


class LstmLayer:
    """An LSTM layer as matrices that multiply from the right.

    Its gates are in the order input, forget, output, candidate, and the last is doubled: since
    tanh(x) = 2 sigmoid(2 x) - 1, one sigmoid computes all four.
    """

    def __init__(self, weights: dict[str, torch.Tensor], prefix: str) -> None:
        def gates(tensor: torch.Tensor) -> torch.Tensor:
            enter, forget, new, out = tensor.chunk(4)
            return torch.cat([enter, forget, out, 2 * new])

        module = prefix + "module."
        self.across = gates(weights[module + "weight_ih_l0"]).T.contiguous()
        self.along = gates(weights[prefix + "weight_hh_l0_raw"]).T.contiguous()
        self.bias = gates(weights[module + "bias_ih_l0"] + weights[module + "bias_hh_l0"])

    def on(self, device: torch.device) -> "LstmLayer":
        """Return the same layer on a device."""
        moved = copy(self)
        moved.across, moved.along, moved.bias = (
            weights.to(device) for weights in (self.across, self.along, self.bias)
        )
        return moved

    def start(self, texts: int) -> State:
        """Return output and cell before the first word."""
        empty = self.bias.new_zeros(texts, len(self.along))
        return empty, empty.clone()

    def sums(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return what the inputs add to the gates."""
        return torch.addmm(self.bias, inputs, self.across)

    def step(self, sums: torch.Tensor, output: torch.Tensor, cell: torch.Tensor) -> torch.Tensor:
        """Advance output and cell by one word, in place; return the output. `sums` is overwritten."""
        enter, forget, out, new = sums.addmm_(output, self.along).sigmoid_().chunk(4, 1)
        cell.mul_(forget).addcmul_(enter, new.mul_(2).sub_(1))
        return torch.mul(out, torch.tanh(cell), out=output)
