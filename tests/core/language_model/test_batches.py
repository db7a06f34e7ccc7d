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
