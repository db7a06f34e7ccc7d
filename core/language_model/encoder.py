"""Tokens + encoder -> features of each text, many texts at a time.

The features are those that fastai's classifier pools (concat pooling: last output, maximum, mean), computed in
another order: the texts advance together, a word a step, and each step's outputs are pooled at once, so memory does
not grow with the length of a text. What the features mean is left to a classifier's head.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

import core.training.threads  # noqa: F401 - imported for its effect: it sets how many threads torch uses
from core.language_model.lstm import LstmLayer, State, multiplications
from core.language_model.tokens import Tokens
from core.progress import Report
from core.store import read_json
from core.training.device import device_for
from core.training.device_rule import Work

STAGE = "features"
PROCESSOR = torch.device("cpu")
TEXTS, WORDS = 512, 1 << 19
"""Most texts that advance together, and about the most words in them; more of either is no faster on a CPU."""
CHUNK = 72
"""Words that fastai's classifier reads at once, which decides where pooling begins (its default)."""
LONGEST = 20 * CHUNK
"""How many of the last words of a text are pooled (fastai's default)."""
AFTER = 8
"""Words after a left-out part until its absence is taken to have no effect any more: see `without`."""
LEAD_IN = 3
"""Multiple of LONGEST that is read before them without being pooled; words farther back have no effect."""


def reading_device(folder: Path, tokens: Tokens) -> torch.device:
    """Return the device on which to read texts with the encoder in a folder; one text is read on the processor."""
    each = multiplications(read_json(folder / "info.json"))
    return device_for(Work("reading of the reviews", "text reading", len(tokens.numbers), "words", each))


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
    """An AWD_LSTM for inference only, on one device.

    `file` in the folder holds its weights by fastai's names behind `prefix`, vocab.json its words. Raises
    FileNotFoundError where either is missing.
    """

    def __init__(
        self,
        folder: Path,
        file: str = "encoder.safetensors",
        prefix: str = "",
        device: torch.device = PROCESSOR,
    ) -> None:
        self.vocabulary: list[str] = read_json(folder / "vocab.json")
        self._device = device
        weights = {
            name.removeprefix(prefix): tensor.float().to(self._device)
            for name, tensor in load_file(folder / file).items()
            if name.startswith(prefix)
        }
        self._words = weights["encoder.weight"]
        layers = sum(name.endswith("weight_ih_l0") for name in weights)
        self._layers = [LstmLayer(weights, f"rnns.{number}.") for number in range(layers)]

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
        result = np.zeros((len(texts), 3 * self._words.shape[1]), dtype=np.float32)
        texts = [_cut(text, longest, chunk) for text in texts]
        done = 0
        for rows in _batches([len(text) for text in texts]):
            result[rows] = self._together([texts[row] for row in rows], longest, chunk).cpu().numpy()
            done += len(rows)
            report(STAGE, done / len(texts), f"read {done:,} of {len(texts):,} reviews")
        return result

    @torch.inference_mode()
    def trace(self, text: np.ndarray, longest: int = LONGEST, chunk: int = CHUNK) -> Trace:
        """Read one text, whose words are numbers in `vocabulary`, and return the trace for `without`."""
        words = _cut(text, longest, chunk)
        before = [
            (output.new_zeros(len(words) + 1, output.shape[1]), cell.new_zeros(len(words) + 1, cell.shape[1]))
            for output, cell in self._start(1)
        ]
        features = self._together([words], longest, chunk, before).cpu().numpy()
        first = int(_first_pooled(np.array([len(words)]), longest, chunk)[0])
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
        places = (torch.as_tensor(parts, device=self._device).reshape(-1, 2) - trace.skipped).clamp(min=1)
        sums = self._layers[0].sums(self._words[torch.as_tensor(trace.words, device=self._device)])
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
        first = _first_pooled(lengths, longest, chunk)
        # What a word's embedding adds to the first layer does not depend on its position: one row a distinct word.
        words, places = np.unique(np.concatenate(texts), return_inverse=True)
        of_word = self._layers[0].sums(self._words[torch.as_tensor(words, device=self._device)])
        steps = np.zeros((lengths[0], len(texts)), dtype=np.int64)
        for column, of_text in enumerate(np.split(places, np.cumsum(lengths)[:-1])):
            steps[: len(of_text), column] = of_text

        states = self._start(len(texts))
        last = states[-1][0]
        highest, total = torch.full_like(last, -torch.inf), torch.zeros_like(last)
        for step, of_texts in enumerate(torch.as_tensor(steps, device=self._device)):
            # So many texts still run; of these so many, the longest, are still before the words to pool.
            some = int(np.searchsorted(-lengths, -step))
            before = int(np.searchsorted(-first, -step))
            output = self._step(
                of_word[of_texts[:some]], [(state[:some], cell[:some]) for state, cell in states]
            )
            torch.maximum(highest[before:some], output[before:], out=highest[before:some])
            total[before:some] += output[before:]
            for state, rows in zip(states, outputs or (), strict=False):
                rows[0][step + 1], rows[1][step + 1] = state[0][0], state[1][0]
        return torch.cat(
            [last, highest, total / torch.as_tensor(lengths - first, device=self._device)[:, None]], 1
        )


def _cut(text: np.ndarray, longest: int, chunk: int) -> np.ndarray:
    """Return the last words of a text, those that are read; the cut is between chunks."""
    too_many = len(text) - (1 + LEAD_IN) * longest
    return text[max(0, -(-too_many // chunk)) * chunk :]


def _first_pooled(lengths: np.ndarray, longest: int, chunk: int) -> np.ndarray:
    """Return the position of the first word that is pooled, for texts of these lengths.

    >>> _first_pooled(np.array([3, 10, 11, 12, 13]), longest=10, chunk=2).tolist()
    [0, 0, 2, 2, 4]
    """
    ahead = -(-(lengths - longest) // chunk) * chunk
    # Where every chunk begins too early fastai pools nothing and fails; here the last chunk is pooled.
    first: np.ndarray = np.clip(ahead, 0, (lengths - 1) // chunk * chunk)
    return first


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Yield the rows of each batch, the longest texts first.

    >>> list(_batches([2, 1 << 19, 3]))
    [[1], [2, 0]]
    """
    rows: list[int] = []
    for row in np.argsort(-np.asarray(lengths), kind="stable").tolist():
        if rows and (len(rows) == TEXTS or (len(rows) + 1) * lengths[rows[0]] > WORDS):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows
