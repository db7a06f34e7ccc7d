"""Tokens + encoder -> features of each text, many texts at a time.

The features are those that fastai's classifier pools (concat pooling: last output, maximum, mean), computed in
another order: the texts advance together, a word a step, and each step's outputs are pooled at once, so memory does
not grow with the length of a text. What the features mean is left to a classifier's head.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from core.language_model.lstm import LstmLayer, State
from core.language_model.pooling import CHUNK, LONGEST, batches, cut, first_pooled, hands
from core.language_model.precision import Precision
from core.language_model.slots import GPU_WIDTH, WIDTH, SlotReader
from core.language_model.tokens import Tokens
from core.progress import Report
from core.store import read_json
from core.training.processor import workers
from core.training.threads import in_threads

STAGE = "features"
PROCESSOR = torch.device("cpu")
TEXTS = 512
"""Most texts that advance together where each batch begins and ends as one; more are no faster on a processor."""
DEALT = 2
"""How many hands of texts are dealt at a time: the same on any processor, since digits depend on what is read
together."""
AFTER = 8
"""Words after a left-out part until its absence is taken to have no effect any more: see `without`."""


@dataclass(frozen=True)
class Trace:
    """One text as the encoder read it, with the states from which `without` reads on at any word."""

    features: np.ndarray
    """What `Encoder.features` gives for the text, a single row."""
    words: np.ndarray
    """The words that were read, as numbers in the vocabulary."""
    skipped: int
    """How many words at the beginning of the text were not read."""
    first: int
    """Place of the first word that is pooled."""
    before: list[State]
    """Each layer's output and cell before each word, and after the last: words + 1 rows."""


class Encoder:
    """An AWD_LSTM for inference only, on one device. Many texts are read in a precision, one alone in float32.

    `file` in the folder holds its weights by fastai's names behind `prefix`, vocab.json its words. Raises
    FileNotFoundError where either is missing.
    """

    def __init__(
        self,
        folder: Path,
        file: str = "encoder.safetensors",
        prefix: str = "",
        device: torch.device = PROCESSOR,
        precision: Precision = "float32",
    ) -> None:
        self.vocabulary: list[str] = read_json(folder / "vocab.json")
        self.device, self._precision = device, precision
        weights = {
            name.removeprefix(prefix): tensor.float().to(self.device)
            for name, tensor in load_file(folder / file).items()
            if name.startswith(prefix)
        }
        self._words = weights["encoder.weight"]
        layers = sum(name.endswith("weight_ih_l0") for name in weights)
        self._layers = [LstmLayer(weights, f"rnns.{number}.") for number in range(layers)]

    def on(self, device: torch.device) -> "Encoder":
        """Return the same encoder on a device."""
        if device == self.device:
            return self
        moved = copy(self)
        moved.__dict__.pop("_slot_reader", None)
        moved.device, moved._words = device, self._words.to(device)
        moved._layers = [layer.on(device) for layer in self._layers]
        return moved

    def features(
        self, tokens: Tokens, report: Report, longest: int = LONGEST, chunk: int = CHUNK
    ) -> np.ndarray:
        """Return the last output, the maximum and the mean over each text, side by side: texts x 3 embedding sizes.

        As in fastai's classifier, maximum and mean are over those chunks of `chunk` words that begin at most
        `longest` words before the end of the text.
        """
        return self.pooled(tokens.numbered(self.vocabulary), report, longest, chunk)

    def pooled(
        self, texts: Sequence[np.ndarray], report: Report, longest: int = LONGEST, chunk: int = CHUNK
    ) -> np.ndarray:
        """Return the features of texts given as numbers in `vocabulary`; no text may be empty."""
        texts = [cut(text, longest, chunk) for text in texts]
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        first = first_pooled(lengths, longest, chunk)
        result = np.zeros((len(texts), 3 * self._words.shape[1]), dtype=np.float32)
        on_processor, reader = self.device.type == "cpu", self._slot_reader
        threads = workers() if on_processor else 1
        width = WIDTH if on_processor else GPU_WIDTH
        ended: list[int] = []

        def read(rows: list[int], check: Callable[[], None]) -> None:
            def count(texts: int) -> None:
                check()
                ended.append(texts)

            here = [texts[row] for row in rows]
            if reader is not None:
                result[rows] = reader.pooled(here, first[rows], width, count)
            else:
                result[rows] = self._together(here, longest, chunk).cpu().numpy()
                count(len(rows))

        def tell() -> None:
            done = sum(ended)
            report(STAGE, done / len(texts), f"read {done:,} of {len(texts):,} reviews")

        dealt = DEALT if on_processor else 1
        together = hands(lengths, dealt, 2 * width) if reader is not None else list(batches(lengths, TEXTS))
        in_threads(read, together, threads, tell)
        return result

    @cached_property
    def _slot_reader(self) -> SlotReader | None:
        """What reads many texts; None where they are read to the last digit as one alone."""
        if self._precision == "float32":
            return None
        return SlotReader(self._words, self._layers, getattr(torch, self._precision.removesuffix("-slots")))

    @torch.inference_mode()
    def trace(self, text: np.ndarray, longest: int = LONGEST, chunk: int = CHUNK) -> Trace:
        """Read one text, whose words are numbers in `vocabulary`, and return the trace for `without`."""
        words = cut(text, longest, chunk)
        before = [
            (output.new_zeros(len(words) + 1, output.shape[1]), cell.new_zeros(len(words) + 1, cell.shape[1]))
            for output, cell in self._start(1)
        ]
        features = self._together([words], longest, chunk, before).cpu().numpy()
        first = int(first_pooled(np.array([len(words)]), longest, chunk)[0])
        return Trace(features, words, len(text) - len(words), first, before)

    @torch.inference_mode()
    def without(self, trace: Trace, parts: Sequence[tuple[int, int]]) -> np.ndarray:
        """Return the features of a text, and in the rows below those of the text without each of the parts.

        A part is a pair of positions, start and end (exclusive); parts come in the order of the text, and none
        contains its first word. Each row is computed until AFTER words beyond its part; from there on the outputs
        for the whole text are used, so this takes about AFTER steps of all parts together. The first row is pooled
        in the order of the others, so it may differ from `trace.features` in the last digit.
        """
        length, first, before = len(trace.words), trace.first, trace.before
        # A part before all that is read becomes empty.
        places = (torch.as_tensor(parts, device=self.device).reshape(-1, 2) - trace.skipped).clamp(min=1)
        sums = self._layers[0].sums(self._words[torch.as_tensor(trace.words, device=self.device)])
        outputs = before[-1][0][1:]
        pooled = outputs.clone()
        pooled[:first] = -torch.inf
        nothing = torch.full_like(pooled[:1], -torch.inf)
        until = torch.cat([nothing, pooled.cummax(0)[0]])
        since = torch.cat([pooled.flip(0).cummax(0)[0].flip(0), nothing])
        pooled[:first] = 0
        sum_until = torch.cat([torch.zeros_like(pooled[:1]), pooled.cumsum(0)])

        rows = [torch.cat([outputs[-1:], until[-1:], sum_until[-1:] / (length - first)], 1)]
        for at in range(0, len(places), TEXTS):
            start, end = places[at : at + TEXTS].T
            back = (end + AFTER).clamp(max=length)
            moved = [(output[start], cell[start]) for output, cell in before]
            highest, total = until[start], sum_until[start] + sum_until[-1] - sum_until[back]
            for step in range(AFTER):
                # Parts near the end of the text, which are the last ones, reach it first.
                some = int((end + step < length).sum())
                place = end[:some] + step
                output = self._step(sums[place], [(output[:some], cell[:some]) for output, cell in moved])
                inside = (place >= first)[:, None]
                highest[:some] = torch.maximum(highest[:some], output.where(inside, nothing))
                total[:some] += output * inside
            highest = torch.maximum(highest, since[back])
            gone = (end.clamp(min=first) - start.clamp(min=first))[:, None]
            last = torch.where((back == length)[:, None], moved[-1][0], outputs[-1])
            rows.append(torch.cat([last, highest, total / (length - first - gone)], 1))
        return torch.cat(rows).cpu().numpy()

    def _start(self, texts: int) -> list[State]:
        """Return each layer's output and cell before the first word."""
        return [layer.start(texts) for layer in self._layers]

    def _step(self, sums: torch.Tensor, states: list[State]) -> torch.Tensor:
        """Advance all layers by one word, in place; return the last one's output. `sums` is overwritten."""
        output = self._layers[0].step(sums, *states[0])
        for layer, state in zip(self._layers[1:], states[1:], strict=True):
            output = layer.step(layer.sums(output), *state)
        return output

    @torch.inference_mode()
    def _together(
        self, texts: list[np.ndarray], longest: int, chunk: int, outputs: list[State] | None = None
    ) -> torch.Tensor:
        """Return the features of texts in descending length, so that those still running are always the first.

        Of a single text, `outputs` is filled with each layer's output and cell after each word.
        """
        lengths = np.array([len(text) for text in texts])
        first = first_pooled(lengths, longest, chunk)
        # What a word's embedding adds to the first layer does not depend on its position: one row a distinct word.
        joined, occurs = np.concatenate(texts), np.zeros(len(self._words), dtype=bool)
        occurs[joined] = True
        places = (np.cumsum(occurs) - 1)[joined]
        words = torch.as_tensor(np.flatnonzero(occurs), device=self.device)
        of_word = self._layers[0].sums(self._words[words])
        steps = np.zeros((lengths[0], len(texts)), dtype=np.int64)
        for column, of_text in enumerate(np.split(places, np.cumsum(lengths)[:-1])):
            steps[: len(of_text), column] = of_text

        states = self._start(len(texts))
        last = states[-1][0]
        highest, total = torch.full_like(last, -torch.inf), torch.zeros_like(last)
        for step, of_texts in enumerate(torch.as_tensor(steps, device=self.device)):
            # So many texts still run; of these so many, the longest, are still before the words to pool.
            some = int(np.searchsorted(-lengths, -step))
            before = int(np.searchsorted(-first, -step))
            output = self._step(
                of_word.index_select(0, of_texts[:some]),
                [(state[:some], cell[:some]) for state, cell in states],
            )
            torch.maximum(highest[before:some], output[before:], out=highest[before:some])
            total[before:some] += output[before:]
            for state, rows in zip(states, outputs or (), strict=False):
                rows[0][step + 1], rows[1][step + 1] = state[0][0], state[1][0]
        return torch.cat(
            [last, highest, total / torch.as_tensor(lengths - first, device=self.device)[:, None]], 1
        )
