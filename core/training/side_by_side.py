"""One small model -> copies of it that are trained side by side, each on rows of its own.

The time of a step of a small model goes into what surrounds the arithmetic, so five copies in one step take little
more than one. Copies share nothing but random draws: each normalises its own rows.
"""

from collections.abc import Iterator
from typing import Any

import torch
from fastai.data.load import DataLoader
from torch import nn


class SideBySide(nn.Module):
    """Copies of a model whose layers are normalisations, dropouts, activations and linear ones, all in a row.

    Inputs and outputs are copies x rows x features.
    """

    def __init__(self, model: nn.Module, copies: int) -> None:
        super().__init__()
        leaves = {name: layer for name, layer in model.named_modules() if not list(layer.children())}
        self.names = list(leaves)
        self.layers = nn.ModuleList(_copied(layer, copies) for layer in leaves.values())
        self.copies = copies

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            rows = layer(rows)
        return rows

    def each(self) -> list[dict[str, Any]]:
        """Return the weights of each copy, by the model's own names."""
        return [
            {
                f"{name}.{key}": tensor.reshape(self.copies, *shape)[copy].clone() if tensor.dim() else tensor
                for name, layer in zip(self.names, self.layers, strict=True)
                for key, tensor in layer.state_dict().items()
                for shape in [tensor.shape[1:] if isinstance(layer, Linear) else (-1,)]
            }
            for copy in range(self.copies)
        ]


class Linear(nn.Module):
    """Linear layers, one a copy."""

    def __init__(self, layer: nn.Linear, copies: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(layer.weight.detach().repeat(copies, 1, 1))
        # So named, fastai leaves it out of the weight decay.
        self.bias = None if layer.bias is None else nn.Parameter(layer.bias.detach().repeat(copies, 1))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        product = torch.bmm(rows, self.weight.transpose(1, 2))
        return product if self.bias is None else product + self.bias[:, None]


class _Normalised(nn.BatchNorm1d):
    """Normalisations, one a copy, as one over the features of all copies."""

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        copies, many, features = rows.shape
        beside = rows.transpose(0, 1).reshape(many, copies * features)
        return super().forward(beside).reshape(many, copies, features).transpose(0, 1)


class _Dropout(nn.Dropout):
    """A dropout of the same places in all copies, as copies with one seed would draw each by itself."""

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return rows * super().forward(torch.ones_like(rows[:1])) if self.training else rows


def _copied(layer: nn.Module, copies: int) -> nn.Module:
    if isinstance(layer, nn.Linear):
        return Linear(layer, copies)
    if isinstance(layer, nn.BatchNorm1d):
        beside = _Normalised(copies * layer.num_features, eps=layer.eps, momentum=layer.momentum)
        state = {
            key: value.repeat(copies) if value.dim() else value for key, value in layer.state_dict().items()
        }
        beside.load_state_dict(state)
        return beside
    return _Dropout(layer.p) if isinstance(layer, nn.Dropout) else layer


class BatchesSideBySide(DataLoader):  # type: ignore[misc]
    """Mini-batches for copies: of each its own rows; with a seed, the same for all, in a new random order each epoch.

    An epoch has as many rows as the largest part; of a smaller one the first come once more at its end. Targets may
    be stored in fewer bytes than the inputs, and are drawn as numbers of their kind.
    """

    def __init__(
        self,
        data: tuple[torch.Tensor, torch.Tensor],
        rows: list[torch.Tensor],
        size: int,
        seed: int | None,
    ) -> None:
        self.longest = max(map(len, rows))
        super().__init__(range(self.longest), bs=size, num_workers=0, device=data[0].device)
        self.inputs, self.targets = data
        self.rows = rows
        self.draws = [None if seed is None else torch.Generator().manual_seed(seed) for _ in rows]
        self.n_inp = 1

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        rows = torch.stack([self._ordered(*part) for part in zip(self.rows, self.draws, strict=True)])
        for batch in torch.split(rows, self.bs, dim=1):
            yield self.inputs[batch], self.targets[batch].to(self.inputs.dtype)

    def _ordered(self, rows: torch.Tensor, draws: torch.Generator | None) -> torch.Tensor:
        if draws is not None:
            rows = rows[torch.randperm(len(rows), generator=draws).to(rows.device)]
        return rows[torch.arange(self.longest, device=rows.device) % len(rows)]
