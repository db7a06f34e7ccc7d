"""The prior of the vectors of one model's users or films, drawn anew in each sweep.

A Normal-Wishart prior of unit scale; where there are features of the rows, a row's mean depends on them, by
coefficients that are drawn too (as in Simm et al., "Macau", 2017).
"""

import numpy as np
import torch


class Prior:
    """Hyper-parameters of the vectors of users or of films."""

    def __init__(self, features: torch.Tensor | None) -> None:
        """Begin without knowledge; `features` has a row a user or film."""
        self.features = features
        self.coefficients: torch.Tensor | None = None
        self.penalty = 1.0
        """Precision of the coefficients' own prior."""
        self._gram = None if features is None else features.T @ features

    def draw(
        self, vectors: torch.Tensor, draws: np.random.Generator, normal: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw the hyper-parameters, given the vectors; return the mean, a row each, and the precision."""
        count, width = vectors.shape
        device = vectors.device
        residual, scatter, freedom = vectors, np.eye(width), width + count
        if self.features is not None:
            if self.coefficients is None:
                self.coefficients = torch.zeros(self.features.shape[1], width, device=device)
            residual = residual - self.features @ self.coefficients
            scatter += self.penalty * _array(self.coefficients.T @ self.coefficients)
            freedom += self.features.shape[1]
        mean_residual = residual.mean(0)
        centre, deviation = _array(mean_residual), residual - mean_residual
        scatter += _array(deviation.T @ deviation) + count / (count + 1) * np.outer(centre, centre)

        # Wishart draw by Bartlett's decomposition.
        triangle = np.tril(draws.standard_normal((width, width)), -1)
        triangle[np.diag_indices(width)] = np.sqrt(draws.chisquare(freedom - np.arange(width)))
        root = np.linalg.cholesky(np.linalg.inv(scatter)) @ triangle
        precision = root @ root.T
        spread = np.linalg.inv(np.linalg.cholesky(precision)).T
        mean = count / (count + 1) * centre + spread @ draws.standard_normal(width) / np.sqrt(count + 1)
        mean_row, precision_t = (_tensor(array, device) for array in (mean, precision))
        if self.features is None or self._gram is None:
            return mean_row.expand(count, width), precision_t

        # Ridge regression of the vectors on the features, drawn from its posterior.
        root_gram = torch.linalg.cholesky(
            self._gram + self.penalty * torch.eye(len(self._gram), device=device)
        )
        best = torch.cholesky_solve(self.features.T @ (vectors - mean_row), root_gram)
        draw = torch.randn(len(self._gram), width, generator=normal).to(device)
        draw = torch.linalg.solve_triangular(root_gram.T, draw, upper=True)
        self.coefficients = best + draw @ _tensor(spread.T, device)
        size = float((self.coefficients @ precision_t * self.coefficients).sum())
        self.penalty = draws.gamma((self.coefficients.numel() + 1) / 2) / ((size + 1) / 2)
        return mean_row + self.features @ self.coefficients, precision_t


def _array(tensor: torch.Tensor) -> np.ndarray:
    array: np.ndarray = tensor.double().cpu().numpy()
    return array


def _tensor(array: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(array, dtype=torch.float32, device=device)
