"""Many texts -> their features by an AWD_LSTM, as fast as a processor or a GPU multiplies.

A fixed number of slots advances together, a word a step. Each slot reads texts end to end: where one ends, its
features are taken and the slot begins the next from zero. So every product is as wide as the first, however much the
texts differ in length. Products are of float32 or of bfloat16; sums, cells and what is pooled are float32 in both. On
a processor the weights are packed once, as oneDNN wants them.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch.nn.functional import linear

from core.language_model.lstm import LstmLayer

WIDTH = 64
"""Slots on a processor: the numbers of a step stay in a core's cache, and more are no faster."""
GPU_WIDTH = 4096
"""Slots on a GPU, where a step takes as long with few."""
Linear = Callable[[torch.Tensor], torch.Tensor]
"""A product with weights: rows x inputs -> rows x outputs."""


@dataclass(frozen=True)
class Events:
    """What happens after steps: `slots[starts[step] : starts[step + 1]]` are those that it happens to."""

    starts: np.ndarray
    slots: np.ndarray
    texts: np.ndarray
    """The text of each."""


@dataclass(frozen=True)
class Plan:
    """Which word each slot reads at each step, and where texts end and pooling begins."""

    places: np.ndarray
    """Steps x slots: which of all texts' words, joined, is read; the first one where a slot has none left."""
    ends: Events
    """A text ends."""
    poolings: Events
    """Pooling begins with the next step: after each end, and within a text before its word `first`."""


def plan(lengths: np.ndarray, first: np.ndarray, width: int) -> Plan:
    """Return how texts of these lengths are read in at most `width` slots; pooling begins at the word `first`.

    The longest text that is left goes to the slot with the fewest words. There are no more slots than have work
    until the longest text is read.

    >>> plan(np.array([3, 5, 2]), np.array([0, 0, 0]), 64).places.tolist()
    [[3, 0], [4, 1], [5, 2], [6, 8], [7, 9]]
    >>> plan(np.array([3, 5, 2]), np.array([0, 0, 1]), 64).poolings.slots.tolist()
    [1, 1, 0, 1]
    """
    count = min(width, -(-int(lengths.sum()) // int(lengths.max())))
    order = np.argsort(-lengths, kind="stable")
    slot_of, begins = np.zeros_like(lengths), np.zeros_like(lengths)
    loads = [(0, slot) for slot in range(count)]
    for text in order.tolist():
        begins[text], slot_of[text] = loads[0]
        heapq.heapreplace(loads, (int(begins[text] + lengths[text]), int(slot_of[text])))
    steps = max(loads)[0]
    places = np.zeros((steps, count), dtype=np.int64)
    inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    places[np.repeat(begins, lengths) + inside, np.repeat(slot_of, lengths)] = np.arange(lengths.sum())
    every, late = np.arange(len(lengths)), np.flatnonzero(first)
    ends = begins + lengths - 1
    return Plan(
        places,
        _events(ends, slot_of, every, steps),
        _events(
            np.concatenate([ends, begins[late] + first[late] - 1]),
            np.concatenate([slot_of, slot_of[late]]),
            np.concatenate([every, late]),
            steps,
        ),
    )


def _events(after: np.ndarray, slots: np.ndarray, texts: np.ndarray, steps: int) -> Events:
    order = np.lexsort((slots, after))
    return Events(np.searchsorted(after[order], np.arange(steps + 1)), slots[order], texts[order])


class SlotReader:
    """An AWD_LSTM that reads many texts, with products of torch.float32 or torch.bfloat16.

    Cells are kept doubled and outputs halved, so that tanh(x) = 2 sigmoid(2 x) - 1 costs a sigmoid and a
    subtraction; the weights make up for it. Powers of two change no digit.
    """

    def __init__(
        self, word_vectors: torch.Tensor, layers: Sequence[LstmLayer], precision: torch.dtype
    ) -> None:
        self._word_vectors, self._precision = word_vectors, precision
        self._of_words = layers[0].across.to(precision)
        self._bias = [layer.bias for layer in layers]
        self._sizes = [len(layer.along) for layer in layers]
        # The first layer's inputs are words, each of which is multiplied once; those of the others are outputs.
        inner = [layers[0].along, *(torch.cat([layer.across, layer.along]) for layer in layers[1:])]
        self._linear = [_linear((2 * weights).T.to(precision).contiguous()) for weights in inner]

    @torch.inference_mode()
    def pooled(
        self, texts: Sequence[np.ndarray], first: np.ndarray, width: int, ended: Callable[[int], object]
    ) -> np.ndarray:
        """Return last output, maximum and mean of each text, side by side; pooling begins at the word `first`.

        `ended` is called with the number of texts that ended, and may raise to stop the reading.
        """
        device = self._word_vectors.device
        lengths = np.array([len(text) for text in texts])
        read = plan(lengths, first, width)
        of_words, steps = self._steps(texts, read.places)
        slots, rows, begun = (
            torch.from_numpy(each).to(device)
            for each in (read.ends.slots, read.ends.texts, read.poolings.slots)
        )
        counts = torch.from_numpy((lengths - first)[read.ends.texts, None]).to(device)
        layers = self._started(read.places.shape[1], device)
        output = layers[-1].output
        highest, total = torch.full_like(output, -torch.inf), torch.zeros_like(output)
        features = torch.empty(len(texts), 3 * output.shape[1], device=device)
        ends, begins = read.ends.starts.tolist(), read.poolings.starts.tolist()
        for step, places in enumerate(steps):
            torch.index_select(of_words, 0, places, out=layers[0].gates)
            layers[0].step(layers[0].gates)
            for layer in layers[1:]:
                layer.step(layer.bias)
            torch.maximum(highest, output, out=highest)
            total.add_(output)
            if ends[step] < ends[step + 1]:
                here = slice(ends[step], ends[step + 1])
                last, top, mean = (each.index_select(0, slots[here]) for each in (output, highest, total))
                features.index_copy_(0, rows[here], torch.cat([last, top, mean / counts[here]], 1))
                for layer in layers:
                    layer.begin(slots[here])
                ended(ends[step + 1] - ends[step])
            if begins[step] < begins[step + 1]:
                here = slice(begins[step], begins[step + 1])
                highest.index_fill_(0, begun[here], -torch.inf)
                total.index_fill_(0, begun[here], 0.0)
        return features.mul_(2.0).cpu().numpy()

    def _steps(self, texts: Sequence[np.ndarray], places: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what each distinct word adds to the first gates, and which of these each slot reads at each step."""
        device, joined = self._word_vectors.device, np.concatenate(texts)
        occurs = np.zeros(len(self._word_vectors), dtype=bool)
        occurs[joined] = True
        words = torch.from_numpy(np.flatnonzero(occurs)).to(device)
        added = torch.mm(self._word_vectors[words].to(self._precision), self._of_words).float()
        steps = (np.cumsum(occurs) - 1)[joined][places]
        return added.add_(self._bias[0]), torch.from_numpy(steps).to(device)

    def _started(self, slots: int, device: torch.device) -> "list[_Layer]":
        """Return the layers before the first word."""
        layers: list[_Layer] = []
        for product, bias, size in zip(self._linear, self._bias, self._sizes, strict=True):
            before = layers[-1].output.shape[1] if layers else 0
            inputs = torch.zeros(slots, before + size, dtype=self._precision, device=device)
            if layers:
                layers[-1].copies.append(inputs[:, :before])
            layers.append(_Layer(product, bias, size, inputs))
        return layers


class _Layer:
    """An LSTM layer with its states and the numbers of a step, in memory that all steps share."""

    def __init__(self, product: Linear, bias: torch.Tensor, size: int, inputs: torch.Tensor) -> None:
        self.bias, self._linear, self._inputs = bias, product, inputs
        self.gates = bias.new_empty(len(inputs), 4 * size)
        self._enter, self._forget, self._out, self._new = self.gates.chunk(4, 1)
        self._cell, self.output = bias.new_zeros(len(inputs), size), bias.new_zeros(len(inputs), size)
        # As a tensor, since a plain number is made one anew at each step.
        self._half = bias.new_tensor(0.5)
        self.copies = [inputs[:, -size:]]
        """Where the output goes: what this layer reads at the next step, and the next layer at this one."""

    def step(self, base: torch.Tensor) -> None:
        """Advance all slots by a word; `base` is what the gates get besides the product of the inputs."""
        torch.add(base, self._linear(self._inputs), out=self.gates).sigmoid_()
        self._cell.mul_(self._forget).addcmul_(self._enter, self._new.sub_(self._half), value=4.0)
        torch.sigmoid(self._cell, out=self.output).sub_(self._half).mul_(self._out)
        for copy in self.copies:
            copy.copy_(self.output)

    def begin(self, slots: torch.Tensor) -> None:
        """Let slots begin a text."""
        self._cell.index_fill_(0, slots, 0.0)
        self.copies[0].index_fill_(0, slots, 0.0)


def _linear(weights: torch.Tensor) -> Linear:
    """Return the product with weights (outputs x inputs)."""
    if weights.device.type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return partial(linear, weight=weights)
    packed = torch.ops.mkldnn._reorder_linear_weight(weights)
    return lambda inputs: torch.ops.mkldnn._linear_pointwise(inputs, packed, None, "none", [], "")
