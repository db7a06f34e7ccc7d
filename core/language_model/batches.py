"""Running text as mini-batches: reviews in a new order each epoch, joined, and cut into parallel streams."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from fastai.data.load import DataLoader

from core.language_model.tokens import Tokens


@dataclass(frozen=True)
class Layout:
    """How running text is cut into mini-batches."""

    streams: int
    """Rows of a batch in all processes together."""
    steps: int
    """Words of each in a batch."""
    first: int = 0
    """The first stream that is read here."""
    stride: int = 1
    """How many streams lie from one that is read here to the next: as many as there are processes."""


class Streams(DataLoader):  # type: ignore[misc]
    """Mini-batches (words, next words) of a language model, each of streams x steps; the last is shorter.

    `numbers` has the number in the model's vocabulary of each of the distinct words of `tokens`. With a seed the
    reviews are shuffled by it and by `epoch`, so that an epoch that is repeated after an interruption reads the same.
    """

    def __init__(
        self,
        tokens: Tokens,
        numbers: np.ndarray,
        layout: Layout,
        seed: int | None,
        device: torch.device,
    ) -> None:
        self.tokens, self.numbers, self.seed = tokens, numbers, seed
        self.layout = layout
        self.epoch = 0
        self.batches = -(-self._length() // layout.steps)
        super().__init__(range(self.batches), bs=None, num_workers=0, device=device)
        self.n_inp = 1

    def _length(self) -> int:
        return (len(self.tokens.numbers) - 1) // self.layout.streams

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        tokens = self.tokens
        if self.seed is not None:
            tokens = tokens.take(np.random.default_rng([self.seed, self.epoch]).permutation(len(tokens)))
        text = torch.from_numpy(self.numbers[tokens.numbers]).to(self.device)
        streams, length = self.layout.streams, self._length()
        words, next_words = (
            text[shift : shift + streams * length].view(streams, length)[
                self.layout.first :: self.layout.stride
            ]
            for shift in (0, 1)
        )
        # Laid out once, so that no step copies.
        whole = length - length % self.layout.steps
        yield from zip(*(self._laid_out(part[:, :whole]) for part in (words, next_words)), strict=True)
        if whole < length:
            yield words[:, whole:].contiguous(), next_words[:, whole:].contiguous()

    def _laid_out(self, words: torch.Tensor) -> Iterator[torch.Tensor]:
        """Return batch after batch of words (streams x whole batches of steps)."""
        steps = self.layout.steps
        shape = len(words), words.shape[1] // steps, steps
        return iter(words.view(shape).transpose(0, 1).contiguous())
