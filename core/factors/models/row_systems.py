"""Many small systems of linear equations, a column each, solved side by side.

LAPACK takes one small matrix at a time, and most of its time goes into starting. Here each step of the decomposition
is one operation on a whole row of numbers, one of each system.

A symmetric matrix of `width` rows is held as its upper triangle, row by row, and each of these rows ends with the
right side's number: `width * (width + 3) / 2` numbers a system.
"""

import torch


def starts(width: int) -> list[int]:
    """Return where each row of a matrix starts, and where the last one ends.

    >>> starts(3)
    [0, 4, 7, 9]
    """
    return [row * (width + 1) - row * (row - 1) // 2 for row in range(width + 1)]


def packed(matrix: torch.Tensor) -> torch.Tensor:
    """Return a matrix, or each of several, as one system, a column, whose right side is zero.

    >>> packed(torch.tensor([[2.0, 1.0], [1.0, 3.0]])).tolist()
    [[2.0], [1.0], [0.0], [3.0], [0.0]]
    """
    zero = torch.zeros_like(matrix[..., :1, 0])
    rows = [piece for row in range(matrix.shape[-1]) for piece in (matrix[..., row, row:], zero)]
    return torch.cat(rows, -1)[..., None]


def solve_and_draw(systems: torch.Tensor, draws: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a draw from each normal distribution with a system's matrix as precision, and the halfway solutions.

    The mean is the system's solution; `draws` are standard normal. With the matrix L L', where L is a lower triangle,
    the halfway solution y solves L y = right side, and the draw is x with L' x = y + draws. All are width x systems;
    `systems` is overwritten. Where a matrix is not positive definite, the draw is not a number.
    """
    width = len(draws)
    bounds = starts(width)
    rows = [systems[bounds[row] : bounds[row + 1]] for row in range(width)]
    inverse = []
    for row, left in enumerate(rows):
        inverse.append(left[0].rsqrt())
        left.mul_(inverse[row])
        for below in range(row + 1, width):
            rows[below].addcmul_(left[below - row :], left[below - row], value=-1)
    middle = torch.stack([row[-1] for row in rows])
    solution = middle + draws
    for row in reversed(range(width)):
        if row + 1 < width:
            solution[row] -= (rows[row][1:-1] * solution[row + 1 :]).sum(0)
        solution[row] *= inverse[row]
    return solution, middle
