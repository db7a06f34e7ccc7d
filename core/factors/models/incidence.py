"""Who rated what: sums over the ratings of each row, in the same order every time on any device."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn.functional import embedding_bag


@dataclass(frozen=True)
class Incidence:
    """Ratings in the order of their rows, users or films."""

    columns: torch.Tensor
    """The other side's row of each rating."""
    ends: torch.Tensor
    """Where each row's ratings start, and where the last ones end."""
    value: torch.Tensor

    def summed(self, table: torch.Tensor) -> torch.Tensor:
        """Return, for each row, the sum of the other side's rows of a table."""
        # Four times as fast as a product with a sparse matrix, which on a GPU adds in any order. Of a table that is
        # laid out by columns, it would be many times slower.
        return embedding_bag(
            self.columns, table.contiguous(), self.ends, mode="sum", include_last_offset=True
        )

    def rows(self, first: int, last: int) -> "Incidence":
        """Return the ratings of some of the rows."""
        inside = slice(int(self.ends[first]), int(self.ends[last]))
        return Incidence(self.columns[inside], self.ends[first : last + 1] - inside.start, self.value[inside])

    def weighted(self, table: torch.Tensor) -> torch.Tensor:
        """Return the same sums, each summand times its rating."""
        return embedding_bag(
            self.columns,
            table.contiguous(),
            self.ends,
            mode="sum",
            include_last_offset=True,
            per_sample_weights=self.value,
        )

    def sums(self) -> torch.Tensor:
        """Return the sum of each row's ratings, in double precision."""
        up_to = torch.zeros(len(self.value) + 1, dtype=torch.float64, device=self.value.device)
        torch.cumsum(self.value.double(), 0, out=up_to[1:])
        return up_to[self.ends].diff()


def by_row(rows: torch.Tensor, columns: torch.Tensor, value: torch.Tensor, height: int) -> Incidence:
    """Sort ratings by their row, of which there are `height`."""
    order = torch.argsort(rows, stable=True)
    ends = torch.zeros(height + 1, dtype=torch.int64, device=rows.device)
    ends[1:] = torch.cumsum(torch.bincount(rows, minlength=height), 0)
    return Incidence(columns[order], ends, value[order])


def below_each_other(parts: Sequence[Incidence], firsts: Sequence[int]) -> Incidence:
    """Return the rows of all parts; of each part, the other side's rows are numbered from one of `firsts`."""
    if len(parts) == 1 and firsts[0] == 0:
        return parts[0]
    before, ends = 0, [parts[0].ends[:1]]
    for part in parts:
        ends.append(part.ends[1:] + before)
        before += len(part.value)
    return Incidence(
        torch.cat([part.columns + first for part, first in zip(parts, firsts, strict=True)]),
        torch.cat(ends),
        torch.cat([part.value for part in parts]),
    )
