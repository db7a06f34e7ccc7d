"""fastai's EmbeddingDotBias of several models in one table, and the batches that it is trained on.

The rows of each model's users, then of its films, stand below those of the model before; the last column is the bias.
So a step looks up, multiplies and adds once for all models.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

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
        """Predict the ratings of pairs; `rows` has the rows of users, then those of films: 2 x ratings.

        Automatic differentiation does not go through it: `gradient` has the gradient.
        """
        user, film = embedding(rows, self.table)
        return self._squashed(user, film) * (self.high - self.low) + self.low

    @torch.no_grad()
    def gradient(
        self, rows: torch.Tensor, rating: torch.Tensor, share: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the loss (`loss_of_all`), and its gradient: rows of the table, and what is to be added up in each.

        It is written out, since automatic differentiation takes longer to be led than the arithmetic takes.
        """
        both = embedding(rows, self.table)
        squashed = self._squashed(*both)
        error = (squashed * (self.high - self.low)).add_(self.low).sub_(rating)
        weighted = share * error
        loss = weighted @ error
        pull = weighted.mul_(2 * (self.high - self.low)).mul_(squashed).mul_(squashed.neg_().add_(1))
        # The users' rows become what their films are given, and the films' what their users are.
        both.mul_(pull[:, None])
        both[..., -1] = pull
        return loss, rows.flip(0).reshape(-1), both.view(-1, both.shape[-1])

    def _squashed(self, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
        """Return the sigmoid of both biases and the dot product."""
        product = user * film
        torch.add(user[:, -1], film[:, -1], out=product[:, -1])
        return product.sum(1).sigmoid_()

    def rows_of(self, model: int) -> slice:
        """Return the rows of one model."""
        return slice(self.firsts[2 * model], self.firsts[2 * model + 2])

    def numbered(self, model: int, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
        """Return the rows of users and films of a model: 2 x ratings."""
        return torch.stack([user + self.firsts[2 * model], film + self.firsts[2 * model + 1]])


class RatingsOfEach(DataLoader):  # type: ignore[misc]
    """Ratings of several models in steps; with generators, in a new random order each epoch.

    A step has the next ratings of each model that has some left. Of the next `at_once` steps a batch has the rows
    (2 x ratings), the ratings, and each one's share in the loss of its step, which is the sum of the models' means.
    """

    def __init__(
        self,
        rows: list[torch.Tensor],
        ratings: list[torch.Tensor],
        sizes: list[int],
        generators: list[torch.Generator] | None,
        at_once: int = 1,
    ) -> None:
        self.rows, self.ratings, self.generators = rows, ratings, generators
        self.pieces = [
            [size] * (len(of_one) // size) + [len(of_one) % size] * (len(of_one) % size > 0)
            for of_one, size in zip(ratings, sizes, strict=True)
        ]
        """How many ratings each step has of each model."""
        steps = max(map(len, self.pieces))
        self.batches = [range(first, min(first + at_once, steps)) for first in range(0, steps, at_once)]
        """The steps of each batch."""
        super().__init__(range(len(self.batches)), bs=1, num_workers=0, device=rows[0].device)
        self.n_inp = 1
        self._shares: dict[tuple[int, ...], torch.Tensor] = {}

    def size(self, step: int) -> int:
        """Return the ratings of a step."""
        return sum(pieces[step] for pieces in self.pieces if step < len(pieces))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        cut = []
        for number, (rows, ratings) in enumerate(zip(self.rows, self.ratings, strict=True)):
            if self.generators is not None:
                order = torch.randperm(len(ratings), generator=self.generators[number]).to(rows.device)
                rows, ratings = rows[:, order], ratings[order]
            lengths = self.pieces[number]
            cut.append((torch.split(rows, lengths, dim=1), torch.split(ratings, lengths)))
        for steps in self.batches:
            now = [(rows[step], ratings[step]) for step in steps for rows, ratings in cut if step < len(rows)]
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
