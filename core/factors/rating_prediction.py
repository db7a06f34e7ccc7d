"""Weights and biases of films and users -> predicted ratings, and their error.

Takes weights and biases as rows, a film's from `cold_start` and a user's from users.parquet, and the link of
the factor model as in `run.json`. The caller chooses the ratings to test on.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.factors.models.factor_model import Link


def expected(films: np.ndarray, users: np.ndarray, link: Mapping[str, Any]) -> np.ndarray:
    """Return the predicted rating, in stars, of each pair of film and user (rows of weights, then bias).

    `link` is `factor_model.link` of `run.json`: offset, squash (ends of a sigmoid, or None), scale.

    >>> link = {"offset": 3.0, "squash": None, "scale": [1.0, 5.0]}
    >>> expected(np.array([[1.0, 0.5]]), np.array([[0.25, -0.25]]), link).tolist()
    [3.5]
    """
    sums = (films[:, :-1] * users[:, :-1]).sum(1) + films[:, -1] + users[:, -1]
    squash = tuple(link["squash"]) if link["squash"] else None
    ratings: np.ndarray = Link(link["offset"], squash)(sums, tuple(link["scale"]))
    return ratings


def numbers_of(table: pd.DataFrame) -> np.ndarray:
    """Return weights, then bias, of films or of users: rows x (factors + 1)."""
    factors = sum(name.startswith("weight_") for name in table.columns)
    numbers: np.ndarray = table[[*(f"weight_{k}" for k in range(factors)), "bias"]].to_numpy(np.float64)
    return numbers


def person(users: pd.DataFrame, user_id: str | None) -> np.ndarray | None:
    """Return weights and bias of a user: 1 x (factors + 1); None where no user has this id.

    Without a `user_id` it is the average user.
    """
    rows = users if user_id is None else users[users.user_id == user_id]
    return numbers_of(rows).mean(0, keepdims=True) if len(rows) else None


def film_of(placed: Mapping[str, Any]) -> np.ndarray:
    """Return weights and bias of a film placed by `inference.film.place`: 1 x (factors + 1)."""
    return np.array([[*(row["value"] for row in placed["factors"]), placed["bias"]["value"]]])


def error_of(rating: np.ndarray, predicted: np.ndarray) -> float:
    """Return the root mean squared error."""
    return float(np.sqrt(np.square(rating - predicted).mean()))
