"""What a fitting method takes and gives, so that all lead to the same tables.

`Split` is the ratings as bare arrays, users and films renumbered to those that training sees; `Fit` is
what was learnt, in the same numbers. The tables are made in `core.factors.models.factor_model`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.data.ratings.dataset import Ratings
from core.progress import Report
from core.settings import FactorModelSettings

STAGE = "factor model"
"""The stage as which a fit reports its progress."""
LINES = ("trained on", "kept out")
"""The curves of a fit: mean squared error on the ratings trained on, and on those kept out."""


@dataclass(frozen=True)
class Split:
    """Ratings to train on, and ratings kept out.

    `user`, `film` (int32) count the users and films among the trained ratings from 0; a held-out rating
    of one that has no trained rating bears the number after the last.
    """

    user: np.ndarray
    film: np.ndarray
    rating: np.ndarray
    held_out_user: np.ndarray
    held_out_film: np.ndarray
    held_out_rating: np.ndarray
    users: np.ndarray
    """Positions in `Ratings.user_ids` of the trained users."""
    films: np.ndarray
    """Rows of `Ratings.films` of the trained films."""
    scale: tuple[float, float]

    @property
    def counts(self) -> tuple[int, int]:
        """How many users and films are trained."""
        return len(self.users), len(self.films)


@dataclass(frozen=True)
class Link:
    """How the sum of both biases and the dot product becomes a rating."""

    offset: float = 0.0
    """Added to the sum; 0 where the biases hold it."""
    squash: tuple[float, float] | None = None
    """Lowest and highest value of the sigmoid that the sum passes through, if it does."""

    def __call__(self, sums: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
        """Return the ratings, within the scale.

        >>> Link(squash=(0.0, 5.0))(np.zeros(1), (1.0, 5.0)).tolist()
        [2.5]
        """
        values = sums + self.offset
        if self.squash is not None:
            low, high = self.squash
            values = low + (high - low) / (1 + np.exp(-values))
        return np.clip(values, *scale)


@dataclass(frozen=True)
class Fit:
    """Weights and biases; a rating is predicted by `link` from both biases and the dot product."""

    users: np.ndarray
    """A row a user, a column a factor."""
    films: np.ndarray
    """A row a film, a column a factor."""
    user_bias: np.ndarray
    film_bias: np.ndarray
    link: Link
    covariance: np.ndarray | None
    """Films x factors x factors, posterior covariance of a film's weights; None where there is no posterior."""
    predicted: np.ndarray
    """The held-out ratings as the fit predicts them, within the scale."""
    losses: list[dict[str, float]]
    """An entry a pass: epoch, train (mean squared error), valid (the same on the ratings kept out)."""


class FitMethod(Protocol):
    """A fitting method: a module with this function, named in `METHODS` of `factor_model`."""

    def __call__(
        self, split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report
    ) -> Fit:
        """Return what was learnt; the same seed gives the same weights.

        Reports progress as STAGE. Raises DegenerateResult where the loss is not a number.
        """


def split(ratings: Ratings, held_out: np.ndarray) -> Split:
    """Split the ratings by a mask of those that are kept out."""
    user, film = ratings.table.user.to_numpy(), ratings.table.film.to_numpy()
    rating = ratings.table.rating.to_numpy()
    users, user_code = _renumber(user, ~held_out, len(ratings.user_ids))
    films, film_code = _renumber(film, ~held_out, len(ratings.films))
    return Split(
        user_code[user[~held_out]],
        film_code[film[~held_out]],
        rating[~held_out],
        user_code[user[held_out]],
        film_code[film[held_out]],
        rating[held_out],
        users,
        films,
        ratings.scale,
    )


def _renumber(codes: np.ndarray, trained: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes that are trained, ascending, and for every code its place among them."""
    known = np.zeros(size, dtype=bool)
    known[codes[trained]] = True
    place = np.full(size, known.sum(), dtype=np.int32)
    place[known] = np.arange(known.sum(), dtype=np.int32)
    return np.flatnonzero(known), place
