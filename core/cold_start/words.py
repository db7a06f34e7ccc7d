"""Reviews -> vectors of their words by latent semantic analysis, where no other reader is available.

TF-IDF, projected on its leading singular vectors. Fitted once on many reviews, of any films, without their stars.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

DIRECTIONS = 300
"""Most directions; with a hundred, films are told apart less well."""
LEAST_REVIEWS, MOST = 10, 0.3
"""A word counts that at least so many reviews have, and at most this share of them."""
FEW = 5_000
"""Of fewer reviews, correspondingly fewer are enough."""
SWEEPS = 4
"""Power iterations of the randomised decomposition (Halko, Martinsson and Tropp 2011)."""


@dataclass(frozen=True)
class Words:
    """Which words count, how much, and the directions."""

    counter: TfidfVectorizer
    directions: np.ndarray
    """Words x directions."""

    @classmethod
    def learn(cls, texts: list[str], seed: int) -> "Words":
        """Learn from reviews."""
        counter = TfidfVectorizer(
            min_df=max(1, min(len(texts), FEW) * LEAST_REVIEWS // FEW),
            max_df=MOST,
            sublinear_tf=True,
            stop_words="english",
            dtype=np.float32,
        )
        counted = counter.fit_transform(texts)
        keep = min(DIRECTIONS, min(counted.shape) - 1)
        _, _, directions = randomized_svd(counted, keep, n_iter=SWEEPS, random_state=seed)
        return cls(counter, directions.T)

    def read(self, texts: list[str]) -> np.ndarray:
        """Return a vector a review: reviews x directions."""
        vectors: np.ndarray = self.counter.transform(texts) @ self.directions
        return vectors
