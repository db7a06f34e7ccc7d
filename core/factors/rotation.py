"""Factor model -> the same model in a form in which its factors can be identified and compared.

A dot product does not change when both sides are rotated, so the columns of a fit are arbitrary. A canonical
form picks one rotation by a rule. No form changes a predicted rating.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.errors import DegenerateResult
from core.factors.models.factor_model import FactorModel
from core.factors.top_factors import weights_of
from core.settings import Form

NORMAL_95 = 1.96
"""Standard deviations on either side of the mean that contain 95% of a normal distribution."""
TURNS, TOLERANCE = 500, 1e-9
"""Varimax: most iterations, and the relative gain below which it stops."""


def canonical(model: FactorModel, form: Form) -> FactorModel:
    """Return the model in a form, its factors numbered in the form's order.

    - `raw`: as fitted (article).
    - `principal`: users and films centred, the means absorbed by the biases; the users' side orthogonal;
      factors by descending strength (singular value decomposition of the predicted ratings without biases).
    - `varimax`: the same space rotated so that each film loads on few factors (Kaiser 1958).

    In the last two the sign makes the heavier tail positive, and a factor's weights have standard deviation 1
    over the films; the users' weights carry the strength. Where the model has a posterior, `films` gains
    low_0 …, high_0 …: the ends of the weights' 95% intervals.

    Raises DegenerateResult where a factor adds nothing to any prediction.
    """
    films, users = weights_of(model.films), weights_of(model.users)
    turn = np.eye(films.shape[1])
    film_bias, user_bias = model.films.bias.to_numpy(), model.users.bias.to_numpy()
    if form != "raw":
        film_mean, user_mean = films.mean(0), users.mean(0)
        films, users = films - film_mean, users - user_mean
        film_bias = film_bias + films @ user_mean
        user_bias = user_bias + users @ film_mean + film_mean @ user_mean
        root = np.linalg.qr(users, mode="r") / np.sqrt(len(users))
        turn, back = axes(films, root, form)
        films, users = films @ turn, users @ back
    covariance = None
    if model.covariance is not None:
        covariance = turn.T @ model.covariance @ turn
    return replace(
        model,
        films=_with(model.films, films, film_bias, covariance),
        users=_with(model.users, users, user_bias, None),
        covariance=covariance,
    )


def strengths(model: FactorModel) -> np.ndarray:
    """Return each factor's strength, the standard deviation over users and films of its centred contribution.

    The unit is that of the model's sum: stars for a Bayesian model, log-odds for EmbeddingDotBias.
    """
    size: np.ndarray = weights_of(model.films).std(0) * weights_of(model.users).std(0)
    return size


def axes(
    films: np.ndarray, root: np.ndarray, form: Form, keep: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices (factors x directions) that rotate centred films and centred users into a form.

    `root` summarises the users: root.T @ root is the covariance of their factors. With `keep`, only that many
    of the strongest directions remain. Raises DegenerateResult where a factor adds nothing to any prediction.
    """
    # Loadings, in the terms of factor analysis: the films' weights when the users' are orthonormal.
    loadings = films @ root.T
    turn = np.linalg.svd(loadings, full_matrices=False)[2].T[:, :keep]
    if form == "varimax":
        turn = turn @ _varimax(loadings @ turn)
    loadings = loadings @ turn
    size = loadings.std(0)
    if not (size > 0).all():
        raise DegenerateResult("a factor adds nothing to any prediction; choose fewer factors")
    order = np.argsort(-size, kind="stable")
    sign = np.where((loadings**3).sum(0) < 0, -1.0, 1.0)
    turn, size = (turn * sign)[:, order], size[order]
    return root.T @ turn / size, np.linalg.solve(root, turn) * size


def _varimax(loadings: np.ndarray) -> np.ndarray:
    """Return the rotation under which the squared loadings of a column vary most, summed over the columns."""
    rotation = np.eye(loadings.shape[1])
    best = 0.0
    for _ in range(TURNS):
        turned = loadings @ rotation
        left, size, right = np.linalg.svd(loadings.T @ (turned**3 - turned * np.square(turned).mean(0)))
        rotation = left @ right
        if size.sum() < best * (1 + TOLERANCE):
            break
        best = size.sum()
    return rotation


def _with(
    table: pd.DataFrame, weights: np.ndarray, bias: np.ndarray, covariance: np.ndarray | None
) -> pd.DataFrame:
    """Return the table with these weights and biases and, given a covariance, the ends of the intervals."""
    names = range(weights.shape[1])
    table = table.assign(**{f"weight_{k}": weights[:, k].astype(np.float32) for k in names}, bias=bias)
    if covariance is None:
        return table
    half = NORMAL_95 * np.sqrt(np.diagonal(covariance, axis1=1, axis2=2).clip(min=0))
    ends = {f"low_{k}": weights[:, k] - half[:, k] for k in names}
    ends |= {f"high_{k}": weights[:, k] + half[:, k] for k in names}
    return pd.concat([table, pd.DataFrame(ends, index=table.index).astype(np.float32)], axis=1)
