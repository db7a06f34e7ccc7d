"""One half of a sweep: the vectors of all users, or of all films, of all models, given those of the other side.

The rows of all models stand beside each other, a column each. A tile of some thousand of them is sampled at a time:
the sums over each row's ratings, then all its small systems of equations side by side. So the arrays of a tile stay
near the processor. What grows with the rows are the vectors and, of the other side of a tile, the products that the
sums are of: width (width + 3) / 2 numbers a row, 0.9 GB for 162,000 users and 50 factors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import torch

from core.factors.models.incidence import Incidence, below_each_other
from core.factors.models.row_systems import packed, solve_and_draw, starts

TILE = 8192
"""Rows that are sampled at a time."""
LANES = 16
"""Numbers that a processor adds at a time: a row of so many, or a multiple, is summed fastest."""


@dataclass(frozen=True)
class Given:
    """What a half sweep is given, for each model."""

    pull: torch.Tensor
    """Prior precision times what the prior mean is of a row's features and of 1: models x width x features + 1."""
    precision: torch.Tensor
    """Prior precision: models x width x width."""
    noise: Sequence[float]
    """Precision of the ratings."""
    draws: Sequence[torch.Tensor]
    """Standard normal, width x rows."""


@dataclass(frozen=True)
class Piece:
    """Rows of one model that lie in a tile."""

    model: int
    inside: slice
    """Its columns of the tile."""
    rows: slice
    """Its columns of the side."""
    own: slice
    """Its rows of the model."""


@dataclass(frozen=True)
class Tile:
    """Rows that are sampled together: several models, or a part of one."""

    pieces: list[Piece]
    rows: slice
    """Its columns of the side."""
    others: slice
    """The columns of the other side that its ratings are of."""
    ratings: Incidence


class Side:
    """Users or films of all models, with the current sample of their vectors (bias in the last row)."""

    def __init__(
        self, ratings: Sequence[Incidence], columns: Sequence[int], vectors: Sequence[torch.Tensor]
    ) -> None:
        """Begin with vectors, width x rows a model; `columns` is how many rows each model's other side has."""
        self.counts = np.array([one.shape[1] for one in vectors])
        self.spans = _spans(self.counts.tolist())
        """The columns of each model."""
        self.tiles = _tiles(ratings, self.spans, _spans(columns))
        self.number = torch.cat([one.ends.diff() for one in ratings]).double()
        """How many ratings each row has."""
        self.sum = torch.cat([one.sums() for one in ratings])
        self._lay_out(torch.cat(list(vectors), 1), [])

    def describe(self, features: Sequence[torch.Tensor]) -> None:
        """Take features of the rows, features x rows a model; those of a model that has fewer are filled up by 0."""
        self._lay_out(self.vectors, features)

    def replace(self, vectors: torch.Tensor) -> None:
        """Take a new sample."""
        self.vectors.copy_(vectors)
        self._products: tuple[np.ndarray, np.ndarray] | None = None

    def products(self) -> tuple[np.ndarray, np.ndarray]:
        """Return each model's vectors times their features (models x width x features + 1), and times themselves."""
        if self._products is None:
            shape = len(self.spans), len(self.vectors), len(self._table)
            both = self._table.new_empty(shape)
            for columns, result in zip(self.spans, both, strict=True):
                torch.mm(self.vectors[:, columns], self._table[:, columns].T, out=result)
            arrays, width = both.double().cpu().numpy(), len(self.features)
            self._products = arrays[:, :, :width], arrays[:, :, width:]
        return self._products

    def _lay_out(self, vectors: torch.Tensor, features: Sequence[torch.Tensor]) -> None:
        """Put features, 1 and vectors below each other, so that all their products are made at once."""
        most = max(map(len, features), default=0)
        self._table = vectors.new_zeros(most + 1 + len(vectors), vectors.shape[1])
        self.features, self.vectors = self._table[: most + 1], self._table[most + 1 :]
        """Of the features of the rows, the last is 1."""
        for its, columns in zip(features, self.spans, strict=False):
            self._table[: len(its), columns] = its
        self.features[-1] = 1
        self.replace(vectors)

    def left_without(self) -> np.ndarray:
        """Return by how much the sum of a model's ratings' squares grows when these biases are taken off."""
        bias = self.vectors[-1].double()
        return self.summed(self.number * bias.square() - 2 * self.sum * bias)

    def summed(self, values: torch.Tensor) -> np.ndarray:
        """Return each model's sum of values, one a row."""
        return np.add.reduceat(values.double().cpu().numpy(), [columns.start for columns in self.spans])


def sample(side: Side, other: Side, given: Given) -> torch.Tensor:
    """Draw the vectors of all models given the other side's.

    Return a number a row, of which `squares` makes the errors.
    """
    drawn = torch.empty_like(side.vectors)
    fitted = drawn.new_empty(drawn.shape[1])
    priors = packed(given.precision)
    known: _Known | None = None
    for tile in side.tiles:
        # Of a model with several tiles, what is known of the other side is worked out once.
        if known is None or known.rows != tile.others:
            known = _known(other.vectors[:, tile.others], tile.others)
        systems, draws = _equations(tile, known, given, priors, side.features)
        solution, middle = solve_and_draw(systems, draws)
        drawn[:, tile.rows] = solution
        fitted[tile.rows] = draws.square().sum(0) - middle.square().sum(0)
    side.replace(drawn)
    return fitted


def squares(side: Side, other: Side, given: Given, fitted: torch.Tensor) -> np.ndarray:
    """Return each model's sum of squared errors, relative to that of the ratings' squares.

    `side` was just sampled, and `fitted` is what its sampling returned.
    """
    # With a vector x, the matrix is L L' and L' x is middle + draws, so x' (L L') x - 2 right' x is `fitted`.
    with_features, with_themselves = side.products()
    pull, precision = (its.double().cpu().numpy() for its in (given.pull, given.precision))
    misfit = side.summed(fitted) + 2 * (pull * with_features).sum((1, 2))
    misfit -= (precision * with_themselves).sum((1, 2))
    result: np.ndarray = other.left_without() + misfit / np.array(given.noise)
    return result


@dataclass(frozen=True)
class _Known:
    """What the other side gives to each rating of a tile."""

    rows: slice
    design: torch.Tensor
    """What a rating is regressed on, a row a film or user."""
    products: torch.Tensor
    """What the systems of equations are summed from: products of the row with itself and with its bias."""


def _known(vectors: torch.Tensor, rows: slice) -> _Known:
    # A rating is factors . other factors + bias + other bias: regress it on (other factors, 1).
    design = vectors.clone()
    design[-1] = 1
    ends = starts(len(design))
    products = design.new_empty(design.shape[1], -(-ends[-1] // LANES) * LANES)
    products[:, ends[-1] :] = 0
    # A tile at a time: the whole is not laid out twice.
    pieces = (torch.split(each, TILE, dim) for each, dim in ((products, 0), (design, 1), (-vectors[-1:], 1)))
    for tile, its, its_bias in zip(*pieces, strict=True):
        across = design.new_empty(ends[-1], its.shape[1])
        for row, (first, last) in enumerate(pairwise(ends)):
            torch.mul(its[row:], its[row], out=across[first : last - 1])
            torch.mul(its[row], its_bias[0], out=across[last - 1])
        tile[:, : ends[-1]] = across.T
    return _Known(rows, design.T.contiguous(), products)


def _equations(
    tile: Tile, known: _Known, given: Given, priors: torch.Tensor, features: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the systems of a tile, and the draws."""
    width, count = known.design.shape[1], tile.rows.stop - tile.rows.start
    ends = starts(width)
    systems = features.new_empty(ends[-1], count)
    right_sides, draws = (features.new_empty(width, count) for _ in range(2))
    summed = tile.ratings.summed(known.products).T[: ends[-1]]
    weighted = tile.ratings.weighted(known.design).T
    for piece in tile.pieces:
        noise, inside = given.noise[piece.model], piece.inside
        torch.add(priors[piece.model], summed[:, inside], alpha=noise, out=systems[:, inside])
        torch.mm(given.pull[piece.model], features[:, piece.rows], out=right_sides[:, inside])
        right_sides[:, inside].add_(weighted[:, inside], alpha=noise)
        draws[:, inside] = given.draws[piece.model][:, piece.own]
    places = torch.tensor(ends[1:], device=features.device) - 1
    return systems.index_add_(0, places, right_sides), draws


def _spans(counts: Sequence[int]) -> list[slice]:
    return [slice(first, last) for first, last in pairwise([0, *accumulate(counts)])]


def _tiles(ratings: Sequence[Incidence], spans: list[slice], others: list[slice]) -> list[Tile]:
    """Cut the rows of all models into tiles; models that fit are left whole."""
    groups: list[list[Piece]] = []
    room = 0
    for model, span in enumerate(spans):
        count = span.stop - span.start
        for first in range(0, count, TILE):
            size = min(TILE, count - first)
            if first or count > room:
                groups.append([])
                room = TILE
            inside, rows = slice(TILE - room, TILE - room + size), span.start + first
            groups[-1].append(Piece(model, inside, slice(rows, rows + size), slice(first, first + size)))
            room -= size
    return [_tile(pieces, ratings, others) for pieces in groups]


def _tile(pieces: list[Piece], ratings: Sequence[Incidence], others: list[slice]) -> Tile:
    start, stop = others[pieces[0].model].start, others[pieces[-1].model].stop
    parts = [ratings[one.model].rows(one.own.start, one.own.stop) for one in pieces]
    firsts = [others[one.model].start - start for one in pieces]
    rows = slice(pieces[0].rows.start, pieces[-1].rows.stop)
    return Tile(pieces, rows, slice(start, stop), below_each_other(parts, firsts))
