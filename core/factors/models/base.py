"""The input and the output of a fitting method, so that all methods lead to the same tables.

`Split` has the ratings as plain arrays, with the users and films of the training part renumbered from 0;
`Fit` has the learnt weights in the same order. `core.factors.models.factor_model` makes the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from core.data.ratings.dataset import Ratings
from core.progress import Report
from core.settings import FactorModelSettings

STAGE = "factor model"
"""The stage under which a fit reports its progress."""
LINES = ("trained on", "kept out")
"""The curves of a fit: mean squared error on the training ratings, and on the held-out ones."""


@dataclass(frozen=True)
class Split:
    """Ratings to train on, and held-out ratings.

    `user`, `film` (int32) number the users and films of the training ratings from 0; a user or film that
    occurs only among the held-out ratings has the number after the last.
    """

    user: np.ndarray
    film: np.ndarray
    rating: np.ndarray
    held_out_user: np.ndarray
    held_out_film: np.ndarray
    held_out_rating: np.ndarray
    users: np.ndarray
    """Positions in `Ratings.user_ids` of the users with training ratings."""
    films: np.ndarray
    """Rows of `Ratings.films` of the films with training ratings."""
    scale: tuple[float, float]

    @property
    def counts(self) -> tuple[int, int]:
        """The numbers of users and films with training ratings."""
        return len(self.users), len(self.films)


@dataclass(frozen=True)
class Link:
    """The map from the sum of both biases and the dot product to a rating."""

    offset: float = 0.0
    """Added to the sum; 0 where the biases include it."""
    squash: tuple[float, float] | None = None
    """Lowest and highest value of the sigmoid applied to the sum; None without one."""

    def __call__(self, sums: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
        """Return the ratings, clipped to the scale.

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
    """Films x factors x factors: posterior covariance of a film's weights; None without a posterior."""
    predicted: np.ndarray
    """Predictions of the held-out ratings, clipped to the scale."""
    losses: list[dict[str, float]]
    """An entry an epoch or sweep: epoch, train (mean squared error), valid (the same on held-out ratings)."""
    settings: FactorModelSettings | None = None
    """Settings by which the model was trained, where those given left something open."""


class FitMethod(Protocol):
    """A fitting method: a module with this function as `fit`, named in `METHODS` of `factor_model`."""

    def __call__(
        self, split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report
    ) -> Fit:
        """Return the learnt weights and biases; the same seed leads to the same weights.

        Reports progress as STAGE. Raises DegenerateResult where the loss is not a number.
        """


class FitTogether(Protocol):
    """A method that fits several models in less time than one by one; its module has this in place of `fit`.

    As `settle` the module may have what finds the settings by which all are trained as long as the first needs.
    """

    def __call__(
        self,
        splits: Sequence[Split],
        factors: int,
        settings: FactorModelSettings,
        seeds: Sequence[int],
        report: Report,
    ) -> list[Fit]:
        """Return the weights and biases learnt from each split, as if it were fitted alone by its seed.

        Where settings leave open how long to train, the first split decides it for all. Of a split without held-out
        ratings nothing is predicted, and only the weights and biases are made. Several threads may call it at once.
        """


def split(ratings: Ratings, held_out: np.ndarray) -> Split:
    """Split the ratings by a mask of those held out."""
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


def set_apart(split: Split, rows: np.ndarray) -> Split:
    """Return the split of the training ratings alone, some of which (a mask) are held out."""
    return replace(
        split,
        user=split.user[~rows],
        film=split.film[~rows],
        rating=split.rating[~rows],
        held_out_user=split.user[rows],
        held_out_film=split.film[rows],
        held_out_rating=split.rating[rows],
    )


def all_trained_on(split: Split) -> Split:
    """Return the split without its held-out ratings."""
    nothing = slice(0, 0)
    return replace(
        split,
        held_out_user=split.held_out_user[nothing],
        held_out_film=split.held_out_film[nothing],
        held_out_rating=split.held_out_rating[nothing],
    )


def _renumber(codes: np.ndarray, trained: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes in the training rows (a mask), ascending, and every code's place among them."""
    occurs = np.zeros(size, dtype=bool)
    occurs[codes[trained]] = True
    place = np.full(size, occurs.sum(), dtype=np.int32)
    place[occurs] = np.arange(occurs.sum(), dtype=np.int32)
    return np.flatnonzero(occurs), place
