"""The Bayesian fit: the posterior mean of factors and biases, by Gibbs sampling with learnt hyper-parameters.

Salakhutdinov and Mnih, "Bayesian probabilistic matrix factorization using Markov chain Monte Carlo" (ICML
2008), with three additions. A user's and a film's bias are sampled together with its factors, as one more
column. The prior mean of a user's vector may depend on which films the user rated, whatever the rating, and a
film's on who rated it (`implicit_features`; the regression on features is sampled as in Simm et al., "Macau",
2017). The samples are aligned before they are averaged (`aligned_samples`).

The computation is batched: a half sweep is two sparse products and one batch of Cholesky decompositions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

import core.training.threads  # noqa: F401 - sets their number
from core.errors import DegenerateResult
from core.factors.models.aligned_samples import AlignedSamples
from core.factors.models.base import LINES, STAGE, Fit, Link, Split
from core.factors.models.implicit_features import implicit_features
from core.factors.models.sparse_products import product
from core.progress import Report
from core.settings import FactorModelSettings
from core.training.device import device_for
from core.training.device_rule import Work

PREDICTED_AT_ONCE = 1 << 20
"""Ratings predicted at a time."""


@dataclass
class _Side:
    """Users or films: who rated what, and the current sample of their vectors (bias in the last column)."""

    ratings: torch.Tensor
    """Sparse, this side's rows x the other side's: ratings, centred and scaled."""
    seen: torch.Tensor
    """The same with 1 for each rating."""
    vectors: torch.Tensor
    features: torch.Tensor | None = None
    coefficients: torch.Tensor | None = None
    penalty: float = 1.0
    """Precision of the coefficients' prior, sampled."""


def fit(split: Split, factors: int, settings: FactorModelSettings, seed: int, report: Report) -> Fit:
    """Sample, and return the mean of the samples. Raises DegenerateResult where they diverge."""
    device = device_for(Work(STAGE, "gibbs", len(split.rating)))
    draws = np.random.default_rng(seed)
    # On the processor whatever the device, so that all devices draw the same.
    normal = torch.Generator().manual_seed(seed)
    mean, spread = float(split.rating.mean()), float(split.rating.std())
    user, film, held_user, held_film = (
        torch.as_tensor(codes, dtype=torch.int64, device=device)
        for codes in (split.user, split.film, split.held_out_user, split.held_out_film)
    )
    value = torch.as_tensor((split.rating - mean) / spread, dtype=torch.float32, device=device)
    users, films = _sides((user, film), value, split.counts, factors, normal)
    if settings.implicit:
        users.features, films.features = implicit_features(users.seen, films.seen, settings.implicit, normal)

    noise, aligned = 1.0, AlignedSamples()
    predicted = torch.zeros(len(held_user), device=device)
    losses = []
    sweeps = settings.burn_in + settings.samples
    settled = settings.settled if settings.settled < sweeps else settings.burn_in
    for sweep in range(sweeps):
        try:
            for side, other in ((users, films), (films, users)):
                _sample(side, other, noise, draws, normal)
        except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]
            raise DegenerateResult(
                "the samples of the factor model ran away; choose fewer factors"
            ) from error
        squares = _squares(users.vectors, films.vectors, user, film, value)
        if not np.isfinite(squares):
            raise DegenerateResult("the error of the factor model became infinite; choose fewer factors")
        noise = draws.gamma((len(value) + 1) / 2) / ((squares + 1) / 2)

        averaged = sweep + 1 - settings.burn_in
        vectors = _with_unknown(users.vectors), _with_unknown(films.vectors)
        sample = torch.cat([_dot(*vectors, *pair) for pair in _pieces(held_user, held_film)])
        if averaged > 0:
            predicted += sample
        if sweep >= settled:
            aligned.add(users.vectors, films.vectors)
        current = (predicted / averaged if averaged > 0 else sample).cpu().numpy() * spread + mean
        misfit = np.square(np.clip(current, *split.scale) - split.held_out_rating).mean()
        losses.append({"epoch": sweep + 1, "train": squares / len(value) * spread**2, "valid": float(misfit)})
        point = dict(zip(("step", *LINES), losses[-1].values(), strict=True))
        report(STAGE, (sweep + 1) / sweeps, f"sweep {sweep + 1} of {sweeps}", point)

    # Users' factors have no unit and films' weights have that of the ratings.
    return Fit(
        users=aligned.users.cpu().numpy()[:, :-1],
        films=aligned.films.cpu().numpy()[:, :-1] * spread,
        user_bias=aligned.users.cpu().numpy()[:, -1] * spread,
        film_bias=aligned.films.cpu().numpy()[:, -1] * spread,
        link=Link(offset=mean),
        covariance=aligned.covariance.cpu().numpy() * spread**2,
        predicted=np.clip(current, *split.scale),
        losses=losses,
    )


def _sides(
    codes: tuple[torch.Tensor, torch.Tensor],
    value: torch.Tensor,
    counts: tuple[int, int],
    factors: int,
    normal: torch.Generator,
) -> tuple[_Side, _Side]:
    """Return users and films, each with its ratings and random vectors to start from.

    `codes` has user and film of each rating, `value` the rating, `counts` the numbers of users and films.
    """
    sides = []
    for (rows, columns), (height, width) in ((codes, counts), (codes[::-1], counts[::-1])):
        order = torch.argsort(rows, stable=True)
        ends = torch.zeros(height + 1, dtype=torch.int32, device=value.device)
        ends[1:] = torch.cumsum(torch.bincount(rows, minlength=height), 0)
        index = columns[order].int()
        ratings, seen = (
            torch.sparse_csr_tensor(ends, index, entries, size=(height, width), check_invariants=False)
            for entries in (value[order], torch.ones_like(value))
        )
        start = 0.1 * torch.randn(height, factors + 1, generator=normal).to(value.device)
        sides.append(_Side(ratings, seen, start))
    return sides[0], sides[1]


def _sample(
    side: _Side, other: _Side, noise: float, draws: np.random.Generator, normal: torch.Generator
) -> None:
    """Draw the hyper-parameters of one side given its vectors, then its vectors given the other side's."""
    count, width = side.vectors.shape
    prior_mean, precision = _sample_prior(side, draws, normal)
    # A rating is factors . other factors + bias + other bias: regress it on (other factors, 1).
    design = torch.cat([other.vectors[:, :-1], torch.ones_like(other.vectors[:, :1])], 1)
    row, column = torch.triu_indices(width, width, device=design.device)
    sums = product(
        side.seen, torch.cat([design[:, row] * design[:, column], design * other.vectors[:, -1:]], 1)
    )
    posterior = torch.empty(count, width, width, device=design.device)
    posterior[:, row, column] = posterior[:, column, row] = noise * sums[:, : len(row)]
    posterior += precision
    target = noise * (product(side.ratings, design) - sums[:, len(row) :]) + prior_mean @ precision
    root = torch.linalg.cholesky(posterior)
    draw = torch.randn(count, width, 1, generator=normal).to(design.device)
    middle = torch.cholesky_solve(target[:, :, None], root)
    side.vectors = (middle + torch.linalg.solve_triangular(root.mT, draw, upper=True))[:, :, 0]


def _sample_prior(
    side: _Side, draws: np.random.Generator, normal: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw the vectors' prior (Normal-Wishart, unit scale); return its mean, a row each, and precision."""
    count, width = side.vectors.shape
    device = side.vectors.device
    residual = side.vectors
    scatter, freedom = np.eye(width), width + count
    if side.features is not None:
        features = side.features.shape[1]
        if side.coefficients is None:
            side.coefficients = torch.zeros(features, width, device=device)
        residual = residual - side.features @ side.coefficients
        scatter += side.penalty * (side.coefficients.T @ side.coefficients).double().cpu().numpy()
        freedom += features
    centre = residual.mean(0).double().cpu().numpy()
    deviation = residual - residual.mean(0)
    scatter += (deviation.T @ deviation).double().cpu().numpy() + count / (count + 1) * np.outer(
        centre, centre
    )

    # Wishart draw by Bartlett's decomposition.
    triangle = np.tril(draws.standard_normal((width, width)), -1)
    triangle[np.diag_indices(width)] = np.sqrt(draws.chisquare(freedom - np.arange(width)))
    root = np.linalg.cholesky(np.linalg.inv(scatter)) @ triangle
    precision = root @ root.T
    spread = np.linalg.inv(np.linalg.cholesky(precision)).T
    mean = count / (count + 1) * centre + spread @ draws.standard_normal(width) / np.sqrt(count + 1)
    mean_row, precision_t = (
        torch.as_tensor(array, dtype=torch.float32, device=device) for array in (mean, precision)
    )
    if side.features is None:
        return mean_row.expand(count, width), precision_t

    # Ridge regression of the vectors on the features, drawn from its posterior.
    gram = side.features.T @ side.features
    root_gram = torch.linalg.cholesky(gram + side.penalty * torch.eye(len(gram), device=device))
    best = torch.cholesky_solve(side.features.T @ (side.vectors - mean_row), root_gram)
    draw = torch.randn(len(gram), width, generator=normal).to(device)
    draw = torch.linalg.solve_triangular(root_gram.T, draw, upper=True)
    side.coefficients = best + draw @ torch.as_tensor(spread.T, dtype=torch.float32, device=device)
    size = float((side.coefficients @ precision_t * side.coefficients).sum())
    side.penalty = draws.gamma((side.coefficients.numel() + 1) / 2) / ((size + 1) / 2)
    return mean_row + side.features @ side.coefficients, precision_t


def _dot(users: torch.Tensor, films: torch.Tensor, user: torch.Tensor, film: torch.Tensor) -> torch.Tensor:
    """Predict the ratings of pairs, centred and scaled."""
    left, right = users[user], films[film]
    return (left[:, :-1] * right[:, :-1]).sum(1) + left[:, -1] + right[:, -1]


def _squares(
    users: torch.Tensor, films: torch.Tensor, user: torch.Tensor, film: torch.Tensor, value: torch.Tensor
) -> float:
    """Return the sum of squared errors, computed in pieces to save memory."""
    pieces = _pieces(user, film, value)
    return sum(float((given - _dot(users, films, u, f)).square().sum()) for u, f, given in pieces)


def _pieces(*columns: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    return zip(*(torch.split(column, PREDICTED_AT_ONCE) for column in columns), strict=True)


def _with_unknown(vectors: torch.Tensor) -> torch.Tensor:
    """Append the average vector, for users and films without training ratings."""
    return torch.cat([vectors, vectors.mean(0, keepdim=True)])
