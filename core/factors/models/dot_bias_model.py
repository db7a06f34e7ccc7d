"""fastai's EmbeddingDotBias of several models in one table, and the batches that it is trained on.

The rows of each model's users, then of its films, stand below those of the model before; the last column is the bias.
So a step looks up, multiplies and adds once for all models.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import torch
from fastai.collab import EmbeddingDotBias
from fastai.data.load import DataLoader
from torch.nn.functional import embedding


class DotBias(torch.nn.Module):
    """Several models as one; what they begin with, and what they predict, is what EmbeddingDotBias does."""

    def __init__(self, models: Sequence[EmbeddingDotBias], y_range: tuple[float, float]) -> None:
        super().__init__()
        sides = [
            torch.cat([weight.weight.detach(), bias.weight.detach()], 1)
            for model in models
            for weight, bias in ((model.u_weight, model.u_bias), (model.i_weight, model.i_bias))
        ]
        self.table = torch.nn.Parameter(torch.cat(sides))
        self.firsts = [0, *accumulate(len(side) for side in sides)]
        """Where the users and the films of each model start in turn, and where the last films end."""
        self.low, self.high = y_range

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Predict the ratings of pairs; `rows` has the rows of users, then those of films: 2 x ratings."""
        user, film = embedding(rows, self.table, sparse=True)
        return torch.sigmoid(_Sums.apply(user, film)) * (self.high - self.low) + self.low

    def rows_of(self, model: int) -> slice:
        """Return the rows of one model."""
        return slice(self.firsts[2 * model], self.firsts[2 * model + 2])

    def numbered(self, model: int, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
        """Return the rows of users and films of a model: 2 x ratings."""
        return torch.stack([user + self.firsts[2 * model], film + self.firsts[2 * model + 1]])


class _Sums(torch.autograd.Function):
    """Both biases and the dot product, in as few operations as it takes."""

    @staticmethod
    def forward(ctx: Any, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(user, film)
        product = user * film
        torch.add(user[:, -1], film[:, -1], out=product[:, -1])
        return product.sum(1)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        both = []
        for other in reversed(ctx.saved_tensors):
            product = other * gradient[:, None]
            product[:, -1] = gradient
            both.append(product)
        return both[0], both[1]


class RatingsOfEach(DataLoader):  # type: ignore[misc]
    """Mini-batches of several models' ratings; with generators, in a new random order each epoch.

    A batch has the next ratings of each model that has some left. It is the rows (2 x ratings), the ratings, and each
    one's share in the loss, which is the sum of the models' means.
    """

    def __init__(
        self,
        rows: list[torch.Tensor],
        ratings: list[torch.Tensor],
        sizes: list[int],
        generators: list[torch.Generator] | None,
    ) -> None:
        self.rows, self.ratings, self.generators = rows, ratings, generators
        self.pieces = [
            [size] * (len(of_one) // size) + [len(of_one) % size] * (len(of_one) % size > 0)
            for of_one, size in zip(ratings, sizes, strict=True)
        ]
        """How many ratings each batch has of each model."""
        super().__init__(range(self.n_steps), bs=1, num_workers=0, device=rows[0].device)
        self.n_inp = 1
        self._shares: dict[tuple[int, ...], torch.Tensor] = {}

    @property
    def n_steps(self) -> int:
        """The steps of an epoch."""
        return max(map(len, self.pieces))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        cut = []
        for number, (rows, ratings) in enumerate(zip(self.rows, self.ratings, strict=True)):
            if self.generators is not None:
                order = torch.randperm(len(ratings), generator=self.generators[number]).to(rows.device)
                rows, ratings = rows[:, order], ratings[order]
            lengths = self.pieces[number]
            cut.append((torch.split(rows, lengths, dim=1), torch.split(ratings, lengths)))
        for step in range(self.n_steps):
            now = [(rows[step], ratings[step]) for rows, ratings in cut if step < len(rows)]
            share = self._share(tuple(len(ratings) for _, ratings in now))
            yield torch.cat([rows for rows, _ in now], 1), torch.cat([ratings for _, ratings in now]), share

    def _share(self, lengths: tuple[int, ...]) -> torch.Tensor:
        if lengths not in self._shares:
            pieces = [torch.full((length,), 1 / length, device=self.device) for length in lengths]
            self._shares[lengths] = torch.cat(pieces)
        return self._shares[lengths]


def loss_of_all(predicted: torch.Tensor, rating: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Return the sum of the models' mean squared errors."""
    return (share * (predicted - rating).square()).sum()
