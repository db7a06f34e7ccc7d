"""Running text as batches: reviews in a new order each epoch, one after another, cut into streams side by side."""

from collections.abc import Iterator

import numpy as np
import torch
from fastai.data.load import DataLoader

from core.language_model.tokens import Tokens


class Streams(DataLoader):  # type: ignore[misc]
    """Gives (words, words that follow), each of streams x steps, whole batches alone.

    `vocabulary` turns a text's word numbers into the model's. `epoch` decides the order of the reviews where they
    are shuffled, so that an epoch that is repeated after a cut reads the same.
    """

    def __init__(
        self,
        tokens: Tokens,
        vocabulary: np.ndarray,
        streams: int,
        steps: int,
        seed: int | None,
        device: torch.device,
    ) -> None:
        self.tokens, self.vocabulary, self.seed = tokens, vocabulary, seed
        self.streams, self.steps, self.epoch = streams, steps, 0
        self.batches = -(-self._length() // steps)
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
        text = torch.from_numpy(self.vocabulary[tokens.numbers]).to(self.device)
        length = self._length()
        read, follows = (
            text[shift : shift + self.streams * length].view(self.streams, length) for shift in (0, 1)
        )
        for start in range(0, length, self.steps):
            yield read[:, start : start + self.steps], follows[:, start : start + self.steps]
