"""Samples of users' and films' vectors -> their mean and covariance, in one frame, for several models at once.

The factors of a sample can be rotated and stretched freely, users against films, so an average over samples
that are not aligned is meaningless.
"""

from collections.abc import Sequence

import numpy as np
import torch

from core.factors.models.gibbs_rows import Side


class AlignedSamples:
    """The mean of samples, each brought into one frame, and the films' covariance about it.

    In the frame users and films are centred (the biases absorb the means) and the users' factors are
    orthonormal. The rotation that this leaves open is chosen so that the films fit those of the first sample
    best (orthogonal Procrustes, Schönemann 1966). No step changes a prediction. All arrays have models first.
    """

    def __init__(self, sides: tuple[Side, Side], with_covariance: Sequence[bool]) -> None:
        self.count, self.sides, self.with_covariance = 0, sides, with_covariance
        self._sums = [torch.zeros_like(side.vectors) for side in sides]
        self._shifts = [np.zeros((len(side.spans), len(side.vectors))) for side in sides]
        """What each model's sums lack, in every row."""

    def add(self) -> None:
        """Add the current sample."""
        (user_mean, user_square), (film_mean, _) = map(_moments, self.sides)
        values, axes = np.linalg.eigh(user_square)
        size = np.sqrt(np.maximum(values, 1e-12))[:, None]
        transposed = axes.transpose(0, 2, 1)
        of_users, of_films = (axes / size) @ transposed, (axes * size) @ transposed
        if self.count:
            left, _, right = np.linalg.svd(of_films @ self._against_first())
            of_users, of_films = of_users @ left @ right, of_films @ left @ right
        self.count += 1
        users, films = (
            zip(of_users, user_mean, film_mean, strict=True),
            zip(of_films, film_mean, user_mean, strict=True),
        )
        for number, frames in enumerate((users, films)):
            for model, (turn, mean, other_mean) in enumerate(frames):
                self._add(number, model, turn, mean, other_mean)
        # The product of both means goes to one of the biases.
        self._shifts[0][:, -1] -= (user_mean * film_mean).sum(1)
        if self.count == 1:
            self._first = self._sums[1].clone()
            for shift, columns in zip(self._shifts[1], self.sides[1].spans, strict=True):
                self._first[:, columns] += _tensor(shift[:, None], self._first.device)
        self._add_squares(of_films, film_mean)

    def users(self, model: int) -> torch.Tensor:
        """Return the mean vectors of a model's users, a row each."""
        return self._mean(0, model)

    def films(self, model: int) -> torch.Tensor:
        """Return the mean vectors of a model's films, a row each."""
        return self._mean(1, model)

    def covariance(self, model: int) -> torch.Tensor:
        """Return the covariance of the factors of each film of a model over the samples."""
        mean = self.films(model)[:, :-1]
        return self._squares[model] / self.count - mean[:, :, None] * mean[:, None, :]

    def _add(
        self, number: int, model: int, turn: np.ndarray, mean: np.ndarray, other_mean: np.ndarray
    ) -> None:
        """Add one side's vectors of a model, whose factors are turned; their mean is taken off by the shift."""
        whole = np.zeros((len(turn) + 1,) * 2)
        whole[:-1, :-1], whole[-1, :-1], whole[-1, -1] = turn.T, other_mean, 1
        side, sums = self.sides[number], self._sums[number]
        columns = side.spans[model]
        sums[:, columns].addmm_(_tensor(whole, sums.device), side.vectors[:, columns])
        self._shifts[number][model, :-1] -= mean @ turn

    def _against_first(self) -> np.ndarray:
        """Return the films' factors times those of the first sample, which are centred."""
        films = self.sides[1]
        each = [films.vectors[:-1, columns] @ self._first[:-1, columns].T for columns in films.spans]
        return _array(torch.stack(each))

    def _add_squares(self, of_films: np.ndarray, film_mean: np.ndarray) -> None:
        films = self.sides[1]
        if self.count == 1:
            self._squares: dict[int, torch.Tensor] = {}
        for model, columns in enumerate(films.spans):
            if self.with_covariance[model]:
                centred = films.vectors[:-1, columns].T - _tensor(film_mean[model], films.vectors.device)
                film = centred @ _tensor(of_films[model], films.vectors.device)
                square = film[:, :, None] * film[:, None, :]
                self._squares[model] = square.add_(self._squares[model]) if self.count > 1 else square

    def _mean(self, number: int, model: int) -> torch.Tensor:
        sums = self._sums[number][:, self.sides[number].spans[model]].T
        return (sums + _tensor(self._shifts[number][model], sums.device)) / self.count


def _moments(side: Side) -> tuple[np.ndarray, np.ndarray]:
    """Return each model's mean factors and the mean squares about it."""
    with_features, squares = side.products()
    count = side.counts[:, None]
    mean = with_features[:, :-1, -1] / count
    return mean, squares[:, :-1, :-1] / count[:, :, None] - mean[:, :, None] * mean[:, None]


def _array(tensor: torch.Tensor) -> np.ndarray:
    array: np.ndarray = tensor.double().cpu().numpy()
    return array


def _tensor(array: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(array, dtype=torch.float32, device=device)
