"""Readers learn nothing from the reviews of a fold that they predict."""

import numpy as np
import pytest
from contracts.reader import ReaderContract
from scipy.special import expit
from sklearn.metrics import average_precision_score

from core.classification.calibration import log_odds
from core.classification.labels import shuffled_labels
from core.classification.readers.base import align_folds, out_of_fold_logits
from core.classification.readers.counted_words import CountedWords
from core.classification.readers.heads import HeadReader
from core.language_model.tokens import Tokens
from core.settings import ClassifierSettings

WORDS = ["xxbos", "space", "love", "lonely"]
# Sixteen films of one review: half of space, half of love, in two folds.
SPACE = np.arange(16) % 2 == 0
FOLDS = np.arange(16) // 8
Y_TRUE = np.stack([SPACE, ~SPACE, np.ones(16, bool)], axis=1)


def tokens(texts: list[list[int]]) -> Tokens:
    offsets = np.cumsum([0, *map(len, texts)])
    return Tokens(np.concatenate(texts).astype(np.int32), offsets.astype(np.int64), WORDS)


REVIEWS = tokens([[0, 1 if space else 2] for space in SPACE])


def tfidf(texts: Tokens, y_true: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the probabilities by counted words, each fold's from the others."""
    probabilities: np.ndarray = expit(out_of_fold_logits(CountedWords(texts), y_true, folds))
    return probabilities


def test_words_that_tell_a_label_are_read_on_films_never_seen() -> None:
    probabilities = tfidf(REVIEWS, Y_TRUE, FOLDS)
    assert (probabilities[SPACE, 0] > 0.7).all() and (probabilities[~SPACE, 0] < 0.3).all()
    assert np.allclose(probabilities[:, 0] + probabilities[:, 1], 1, atol=1e-3)


def test_a_label_that_all_carry_has_its_frequency() -> None:
    # Half a review off 1.
    assert np.allclose(tfidf(REVIEWS, Y_TRUE, FOLDS)[:, 2], 8.5 / 9)


def same_order(some: np.ndarray, others: np.ndarray) -> bool:
    """Return whether the log-odds of a label differ by the same for all reviews: folds share their level."""
    return bool(np.allclose(np.ptp(log_odds(some) - log_odds(others), axis=0), 0, atol=1e-9))


def test_what_a_fold_says_and_carries_does_not_reach_its_own_predictions() -> None:
    before = tfidf(REVIEWS, Y_TRUE, FOLDS)[FOLDS == 0]
    turned = Y_TRUE.copy()
    turned[FOLDS == 0] = ~turned[FOLDS == 0]
    assert same_order(tfidf(REVIEWS, turned, FOLDS)[FOLDS == 0], before)
    # Another review of the fold gets a word that no other has: neither words nor rarity are learnt from it.
    texts = [[0, 1 if space else 2] for space in SPACE]
    texts[1] = [0, 3, 3, 1]
    changed = tfidf(tokens(texts), Y_TRUE, FOLDS)[FOLDS == 0]
    assert same_order(np.delete(changed, 1, axis=0), np.delete(before, 1, axis=0))


def test_with_aligned_folds_readers_that_know_only_frequencies_stay_at_chance() -> None:
    rng = np.random.default_rng(0)
    y_true = np.repeat(rng.random((20, 8)) < 0.4, 8, axis=0)
    folds = np.repeat(np.arange(20) % 5, 8)
    shares = np.stack([y_true[folds != fold].mean(0) for fold in range(5)])[folds]
    assert np.allclose(np.ptp(align_folds(shares, folds), axis=0), 0)
    gains = []
    for _ in range(20):
        scored = align_folds(shares + rng.normal(0, 0.5, y_true.shape), folds)
        gains += [average_precision_score(t, s) - t.mean() for t, s in zip(y_true.T, scored.T, strict=True)]
    # Noise alone is a little above the share of true rows.
    assert -0.02 < np.mean(gains) < 0.02


def test_labels_are_shuffled_between_films_a_film_s_together() -> None:
    films = np.repeat([7, 3, 5, 9], [1, 4, 2, 3])
    y_true = np.eye(4, dtype=bool)[np.unique(films, return_inverse=True)[1]]
    moved = shuffled_labels(y_true, films, seed=1)
    rows = [np.unique(moved[films == film], axis=0) for film in (3, 5, 7, 9)]
    assert all(len(row) == 1 for row in rows)
    assert sorted(int(row.argmax()) for row in rows) == [0, 1, 2, 3] and not (moved & y_true).any()


class TestCountedWords(ReaderContract):
    @pytest.fixture
    def reader(self) -> CountedWords:
        return CountedWords(REVIEWS)


class TestHead(ReaderContract):
    @pytest.fixture
    def reader(self) -> HeadReader:
        features = np.random.default_rng(0).normal(0, 0.1, (16, 12)).astype(np.float32)
        features[:, 0] += np.where(SPACE, 3, -3)
        return HeadReader(features, ClassifierSettings(head_epochs=50, phases=()), 42)
