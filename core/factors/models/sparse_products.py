"""A sparse table times a dense one, with the same sum to the bit each time."""

import torch

PIECE = 256
"""Entries of a row that are added one after the other."""
ENTRIES_AT_ONCE = 1 << 21
"""Entries of the sparse table that are multiplied at a time, so that memory does not grow with it."""


def product(table: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
    """Return a sparse table (CSR) times a dense one; on a GPU too, the same each time to the bit.

    Every product of who rated what goes through here. A GPU's own sparse products add in an order that changes
    from call to call, so there each row's entries are added in theirs: first in pieces of PIECE, then the pieces.
    """
    return table @ dense if dense.device.type == "cpu" else in_pieces(table, dense)


def in_pieces(table: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
    """Return `product` by sums of pieces of rows, on any device."""
    ends, columns, values = table.crow_indices().long(), table.col_indices(), table.values()
    pieces_of_row = (ends.diff() + PIECE - 1) // PIECE
    row = torch.repeat_interleave(torch.arange(len(pieces_of_row), device=ends.device), pieces_of_row)
    first_piece = pieces_of_row.cumsum(0) - pieces_of_row
    starts = ends[row] + PIECE * (torch.arange(len(row), device=ends.device) - first_piece[row])
    bounds = torch.cat([starts, ends[-1:]])

    sums = []
    for at in range(0, len(row), ENTRIES_AT_ONCE // PIECE):
        here = bounds[at : at + ENTRIES_AT_ONCE // PIECE + 1]
        # Of a slice's ends, as numbers of the processor's.
        first, last = here[[0, -1]].tolist()
        terms = dense[columns[first:last]] * values[first:last, None]
        sums.append(torch.segment_reduce(terms, "sum", offsets=here - first))
    by_piece = torch.cat(sums) if sums else dense.new_zeros(0, dense.shape[1])
    return torch.segment_reduce(by_piece, "sum", lengths=pieces_of_row)
