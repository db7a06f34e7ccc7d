"""The arrays that hold tokens."""

from pathlib import Path

import numpy as np

from core.language_model.tokenizer import tokenise
from core.language_model.tokens import Tokens, numbers_of
from core.progress import silent


def test_arrays() -> None:
    tokens = tokenise(["bad film", "", "film film"], silent, "")
    assert len(tokens) == 3
    assert tokens.words == ["xxbos", "bad", "film"]
    assert tokens.numbers.tolist() == [0, 1, 2, 0, 0, 2, 2]
    assert tokens.offsets.tolist() == [0, 3, 4, 7]
    assert (tokens.numbers.dtype, tokens.offsets.dtype) == (np.int32, np.int64)
    taken = tokens.take([2, 0, 2])
    assert [taken.words_of(row) for row in range(3)] == [tokens.words_of(row) for row in (2, 0, 2)]
    numbered = tokens.numbered(["xxunk", "film", "xxbos", "xxfake"])
    assert [text.tolist() for text in numbered] == [[2, 0, 1], [2], [2, 1, 1]]
    assert all(text.dtype == np.int64 for text in numbered)


def test_padding_of_a_vocabulary_is_no_word() -> None:
    tokens = tokenise(["xxfake"], silent, "")
    assert tokens.numbered(["xxunk", "xxbos", "xxfake", "xxfake"])[0].tolist() == [1, 0]


def test_no_texts() -> None:
    tokens = tokenise([], silent, "")
    assert (len(tokens), len(tokens.numbers), tokens.words, tokens.numbered(["xxunk"])) == (0, 0, [], [])
    assert len(tokenise(["a"], silent, "").take([])) == 0


def test_saved_tokens_come_back(tmp_path: Path) -> None:
    tokens = tokenise(["Ça va 😀\n", "nul \x00"], silent, "")
    tokens.save(tmp_path)
    back = Tokens.load(tmp_path)
    assert [back.words_of(row) for row in range(2)] == [tokens.words_of(row) for row in range(2)]
    assert (back.numbers.dtype, back.offsets.dtype) == (np.int32, np.int64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["numbers.npy", "offsets.npy", "words.json"]


def test_words_that_are_not_known_have_number_zero() -> None:
    vocabulary = ["xxunk", "xxpad", "film", "xxfake"]
    assert numbers_of(["film", "zyzzyva", "xxfake"], vocabulary).tolist() == [2, 0, 0]
