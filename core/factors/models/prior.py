"""The priors of the vectors of all models' users or films, drawn anew in each sweep.

A Normal-Wishart prior of unit scale; where there are features of the rows, a row's mean depends on them, by
coefficients that are drawn too (as in Simm et al., "Macau", 2017). All that a prior is drawn by are sums over the
rows, so the arithmetic is that of a few small matrices a model, done for all models at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.factors.models.gibbs_rows import Side


@dataclass(frozen=True)
class Draws:
    """Where one model's random numbers come from."""

    arrays: np.random.Generator
    tensors: torch.Generator
    """On the processor whatever the device, so that all devices draw the same."""

    def normal(self, rows: int, columns: int) -> torch.Tensor:
        """Return standard normal numbers."""
        return torch.randn(rows, columns, generator=self.tensors)


class Priors:
    """Hyper-parameters of the vectors of users or of films, models first in all arrays."""

    def __init__(self, side: Side, features: Sequence[torch.Tensor], draws: Sequence[Draws]) -> None:
        """Begin without knowledge; features, where there are any, have a row a user or film."""
        self.side, self.draws = side, draws
        columns = [_uncorrelated(its) for its in features]
        self.numbers = [len(its) for its in columns] or [0] * len(draws)
        if columns:
            side.describe(columns)
        models, most, width = len(draws), len(side.features) - 1, len(side.vectors)
        self.coefficients = np.zeros((models, most, width))
        self.penalty = np.ones(models)
        """Precision of the coefficients' own prior."""
        its_features = [side.features[:-1, columns].double() for columns in side.spans]
        self._squares = np.stack([its.square().sum(1).cpu().numpy() for its in its_features])
        self._sums = np.stack([its.sum(1).cpu().numpy() for its in its_features])

    def draw(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw the hyper-parameters, given the side's vectors; return `pull` and `precision` of `Given`."""
        width, count = len(self.side.vectors), self.side.counts[:, None]
        with_features, scatter = self.side.products()
        with_features, sums = with_features[:, :, :-1], with_features[:, :, -1]
        with_features = with_features.transpose(0, 2, 1)
        # The squares of what the features leave, then of what is left about their mean.
        given, transposed = self.coefficients, self.coefficients.transpose(0, 2, 1)
        crossed = transposed @ with_features
        weights = self._squares + self.penalty[:, None]
        scatter = scatter + transposed @ (weights[:, :, None] * given) - crossed - crossed.transpose(0, 2, 1)
        centre = (sums - _times(transposed, self._sums)) / count
        scatter += np.eye(width) - (count**2 / (count + 1))[:, :, None] * centre[:, :, None] * centre[:, None]

        # Wishart draw by Bartlett's decomposition.
        triangle = np.tril(self._normal(width, width), -1)
        diagonal = np.arange(width)
        freedom = self.side.counts + self.numbers + width
        for model, draws in enumerate(self.draws):
            triangle[model, diagonal, diagonal] = np.sqrt(draws.arrays.chisquare(freedom[model] - diagonal))
        root = np.linalg.cholesky(np.linalg.inv(scatter)) @ triangle
        precision = root @ root.transpose(0, 2, 1)
        spread = np.linalg.inv(np.linalg.cholesky(precision))
        mean = count / (count + 1) * centre
        mean += _times(spread.transpose(0, 2, 1), self._normal(width)) / np.sqrt(count + 1)
        if any(self.numbers):
            # Ridge regression of the vectors on the features, which are uncorrelated, drawn from its posterior.
            best = (with_features - self._sums[:, :, None] * mean[:, None]) / weights[:, :, None]
            self.coefficients = best + self._for_coefficients() / np.sqrt(weights)[:, :, None] @ spread
            size = (self.coefficients @ precision * self.coefficients).sum((1, 2))
            shapes = [(number * width + 1) / 2 for number in self.numbers]
            each = zip(self.draws, shapes, strict=True)
            self.penalty = np.array([draws.arrays.gamma(shape) for draws, shape in each]) / ((size + 1) / 2)
        pull = precision @ np.concatenate([self.coefficients, mean[:, None]], 1).transpose(0, 2, 1)
        device = self.side.vectors.device
        return _tensor(pull, device), _tensor(precision, device)

    def _normal(self, *shape: int) -> np.ndarray:
        return np.stack([draws.arrays.standard_normal(shape) for draws in self.draws])

    def _for_coefficients(self) -> np.ndarray:
        """Return standard normal numbers, 0 for the features that a model lacks."""
        result = np.zeros_like(self.coefficients)
        for its, draws, number in zip(result, self.draws, self.numbers, strict=True):
            its[:number] = draws.normal(number, its.shape[1]).numpy()
        return result


def _uncorrelated(features: torch.Tensor) -> torch.Tensor:
    """Return the features turned so that the products of any two sum to 0, a row a feature."""
    double = features.double()
    axes = torch.linalg.eigh(double.T @ double).eigenvectors
    turned: torch.Tensor = (double @ axes).T.float()
    return turned


def _times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    result: np.ndarray = (matrices @ vectors[:, :, None])[:, :, 0]
    return result


def _tensor(array: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(array, dtype=torch.float32, device=device)
