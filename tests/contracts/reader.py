"""The contract of a reader of labels."""

import numpy as np
import pytest

from core.classification.readers.base import Reader
from core.progress import silent

# Sixteen reviews: every other one carries the first label, the rest the second, and all the third.
FIRST = np.arange(16) % 2 == 0
Y_TRUE = np.stack([FIRST, ~FIRST, np.ones(16, bool)], axis=1)
TRAIN = np.arange(16) < 8


class ReaderContract:
    """A subclass defines the fixture `reader`, which holds 16 reviews that reveal the labels `Y_TRUE`."""

    @pytest.fixture
    def logits(self, reader: Reader) -> np.ndarray:
        return reader.logits(Y_TRUE, TRAIN[None], silent)[0]

    def test_the_others_have_finite_logits(self, logits: np.ndarray) -> None:
        assert logits.shape == (8, 3) and np.isfinite(logits).all()

    def test_what_reviews_reveal_is_read(self, logits: np.ndarray) -> None:
        carry = FIRST[~TRAIN]
        assert logits[carry, 0].min() > logits[~carry, 0].max()
        assert logits[~carry, 1].min() > logits[carry, 1].max()

    def test_training_repeats(self, reader: Reader, logits: np.ndarray) -> None:
        assert np.array_equal(reader.logits(Y_TRUE, TRAIN[None], silent)[0], logits)

    def test_labels_of_the_others_are_not_read(self, reader: Reader, logits: np.ndarray) -> None:
        flipped = np.where(TRAIN[:, None], Y_TRUE, ~Y_TRUE)
        assert np.array_equal(reader.logits(flipped, TRAIN[None], silent)[0], logits)

    def test_what_is_trained_at_once_shares_nothing(self, reader: Reader, logits: np.ndarray) -> None:
        first, second = reader.logits(Y_TRUE, np.stack([TRAIN, ~TRAIN]), silent)
        assert first.shape == second.shape == (8, 3)
        carry = FIRST[TRAIN]
        assert second[carry, 0].mean() > second[~carry, 0].mean()
        # Labels of the second part's others are labels that the first is trained on, and the other way round.
        flipped = np.where(TRAIN[:, None], Y_TRUE, ~Y_TRUE)
        again, _ = reader.logits(flipped, np.stack([TRAIN, ~TRAIN]), silent)
        assert np.allclose(again, first, atol=1e-4)
