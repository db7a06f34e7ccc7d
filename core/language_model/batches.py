"""Running text as mini-batches: reviews in a new order each epoch, joined, and cut into parallel streams."""

from collections.abc import Iterator

import numpy as np
import torch
from fastai.data.load import DataLoader

from core.language_model.tokens import Tokens


class Streams(DataLoader):  # type: ignore[misc]
    """Mini-batches (words, next words) of a language model, each of `shape`: streams x steps; the last is shorter.

    `numbers` has the number in the model's vocabulary of each of the distinct words of `tokens`. With a seed the
    reviews are shuffled by it and by `epoch`, so that an epoch that is repeated after an interruption reads the same.
    """

    def __init__(
        self,
        tokens: Tokens,
        numbers: np.ndarray,
        shape: tuple[int, int],
        seed: int | None,
        device: torch.device,
    ) -> None:
        self.tokens, self.numbers, self.seed = tokens, numbers, seed
        self.streams, self.steps = shape
        self.epoch = 0
        self.batches = -(-self._length() // self.steps)
        super().__init__(range(self.batches), bs=None, num_workers=0, device=device)
        self.n_inp = 1

    def _length(self) -> int:
        return (len(self.tokens.numbers) - 1) // self.streams

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        tokens = self.tokens
        if self.seed is not None:
            tokens = tokens.take(np.random.default_rng([self.seed, self.epoch]).permutation(len(tokens)))
        text = torch.from_numpy(self.numbers[tokens.numbers]).to(self.device)
        length = self._length()
        words, next_words = (
            text[shift : shift + self.streams * length].view(self.streams, length) for shift in (0, 1)
        )
        # Laid out once, so that no step copies.
        whole = length - length % self.steps
        yield from zip(*(self._laid_out(part[:, :whole]) for part in (words, next_words)), strict=True)
        if whole < length:
            yield words[:, whole:].contiguous(), next_words[:, whole:].contiguous()

    def _laid_out(self, words: torch.Tensor) -> Iterator[torch.Tensor]:
        """Return batch after batch of words (streams x whole batches of steps)."""
        shape = self.streams, words.shape[1] // self.steps, self.steps
        return iter(words.view(shape).transpose(0, 1).contiguous())
