"""Which films each user rated, whatever the rating -> features of users and films (implicit feedback)."""

import torch

from core.factors.models.sparse_products import product

POWER_ITERATIONS = 4
"""Power iterations of the randomised decomposition (Halko, Martinsson and Tropp 2011)."""
OVERSAMPLING = 16
"""Directions of the decomposition beyond the number of features."""


def implicit_features(
    seen_by_user: torch.Tensor, seen_by_film: torch.Tensor, features: int, normal: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features of users and films: leading singular vectors of who rated what, normalised by degree.

    Both arguments are sparse, with 1 for each rating: users x films, and films x users. The features are
    centred, and a row's squared length is 1 on average. There are fewer features where there are fewer users
    or films.
    """
    users, films = seen_by_user.shape
    features = min(features, users - 1, films - 1)
    of_user, of_film = (
        seen.sum(1, keepdim=True).to_dense().reshape(-1, 1).clamp(min=1).rsqrt()
        for seen in (seen_by_user, seen_by_film)
    )
    width = min(features + OVERSAMPLING, users, films)
    basis = torch.randn(films, width, generator=normal).to(of_film.device)
    for _ in range(POWER_ITERATIONS):
        left = torch.linalg.qr(of_user * product(seen_by_user, of_film * basis)).Q
        basis = torch.linalg.qr(of_film * product(seen_by_film, of_user * left)).Q
    left, size, right = torch.linalg.svd(
        of_user * product(seen_by_user, of_film * basis), full_matrices=False
    )
    both = (left * size)[:, :features], (basis @ right.T * size)[:, :features]
    return tuple(_unit(table - table.mean(0)) for table in both)  # type: ignore[return-value]


def _unit(table: torch.Tensor) -> torch.Tensor:
    """Scale a table so that a row's squared length is 1 on average."""
    return table / table.square().sum(1).mean().sqrt()
