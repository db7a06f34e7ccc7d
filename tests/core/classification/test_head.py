"""The classifier's head alone."""

import numpy as np

from core.classification.head import read_features, train_head, train_heads
from core.progress import silent
from core.settings import ClassifierSettings
from core.training.fit import FitContext


def test_a_head_learns_what_the_features_say() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 36)).astype(np.float32)
    labels = features[:, :2] > 0
    settings = ClassifierSettings(head_epochs=10, batch_size=16)
    head = train_head(features, labels, settings, FitContext(0, silent))
    right = (read_features(head, features) > 0) == labels
    assert right.mean() > 0.9


def test_heads_side_by_side_are_those_trained_one_after_the_other() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(120, 36)).astype(np.float32)
    labels = features[:, :2] + rng.normal(size=(120, 2)) > 0
    settings, context = ClassifierSettings(batch_size=16), FitContext(0, silent)
    trains = np.arange(120) % 3 != np.arange(3)[:, None]
    for head, train in zip(train_heads(features, labels, trains, settings, context), trains, strict=True):
        alone = train_head(features[train], labels[train], settings, context)
        assert np.allclose(read_features(head, features), read_features(alone, features), atol=1e-3)


def test_a_smaller_part_is_filled_up_and_learns_from_nothing_else() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(150, 36)).astype(np.float32)
    labels = features[:, :1] > 0
    labels[100:] = ~labels[100:]
    trains = np.stack([np.arange(150) < 100, np.arange(150) >= 100])
    settings = ClassifierSettings(head_epochs=20, batch_size=16)
    first, second = train_heads(features, labels, trains, settings, FitContext(0, silent))
    for head, train in zip((first, second), trains, strict=True):
        right = (read_features(head, features) > 0) == labels
        assert right[train].mean() > 0.85 and right[~train].mean() < 0.3
