"""A reader of labels: the classifier's head on features of a frozen encoder."""

from dataclasses import dataclass

import numpy as np

from core.classification.head import STAGE, read_features, train_heads
from core.progress import Report, named
from core.settings import ClassifierSettings
from core.training.fit import FitContext


@dataclass(frozen=True)
class HeadReader:
    """Trains a head on features of the reviews; a `Reader`."""

    features: np.ndarray
    """As `Encoder.features` returns them: reviews x 3 embedding sizes."""
    settings: ClassifierSettings
    seed: int

    def logits(self, y_true: np.ndarray, trains: np.ndarray, report: Report) -> list[np.ndarray]:
        """Train a head for each row of `trains`, side by side; the curves are not reported."""
        context = FitContext(self.seed, named(report, STAGE))
        heads = train_heads(self.features, y_true, trains, self.settings, context)
        return [read_features(head, self.features[~train]) for head, train in zip(heads, trains, strict=True)]
