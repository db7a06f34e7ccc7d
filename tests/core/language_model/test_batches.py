"""Running text in streams."""

import numpy as np
import torch

from core.language_model.batches import Layout, Streams
from core.language_model.tokens import Tokens


def test_streams_lie_side_by_side_and_each_word_is_followed_by_its_next() -> None:
    tokens = Tokens(np.arange(9, dtype=np.int32), np.array([0, 4, 9]), list("abcdefghi"))
    batches = list(Streams(tokens, np.arange(9), Layout(2, 3), None, torch.device("cpu")))
    assert [read.tolist() for read, _ in batches] == [[[0, 1, 2], [4, 5, 6]], [[3], [7]]]
    assert all(torch.equal(read + 1, follows) for read, follows in batches)


def test_short_text_is_one_batch_and_whole_batches_have_no_rest() -> None:
    tokens = Tokens(np.arange(9, dtype=np.int32), np.array([0, 4, 9]), list("abcdefghi"))
    short, even = (
        list(Streams(tokens, np.arange(9), layout, None, torch.device("cpu")))
        for layout in (Layout(2, 9), Layout(2, 2))
    )
    assert [words.tolist() for words, _ in short] == [[[0, 1, 2, 3], [4, 5, 6, 7]]]
    assert [words.tolist() for words, _ in even] == [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]
    assert all(words.is_contiguous() for words, _ in even)


def test_processes_share_the_streams_of_one() -> None:
    tokens = Tokens(np.arange(33, dtype=np.int32), np.array([0, 20, 33]), [str(n) for n in range(33)])

    def read(*share: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        return list(Streams(tokens, np.arange(33), Layout(4, 3, *share), 5, torch.device("cpu")))

    for whole, *parts in zip(read(), read(0, 2), read(1, 2), strict=True):
        for kind in (0, 1):
            assert torch.equal(whole[kind][0::2], parts[0][kind]) and torch.equal(
                whole[kind][1::2], parts[1][kind]
            )
