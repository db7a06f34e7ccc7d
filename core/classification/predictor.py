"""A whole classifier + reviews -> a probability for each review and factor (article, step 11), in batches.

Takes a classifier's folder and tokens, returns arrays. Counting predictions is left to `frequencies`, and which words
moved a prediction to `attribution`.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.torch import load_file
from scipy.special import expit

from core.classification.calibration import Calibration, calibrated
from core.classification.head import read_features
from core.language_model.encoder import Encoder, Trace
from core.language_model.feature_shards import Reading
from core.language_model.precision import Precision
from core.language_model.tokens import Tokens
from core.language_model.weights import Weights
from core.progress import Report, named, silent
from core.store import read_json, sha256
from core.training.device_rule import Work

STAGE = "predictions"
FILE = "classifier.safetensors"
ENCODER, HEAD = "0.module.", "1.layers."
"""Prefixes of the weights of the encoder and of the head in fastai's classifier."""
REPEATS = ("xxrep", "xxwrep")
"""Markers of a repetition; they are followed by its count, and then by what is repeated."""
THRESHOLD = 0.5
"""Probability from which a label counts as predicted, where the classifier's folder has no thresholds."""


class Predictor:
    """A trained classifier, loaded from its folder, that predicts factors from reviews.

    `labels` are the factors in the order of the outputs, `thresholds` the probabilities from which each counts as
    predicted, `head` the weights of the head. Many reviews are read in the precision. Raises FileNotFoundError where
    the folder holds no classifier.
    """

    def __init__(self, folder: Path, precision: Precision = "float32") -> None:
        self._folder = folder
        info = read_json(folder / "info.json")
        self.labels: list[int] = info["labels"]
        self.thresholds: list[float] = info.get("thresholds") or [THRESHOLD] * len(self.labels)
        self._calibration: Calibration | None = info.get("calibration")
        self._pooling: tuple[int, int] = (info["max_length"], info["sequence_length"])
        self._encoder = Encoder(folder, FILE, ENCODER, precision=precision)
        self.head: Weights = {
            name.removeprefix(HEAD): tensor
            for name, tensor in load_file(folder / FILE).items()
            if name.startswith(HEAD)
        }

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file of its weights."""
        return sha256(self._folder / FILE)

    def reading(self, work: Work) -> Reading:
        """Return how the classifier reads many texts, a piece of work."""
        return Reading(self._encoder, work, *self._pooling)

    def read(self, features: np.ndarray) -> np.ndarray:
        """Return the logits of texts by their features: texts x labels."""
        return read_features(self.head, features)

    def features(self, tokens: Tokens) -> np.ndarray:
        """Return the encoder's features of each text; see `Encoder.features`."""
        return self._encoder.features(tokens, silent, *self._pooling)

    def probabilities(self, tokens: Tokens, report: Report) -> np.ndarray:
        """Return probabilities (reviews x labels), calibrated where the folder has a calibration."""
        features = self._encoder.features(tokens, named(report, STAGE), *self._pooling)
        return self.as_probabilities(self.read(features))

    def trace(self, tokens: Tokens) -> Trace:
        """Read one text and return its trace: its features, and what `logits_without` goes on from."""
        return self._encoder.trace(tokens.numbered(self._encoder.vocabulary)[0], *self._pooling)

    def logits_without(self, trace: Trace, parts: Sequence[tuple[int, int]]) -> np.ndarray:
        """Return the logits of one text, and in the rows below those of the text without each of its parts.

        See `Encoder.without`.
        """
        return read_features(self.head, self._encoder.without(trace, parts))

    def as_probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Return logits as probabilities, calibrated where the folder has a calibration."""
        return calibrated(logits, self._calibration) if self._calibration else expit(logits)

    def words(self, tokens: Tokens) -> list[tuple[int, list[str]]]:
        """Return for each text the count of words that were written, and those that are not in the vocabulary."""
        return [
            _words(tokens.words_of(row), numbers)
            for row, numbers in enumerate(tokens.numbered(self._encoder.vocabulary))
        ]


def _words(tokens: list[str], numbers: np.ndarray) -> tuple[int, list[str]]:
    """Return the count of words among the tokens of one text, and those with the number 0: not in the vocabulary."""
    words = [
        (word, number)
        for before, word, number in zip(["", *tokens[:-1]], tokens, numbers.tolist(), strict=True)
        # The count behind a marker of repetition is the tokenizer's.
        if is_word(word) and not (before in REPEATS and word.isdecimal())
    ]
    return len(words), [word for word, number in words if number == 0]


def is_word(token: str) -> bool:
    """Return whether a token is a word, not punctuation and not a marker that the tokenizer adds ("xxmaj")."""
    return not token.startswith("xx") and any(letter.isalnum() for letter in token)
