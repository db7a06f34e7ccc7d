"""Sparse products by sums of pieces, as GPUs have them: the same as the processor's own."""

import pytest
import torch

from core.factors.models import sparse_products
from core.factors.models.sparse_products import in_pieces, product


def test_rows_are_added_by_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two entries a piece, and two pieces at a time: the row of five takes three pieces.
    monkeypatch.setattr(sparse_products, "PIECE", 2)
    monkeypatch.setattr(sparse_products, "ENTRIES_AT_ONCE", 4)
    table = torch.tensor([[1.0, 1, 1, 1, 1], [0, 0, 0, 0, 0], [0, 3, 0, 0, 0], [0, 0, 0, 0, 0]])
    dense = torch.tensor([[1.0, 10], [2, 20], [3, 30], [4, 40], [5, 50]])
    summed = in_pieces(table.to_sparse_csr(), dense)
    assert summed.tolist() == [[15, 150], [0, 0], [6, 60], [0, 0]]


def test_a_table_without_entries_gives_nothing() -> None:
    assert in_pieces(torch.zeros(2, 3).to_sparse_csr(), torch.ones(3, 4)).tolist() == [[0] * 4] * 2


def test_both_ways_give_the_same_product() -> None:
    draws = torch.Generator().manual_seed(1)
    table = torch.rand(40, 700, generator=draws)
    table = (table * (table > 0.3)).to_sparse_csr()
    dense = torch.randn(700, 5, generator=draws)
    assert torch.allclose(in_pieces(table, dense), product(table, dense), atol=1e-3)
    assert torch.equal(product(table, dense), table @ dense)
