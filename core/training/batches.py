"""Two tensors -> mini-batches, cut at once rather than built row by row as fastai's own loaders do."""

from collections.abc import Iterator

import torch
from fastai.data.load import DataLoader


class Batches(DataLoader):  # type: ignore[misc]
    """Mini-batches of inputs and targets; with a generator, in a new random order each epoch."""

    def __init__(
        self, inputs: torch.Tensor, targets: torch.Tensor, size: int, generator: torch.Generator | None
    ) -> None:
        super().__init__(range(len(targets)), bs=size, num_workers=0, device=inputs.device)
        self.inputs, self.targets, self.shuffling = inputs, targets, generator
        self.n_inp = 1

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        inputs, targets = self.inputs, self.targets
        if self.shuffling is not None:
            order = torch.randperm(len(targets), generator=self.shuffling).to(inputs.device)
            inputs, targets = inputs[order], targets[order]
        yield from zip(torch.split(inputs, self.bs), torch.split(targets, self.bs), strict=True)
