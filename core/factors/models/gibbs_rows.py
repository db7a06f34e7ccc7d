"""One half of a sweep: the vectors of all users, or of all films, of all models, given those of the other side.

The rows of all models stand below each other. A tile of some thousand of them is sampled at a time: the sums over
each row's ratings, then all its small systems of equations side by side. So the arrays of a tile stay near the
processor. What grows with the rows are the vectors and, of the other side of a model, the products that the sums
are of: width (width + 3) / 2 numbers a row, 0.9 GB for 162,000 users and 50 factors.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch

from core.factors.models.incidence import Incidence, by_row
from core.factors.models.row_systems import packed, solve_and_draw, starts

TILE = 4096
"""Rows that are sampled at a time."""


@dataclass(frozen=True)
class Given:
    """What one model's half sweep is given."""

    mean: torch.Tensor
    """Prior mean of each row's vector."""
    precision: torch.Tensor
    """Prior precision: width x width."""
    noise: float
    """Precision of the ratings."""
    draws: torch.Tensor
    """Standard normal, as large as `mean`."""


class Side:
    """Users or films of one model, with the current sample of their vectors (bias in the last column)."""

    def __init__(
        self, rows: torch.Tensor, columns: torch.Tensor, value: torch.Tensor, vectors: torch.Tensor
    ) -> None:
        """Sort the ratings, of which each has its row, the other side's row and a value, centred and scaled."""
        self.ratings = by_row(rows, columns, value, len(vectors))
        self.vectors = vectors
        self.number = self.ratings.ends.diff().double()
        """How many ratings each row has."""
        self.sum = torch.zeros_like(self.number).index_add_(0, rows, value.double())

    def left_without(self) -> float:
        """Return by how much the sum of the ratings' squares grows when these biases are taken off."""
        bias = self.vectors[:, -1].double()
        return float((self.number * bias.square() - 2 * self.sum * bias).sum())


@dataclass(frozen=True)
class Piece:
    """Rows of one model that lie in a tile."""

    model: int
    inside: slice
    """Its rows of the tile."""
    rows: slice
    """Its rows of the model's side."""
    ratings: Incidence


def tiles(sides: list[Side]) -> list[list[Piece]]:
    """Cut the rows of all models into tiles; models that fit are left whole."""
    done: list[list[Piece]] = [[]]
    room = TILE
    for model, side in enumerate(sides):
        count = len(side.vectors)
        if count > room and room < TILE:
            done.append([])
            room = TILE
        for first in range(0, count, TILE):
            last = min(first + TILE, count)
            if first:
                done.append([])
                room = TILE
            start = TILE - room
            inside = slice(start, start + last - first)
            done[-1].append(Piece(model, inside, slice(first, last), side.ratings.rows(first, last)))
            room -= last - first
    return done


def sample(
    pieces: list[list[Piece]], sides: list[Side], others: list[Side], given: list[Given]
) -> list[float]:
    """Draw the vectors of all models given the other side's; return each model's sum of squared errors.

    The sum is relative to that of the ratings' squares. `pieces` are the tiles of `sides`.
    """
    squares = [other.left_without() for other in others]
    drawn = [torch.empty_like(side.vectors) for side in sides]
    known: dict[int, _Known] = {}
    for tile in pieces:
        # Of a model with several tiles, what is known of the other side is worked out once.
        known = {one.model: known.get(one.model) or _known(others[one.model].vectors) for one in tile}
        systems, target, draws = _equations(tile, known, given)
        solution, middle = solve_and_draw(systems, draws)
        # With x = solution, the matrix is L L' and L' x is middle + draws, so x' (L L') x - 2 right' x is this.
        fitted = draws.square().sum(0) - middle.square().sum(0) + 2 * (target * solution).sum(0)
        for piece in tile:
            rows, its = solution[:, piece.inside].T, given[piece.model]
            drawn[piece.model][piece.rows] = rows
            misfit = fitted[piece.inside] - (rows @ its.precision * rows).sum(1)
            squares[piece.model] += float(misfit.double().sum()) / its.noise
    for side, vectors in zip(sides, drawn, strict=True):
        side.vectors = vectors
    return squares


@dataclass(frozen=True)
class _Known:
    """What a model's other side gives to each rating."""

    design: torch.Tensor
    """What a rating is regressed on, a row a film or user."""
    products: torch.Tensor
    """What the systems of equations are summed from: products of the row with itself and with its bias."""


def _known(vectors: torch.Tensor) -> _Known:
    # A rating is factors . other factors + bias + other bias: regress it on (other factors, 1).
    bias, design = vectors[:, -1], torch.cat([vectors[:, :-1], torch.ones_like(vectors[:, :1])], 1)
    ends = starts(design.shape[1])
    products = torch.empty(len(design), ends[-1], device=design.device)
    # A tile at a time: the whole is not laid out twice.
    for tile, its, its_bias in zip(
        *(torch.split(each, TILE) for each in (products, design, bias)), strict=True
    ):
        columns = its.T.contiguous()
        across = torch.empty(ends[-1], len(its), device=design.device)
        for row, (first, last) in enumerate(pairwise(ends)):
            torch.mul(columns[row:], columns[row], out=across[first : last - 1])
            torch.mul(columns[row], its_bias, out=across[last - 1])
        tile.copy_(across.T)
    return _Known(design, products)


def _equations(
    tile: list[Piece], known: dict[int, _Known], given: list[Given]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the systems of a tile, the prior's part of their right sides, and the draws."""
    count, width = tile[-1].inside.stop, given[0].mean.shape[1]
    device = given[0].mean.device
    ends = starts(width)
    right_sides = torch.tensor(ends[1:], device=device) - 1
    systems = torch.empty(ends[-1], count, device=device)
    target, draws = (torch.empty(width, count, device=device) for _ in range(2))
    for piece in tile:
        its, other = given[piece.model], known[piece.model]
        system, prior = systems[:, piece.inside], target[:, piece.inside]
        prior.copy_((its.mean[piece.rows] @ its.precision).T)
        draws[:, piece.inside] = its.draws[piece.rows].T
        system.copy_(piece.ratings.summed(other.products).T)
        right = piece.ratings.weighted(other.design).T - system.index_select(0, right_sides)
        system.mul_(its.noise).add_(packed(its.precision))
        system.index_copy_(0, right_sides, torch.add(prior, right, alpha=its.noise))
    return systems, target, draws
