"""Tokens of many texts as compact arrays; importing this module loads neither torch nor spaCy.

What splits texts into tokens is `tokenizer`; which number a word has in a model is that model's vocabulary.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.store import read_json

PADDING = "xxfake"
"""Word that fastai pads a vocabulary with; it never stands for a token of a text."""


@dataclass(frozen=True)
class Tokens:
    """The words of many texts, as compact arrays.

    >>> tokens = Tokens(np.array([0, 1, 0, 2]), np.array([0, 2, 4]), ["xxbos", "good", "bad"])
    >>> tokens.words_of(1)
    ['xxbos', 'bad']
    """

    numbers: np.ndarray
    """Position in `words` of each token, all texts joined (int32)."""
    offsets: np.ndarray
    """Where texts begin (int64, texts + 1): text i is numbers[offsets[i] : offsets[i + 1]]."""
    words: list[str]
    """Distinct words."""

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.offsets) - 1

    def words_of(self, row: int) -> list[str]:
        """Return the words of one text."""
        return [self.words[number] for number in self.numbers[self.offsets[row] : self.offsets[row + 1]]]

    def take(self, rows: Sequence[int] | np.ndarray) -> "Tokens":
        """Return the texts of these rows, in this order; `words` is not reduced."""
        rows = np.asarray(rows, dtype=np.int64)
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        # The old position of each token: where its text begins, and how far into its text it is.
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Tokens(self.numbers[places], offsets, self.words)

    def numbered(self, vocabulary: Sequence[str]) -> list[np.ndarray]:
        """Return each text as numbers in another vocabulary (int64); 0 stands for words that are not in it."""
        numbers = numbers_of(self.words, vocabulary)
        return np.split(numbers[self.numbers], self.offsets[1:-1]) if len(self) else []

    def save(self, folder: Path) -> None:
        """Write numbers.npy, offsets.npy and words.json."""
        np.save(folder / "numbers.npy", self.numbers)
        np.save(folder / "offsets.npy", self.offsets)
        # Escaped, since UTF-8 cannot encode half a surrogate pair, which a text may hold.
        (folder / "words.json").write_text(json.dumps(self.words), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tokens":
        """Read what `save` wrote."""
        numbers, offsets = (
            np.load(folder / name, allow_pickle=False) for name in ("numbers.npy", "offsets.npy")
        )
        return cls(numbers, offsets, read_json(folder / "words.json"))


def numbers_of(words: Sequence[str], vocabulary: Sequence[str]) -> np.ndarray:
    """Return each word's number in a vocabulary (int64), 0 where it is not in it.

    >>> numbers_of(["good", "zyzzyva"], ["xxunk", "good"])
    array([1, 0])
    """
    number_of = {word: number for number, word in enumerate(vocabulary) if word != PADDING}
    return np.array([number_of.get(word, 0) for word in words], dtype=np.int64)
