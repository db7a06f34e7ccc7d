"""Samples of users' and films' vectors -> their mean and covariance, in one frame.

The factors of a sample can be rotated and stretched freely, users against films, so an average over samples
that are not aligned is meaningless.
"""

import torch


class AlignedSamples:
    """The mean of samples, each brought into one frame, and the films' covariance about it.

    In the frame users and films are centred (the biases absorb the means) and the users' factors are
    orthonormal. The rotation that this leaves open is chosen so that the films fit those of the first sample
    best (orthogonal Procrustes, Schönemann 1966). No step changes a prediction.
    """

    def __init__(self, with_covariance: bool) -> None:
        self.count, self.with_covariance = 0, with_covariance

    def add(self, users: torch.Tensor, films: torch.Tensor) -> None:
        """Add a sample: the vectors of users and of films, a row each, with the bias in the last column."""
        user, film = users[:, :-1], films[:, :-1]
        user_mean, film_mean = user.mean(0), film.mean(0)
        user, film = user - user_mean, film - film_mean
        user_bias = users[:, -1] + user @ film_mean
        film_bias = films[:, -1] + film @ user_mean + user_mean @ film_mean
        values, axes = torch.linalg.eigh(user.T @ user / len(user))
        size = values.clamp(min=1e-12).sqrt()
        user, film = user @ (axes / size) @ axes.T, film @ (axes * size) @ axes.T
        if self.count == 0:
            self._first = film
            self._users, self._films = torch.zeros_like(users), torch.zeros_like(films)
            if self.with_covariance:
                self._squares = torch.zeros(*film.shape, film.shape[1], device=film.device)
        left, _, right = torch.linalg.svd(film.T @ self._first)
        user, film = user @ left @ right, film @ left @ right
        self.count += 1
        self._users += torch.cat([user, user_bias[:, None]], 1)
        self._films += torch.cat([film, film_bias[:, None]], 1)
        if self.with_covariance:
            self._squares += film[:, :, None] * film[:, None, :]

    @property
    def users(self) -> torch.Tensor:
        """Mean vectors of the users."""
        return self._users / self.count

    @property
    def films(self) -> torch.Tensor:
        """Mean vectors of the films."""
        return self._films / self.count

    @property
    def covariance(self) -> torch.Tensor:
        """Covariance of each film's factors over the samples."""
        mean = self.films[:, :-1]
        return self._squares / self.count - mean[:, :, None] * mean[:, None, :]
