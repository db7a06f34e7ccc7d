"""The classifier's head alone."""

import numpy as np

from core.classification.head import read_features, train_head
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
