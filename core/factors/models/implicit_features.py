"""Which films each user rated, whatever the rating -> features of users and films (implicit feedback)."""

import torch

from core.factors.models.incidence import Incidence

POWER_ITERATIONS = 4
"""Power iterations of the randomised decomposition (Halko, Martinsson and Tropp 2011)."""
OVERSAMPLING = 16
"""Directions of the decomposition beyond the number of features."""


def implicit_features(
    by_user: Incidence, by_film: Incidence, features: int, normal: torch.Generator
) -> list[torch.Tensor]:
    """Return features of users and films: leading singular vectors of who rated what, normalised by degree.

    The features are centred, and a row's squared length is 1 on average. There are fewer features where there are
    fewer users or films.
    """
    degrees = [seen.ends.diff()[:, None].float() for seen in (by_user, by_film)]
    of_user, of_film = (degree.clamp(min=1).rsqrt() for degree in degrees)
    users, films = len(of_user), len(of_film)
    features = min(features, users - 1, films - 1)
    width = min(features + OVERSAMPLING, users, films)
    basis = torch.randn(films, width, generator=normal).to(of_film.device)
    for _ in range(POWER_ITERATIONS):
        left = torch.linalg.qr(of_user * by_user.summed(of_film * basis)).Q
        basis = torch.linalg.qr(of_film * by_film.summed(of_user * left)).Q
    left, size, right = torch.linalg.svd(of_user * by_user.summed(of_film * basis), full_matrices=False)
    both = (left * size)[:, :features], (basis @ right.T * size)[:, :features]
    return [_unit(table - table.mean(0)) for table in both]


def _unit(table: torch.Tensor) -> torch.Tensor:
    """Scale a table so that a row's squared length is 1 on average."""
    return table / table.square().sum(1).mean().sqrt()
